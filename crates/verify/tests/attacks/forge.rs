//! Puts tokens together from parts that nobody checks.

use crate::keys::{Signer, encode, kid_of};

pub const ISSUER: &str = "https://id.example";
pub const AUDIENCE: &str = "https://orders.example";
/// 2027-01-15T08:00:00Z: the moment at which every case is judged.
pub const NOW: i64 = 1_800_000_000;

/// An ordered list of JSON members as text, so that they can be duplicated, misspelt and broken.
#[derive(Clone)]
pub struct Members(Vec<(String, String)>);

impl Members {
    pub fn new(members: &[(&str, &str)]) -> Self {
        let owned = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
        Self(members.iter().map(owned).collect())
    }

    /// Puts `value` in place of the member's value, or at the end. Both are JSON as it will be sent.
    pub fn with(mut self, name: &str, value: &str) -> Self {
        match self.0.iter_mut().find(|(known, _)| known == name) {
            Some((_, old)) => value.clone_into(old),
            None => return self.and(name, value),
        }
        self
    }

    /// Adds a member at the end, whether or not it is there.
    pub fn and(mut self, name: &str, value: &str) -> Self {
        self.0.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Adds a member in front of all others.
    pub fn before(mut self, name: &str, value: &str) -> Self {
        self.0.insert(0, (name.to_owned(), value.to_owned()));
        self
    }

    pub fn without(mut self, name: &str) -> Self {
        self.0.retain(|(known, _)| known != name);
        self
    }

    pub fn json(&self) -> String {
        let members: Vec<_> = self
            .0
            .iter()
            .map(|(name, value)| format!(r#""{name}":{value}"#))
            .collect();
        format!("{{{}}}", members.join(","))
    }
}

/// Text as a JSON string.
pub fn quote(text: &str) -> String {
    serde_json::to_string(text).unwrap()
}

/// The header of a good access token signed with the issuer's key for this algorithm.
pub fn header(algorithm: &str) -> Members {
    Members::new(&[
        ("alg", &quote(algorithm)),
        ("typ", r#""at+jwt""#),
        ("kid", &quote(kid_of(algorithm))),
    ])
}

/// The claims of a good access token (RFC 9068 §2.2).
pub fn claims() -> Members {
    Members::new(&[
        ("iss", &quote(ISSUER)),
        ("sub", r#""alice""#),
        ("aud", &quote(AUDIENCE)),
        ("client_id", r#""shop""#),
        ("exp", &(NOW + 300).to_string()),
        ("iat", &(NOW - 10).to_string()),
        ("jti", r#""9b2d0f""#),
        ("scope", r#""read:orders""#),
    ])
}

/// A token from bytes that need not be JSON, with a signature over exactly what is sent.
pub fn token(header: impl AsRef<[u8]>, payload: impl AsRef<[u8]>, signer: &Signer) -> String {
    signed(&encode(header.as_ref()), &encode(payload.as_ref()), signer)
}

/// Like [`token`], from parts that are encoded already, well or badly.
pub fn signed(header: &str, payload: &str, signer: &Signer) -> String {
    let input = format!("{header}.{payload}");
    let signature = encode(&signer.sign(input.as_bytes()));
    format!("{input}.{signature}")
}

/// A good token but for its header. Ed25519 signs it, because its signatures are the same each time.
pub fn with_header(header: impl AsRef<[u8]>) -> String {
    token(header, claims().json(), &Signer::of("EdDSA"))
}

/// A good token but for its claims.
pub fn with_payload(payload: impl AsRef<[u8]>) -> String {
    token(header("EdDSA").json(), payload, &Signer::of("EdDSA"))
}

/// A good token.
pub fn good(algorithm: &str) -> String {
    token(
        header(algorithm).json(),
        claims().json(),
        &Signer::of(algorithm),
    )
}
