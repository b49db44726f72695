//! One issuer, one audience, one fixed time. Every test states only how its token differs from a good one.

use keywright_jwt::{Algorithm, JwkSet, SigningKey};
use keywright_verify::{KeySlot, Refusal, Verifier, VerifierBuilder};
use serde_json::{Value, json};

pub const ISSUER: &str = "https://id.example";
pub const AUDIENCE: &str = "https://orders.example";
pub const NOW: i64 = 1_700_000_000;

/// An issuer with one key.
pub struct Issuer {
    pub key: SigningKey,
}

impl Issuer {
    pub fn new(algorithm: Algorithm) -> Self {
        Self {
            key: SigningKey::generate(algorithm).expect("a fresh key").0,
        }
    }

    pub fn jwks(&self) -> JwkSet {
        JwkSet {
            keys: self.key.public_jwk().into_iter().collect(),
        }
    }

    pub fn slot(&self) -> KeySlot {
        if self.key.algorithm().is_symmetric() {
            KeySlot::from_keys([(self.key.kid().to_owned(), self.key.verifying_key())])
                .expect("a usable key")
        } else {
            KeySlot::new(self.jwks()).expect("a usable key")
        }
    }

    pub fn builder(&self) -> VerifierBuilder {
        Verifier::builder(ISSUER, self.slot())
            .audience(AUDIENCE)
            .clock(|| NOW)
    }

    pub fn verifier(&self) -> Verifier {
        self.builder().build().expect("a verifier")
    }

    /// Signs claims as an access token.
    pub fn token(&self, claims: &Value) -> String {
        self.key
            .sign("at+jwt", claims.to_string().as_bytes())
            .expect("a signature")
    }
}

/// The claims of a token that is fine in every respect.
pub fn good() -> Value {
    json!({
        "iss": ISSUER, "sub": "alice", "aud": AUDIENCE, "client_id": "shop", "exp": NOW + 300, "iat": NOW, "jti": "t1",
        "scope": "read:orders write:orders", "roles": ["editor"], "sid": "s1", "auth_time": NOW - 100, "acr": "mfa",
    })
}

/// A good token's claims with one of them changed; `Value::Null` removes it.
pub fn with(name: &str, value: impl Into<Value>) -> Value {
    let mut claims = good();
    let value = value.into();
    if value.is_null() {
        drop(
            claims
                .as_object_mut()
                .and_then(|claims| claims.remove(name)),
        );
    } else {
        claims[name] = value;
    }
    claims
}

pub fn code(outcome: Result<keywright_verify::Verified, Refusal>) -> &'static str {
    match outcome {
        Ok(_) => "accepted",
        Err(refusal) => refusal.code(),
    }
}

/// Waits until `holds`, at most ten seconds.
#[cfg(feature = "fetch")]
pub async fn eventually(what: &str, holds: impl Fn() -> bool) {
    for _ in 0..500 {
        if holds() {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    panic!("never: {what}");
}
