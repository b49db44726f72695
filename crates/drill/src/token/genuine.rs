use keywright_jwt::{Algorithm, decode_unverified};
use serde_json::Value;

use super::{Members, decode, encode};
use crate::CannotRun;

/// As much of a token as a report shows.
const SHOWN: usize = 400;

/// The valid token that attacks are derived from, taken apart.
#[derive(Clone)]
pub struct Genuine {
    pub algorithm: Algorithm,
    pub header: Members,
    pub claims: Members,
    said: Value,
    parts: [String; 3],
}

impl Genuine {
    pub fn parse(token: &str) -> Result<Self, CannotRun> {
        let unusable =
            |why: String| CannotRun::Unusable(format!("the token given is no JWT: {why}"));
        let read = decode_unverified(token).map_err(|error| unusable(error.to_string()))?;
        let name = read.header["alg"].as_str().unwrap_or_default();
        let algorithm = name
            .parse()
            .map_err(|_| unusable(format!("its algorithm is {name:?}")))?;
        let parts: Vec<String> = token.split('.').map(str::to_owned).collect();
        Ok(Self {
            algorithm,
            header: Members::of(&read.header),
            claims: Members::of(&read.claims),
            said: read.claims,
            parts: parts
                .try_into()
                .map_err(|_| unusable("it has not three parts".to_owned()))?,
        })
    }

    pub fn token(&self) -> String {
        self.parts.join(".")
    }

    /// `header.payload` as they came.
    pub fn input(&self) -> String {
        format!("{}.{}", self.parts[0], self.parts[1])
    }

    pub fn head(&self) -> &str {
        &self.parts[0]
    }

    pub fn payload(&self) -> &str {
        &self.parts[1]
    }

    pub fn signature(&self) -> &str {
        &self.parts[2]
    }

    pub fn signature_bytes(&self) -> Vec<u8> {
        decode(&self.parts[2]).unwrap_or_default()
    }

    /// What it came with, behind another signature.
    pub fn signed_by(&self, signature: &[u8]) -> String {
        format!("{}.{}", self.input(), encode(signature))
    }

    pub fn claim(&self, name: &str) -> &Value {
        &self.said[name]
    }

    pub fn text(&self, name: &str) -> &str {
        self.said[name].as_str().unwrap_or_default()
    }
}

/// The token as a report may show it: nobody can use it without its signature.
pub fn redacted(token: &str) -> String {
    let (shown, cut) = match token.rsplit_once('.') {
        Some((rest, signature)) if rest.contains('.') && !signature.is_empty() => {
            (format!("{rest}."), signature.chars().count())
        }
        _ => (token.to_owned(), 0),
    };
    let mut text: String = shown.chars().take(SHOWN).collect();
    let cut = cut + shown.chars().count().saturating_sub(SHOWN);
    if cut > 0 {
        text.push_str(&format!("… ({cut} more characters)"));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shown_token_lacks_its_signature() {
        assert_eq!(redacted("aa.bb.secret"), "aa.bb.… (6 more characters)");
        assert_eq!(redacted("aa.bb."), "aa.bb.");
        let long = redacted(&format!("{}.bb.secret", "a".repeat(500)));
        assert!(long.starts_with("aaa") && long.ends_with("… (110 more characters)"));
    }

    #[test]
    fn refresh_tokens_are_no_jwt_and_are_refused_as_a_baseline() {
        assert!(Genuine::parse("kwr_1_abc").is_err());
    }
}
