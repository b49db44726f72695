use aws_lc_rs::hmac as mac;
use keywright_jwt::{Algorithm, KeyError, SigningKey};

use super::{Members, encode, signing_input};

/// An attacker's own key: nobody trusts it, whatever its tokens say.
pub struct Stranger(SigningKey);

impl Stranger {
    pub fn of(algorithm: Algorithm) -> Result<Self, KeyError> {
        SigningKey::generate(algorithm).map(|(key, _)| Self(key))
    }

    pub fn algorithm(&self) -> Algorithm {
        self.0.algorithm()
    }

    pub fn kid(&self) -> &str {
        self.0.kid()
    }

    /// The public half, as JSON.
    pub fn jwk(&self) -> String {
        let jwk = self.0.public_jwk();
        jwk.and_then(|jwk| serde_json::to_string(&jwk).ok())
            .unwrap_or_default()
    }

    /// Signs whatever the header says: it need not name this key or its algorithm. The backend signs as long as it has
    /// randomness; without it the signature is empty, which nobody accepts either.
    pub fn sign(&self, header: &Members, claims: &Members) -> String {
        let input = signing_input(header.json(), claims.json());
        let signature = self.0.signature(input.as_bytes()).unwrap_or_default();
        format!("{input}.{}", encode(signature))
    }
}

/// A token whose HMAC secret is whatever the caller thinks that the service may take for one.
pub fn hmac(algorithm: &str, secret: &[u8], header: &Members, claims: &Members) -> String {
    let hash = match algorithm {
        "HS384" => mac::HMAC_SHA384,
        "HS512" => mac::HMAC_SHA512,
        _ => mac::HMAC_SHA256,
    };
    let header = header.clone().with("alg", super::quote(algorithm));
    let input = signing_input(header.json(), claims.json());
    let tag = mac::sign(&mac::Key::new(hash, secret), input.as_bytes());
    format!("{input}.{}", encode(tag))
}
