//! What an issuer puts into an ID token (OpenID Connect Core §2).

use aws_lc_rs::digest;
use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};
use serde_json::{Map, Value};

use crate::access::{PayloadError, entry_if_some};
use crate::{Algorithm, base64url};

/// The claims of an ID token that is about to be signed. Empty lists and `None` leave the member out.
///
/// All times are seconds since the Unix epoch. There is no `azp`: the audience is one client, and it is the one that asked.
#[derive(Clone, Copy, Debug, Default)]
pub struct IdClaims<'a> {
    /// The issuer's identifier.
    pub iss: &'a str,
    /// The person, by the name that this client knows.
    pub sub: &'a str,
    /// The client.
    pub aud: &'a str,
    /// From this second on the token is dead.
    pub exp: i64,
    /// When it was minted.
    pub iat: i64,
    /// Its own name, unique per issuer.
    pub jti: &'a str,
    /// When the person proved who they are.
    pub auth_time: i64,
    /// The client's own word, which ties the token to its request.
    pub nonce: Option<&'a str>,
    /// How the person proved who they are, as a class.
    pub acr: Option<&'a str>,
    /// Which methods were used (RFC 8176).
    pub amr: &'a [&'a str],
    /// The client's session with the person (OpenID Connect Back-Channel Logout §2.1).
    pub sid: Option<&'a str>,
    /// [`half_hash`] of the access token that leaves with it.
    pub at_hash: Option<&'a str>,
    /// Claims that the client asked for. They must not bear one of the names above.
    pub extra: Option<&'a Map<String, Value>>,
}

/// Names that [`IdClaims`] writes itself, and those that would change what the token says of itself.
const RESERVED: [&str; 15] = [
    "iss",
    "sub",
    "aud",
    "exp",
    "nbf",
    "iat",
    "jti",
    "auth_time",
    "nonce",
    "acr",
    "amr",
    "azp",
    "sid",
    "at_hash",
    "c_hash",
];

impl IdClaims<'_> {
    /// The JSON payload to sign.
    pub fn to_payload(&self) -> Result<Vec<u8>, PayloadError> {
        if self.aud.is_empty() {
            return Err(PayloadError::NoAudience);
        }
        let mut extra = self.extra.into_iter().flatten();
        if let Some((name, _)) = extra.find(|(name, _)| RESERVED.contains(&name.as_str())) {
            return Err(PayloadError::Reserved(name.clone()));
        }
        let mut payload = Vec::with_capacity(640);
        serde_json::to_writer(&mut payload, self)?;
        Ok(payload)
    }
}

impl Serialize for IdClaims<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("iss", self.iss)?;
        map.serialize_entry("sub", self.sub)?;
        map.serialize_entry("aud", self.aud)?;
        map.serialize_entry("exp", &self.exp)?;
        map.serialize_entry("iat", &self.iat)?;
        map.serialize_entry("jti", self.jti)?;
        map.serialize_entry("auth_time", &self.auth_time)?;
        entry_if_some(&mut map, "nonce", self.nonce)?;
        entry_if_some(&mut map, "acr", self.acr)?;
        let amr = Some(self.amr).filter(|amr| !amr.is_empty());
        entry_if_some(&mut map, "amr", amr)?;
        entry_if_some(&mut map, "sid", self.sid)?;
        entry_if_some(&mut map, "at_hash", self.at_hash)?;
        for (name, value) in self.extra.into_iter().flatten() {
            map.serialize_entry(name, value)?;
        }
        map.end()
    }
}

/// The left half of the hash of `text`, as `at_hash` and `c_hash` carry it (OpenID Connect Core §3.1.3.6, §3.3.2.11). The hash is
/// the one of the algorithm that signs the ID token; of EdDSA with Ed25519 that is SHA-512 (RFC 8032 §5.1).
pub fn half_hash(algorithm: Algorithm, text: &str) -> String {
    let hash = match algorithm {
        Algorithm::Hs256 | Algorithm::Rs256 | Algorithm::Ps256 | Algorithm::Es256 => {
            &digest::SHA256
        }
        Algorithm::Hs384 | Algorithm::Es384 => &digest::SHA384,
        Algorithm::Hs512 | Algorithm::EdDsa => &digest::SHA512,
    };
    let digest = digest::digest(hash, text.as_bytes());
    let (left, _) = digest.as_ref().split_at(digest.as_ref().len() / 2);
    base64url::encode(left)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_half_hash_is_that_of_the_specification() {
        // OpenID Connect Core, appendices A.3 and A.4.
        let access_token = "jHkWEdUXMU1BwAsC4vtUsZwnNvTIxEl0z9K3vx5KF0Y";
        let code = "Qcb0Orv1zh30vL1MPRsbm-diHiMwcLyZvn1arpZv-Jxf_11jnpEX3Tgfvk";
        assert_eq!(
            half_hash(Algorithm::Rs256, access_token),
            "77QmUPtjPfzWtF2AnpK9RQ"
        );
        assert_eq!(half_hash(Algorithm::Rs256, code), "LDktKdoQak3Pk0cnXxCltA");
    }

    #[test]
    fn the_hash_is_as_long_as_the_algorithm_says() {
        let length = |algorithm| half_hash(algorithm, "token").len();
        assert_eq!(length(Algorithm::Es256), 22);
        assert_eq!(length(Algorithm::Es384), 32);
        assert_eq!(length(Algorithm::EdDsa), 43);
    }

    #[test]
    fn a_claim_that_was_asked_for_cannot_shadow_one_of_the_token() {
        for name in RESERVED {
            let mut extra = Map::new();
            extra.insert(name.to_owned(), json!("x"));
            let claims = IdClaims {
                aud: "client",
                extra: Some(&extra),
                ..IdClaims::default()
            };
            assert!(
                matches!(claims.to_payload(), Err(PayloadError::Reserved(of)) if of == name),
                "{name}"
            );
        }
    }

    #[test]
    fn what_is_absent_is_left_out() {
        let claims = IdClaims {
            iss: "https://id.example",
            sub: "person",
            aud: "client",
            ..IdClaims::default()
        };
        let written: Value = serde_json::from_slice(&claims.to_payload().unwrap()).unwrap();
        let mut names: Vec<&String> = written.as_object().unwrap().keys().collect();
        names.sort_unstable();
        assert_eq!(
            names,
            ["aud", "auth_time", "exp", "iat", "iss", "jti", "sub"]
        );
    }
}
