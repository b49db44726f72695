//! The JWK Set (RFC 7517 §5) as verifiers are served it.

use keywright_jwt::JwkSet;

use crate::Period;
use crate::keys::KeyRecord;

#[derive(Clone, Debug, Default)]
pub struct Jwks {
    pub set: JwkSet,
    /// `set` as JSON.
    pub body: String,
    /// A strong entity tag of the body, with its quotes (RFC 9110 §8.8.3).
    pub etag: String,
    /// How long a verifier may hold the answer. The schedule lets no key sign that has been served for less.
    pub max_age: Period,
}

impl Jwks {
    pub fn of(records: &[KeyRecord], max_age: Period) -> Self {
        let keys = records
            .iter()
            .filter(|r| r.state.is_served())
            .filter_map(|r| r.public.clone())
            .collect();
        let set = JwkSet { keys };
        let body = set.to_json();
        let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, body.as_bytes());
        let etag = format!(
            "\"{}\"",
            base64_simd::URL_SAFE_NO_PAD.encode_to_string(&digest.as_ref()[..12])
        );
        Self {
            set,
            body,
            etag,
            max_age,
        }
    }
}
