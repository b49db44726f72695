//! Tokens that must be refused.

use aws_lc_rs::hmac;
use serde_json::Value;

/// A compact JWS taken apart, to be put together wrongly.
#[derive(Clone)]
pub struct Forgery {
    pub header: Value,
    pub claims: Value,
    signature: String,
}

impl Forgery {
    /// Starts from a genuine token.
    pub fn of(token: &str) -> Self {
        let [header, claims, signature] = token.split('.').collect::<Vec<_>>()[..] else {
            panic!("three parts");
        };
        Self {
            header: decode(header),
            claims: decode(claims),
            signature: signature.to_owned(),
        }
    }

    #[must_use]
    pub fn header(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.header[name] = value.into();
        self
    }

    #[must_use]
    pub fn claim(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.claims[name] = value.into();
        self
    }

    /// With the signature of the genuine token.
    pub fn with_old_signature(&self) -> String {
        format!("{}.{}", self.signing_input(), self.signature)
    }

    /// `alg: none` (CVE-2015-9235), with an empty signature.
    pub fn unsigned(&self) -> String {
        let forged = self.clone().header("alg", "none");
        format!("{}.", forged.signing_input())
    }

    /// HS256 with public bytes as the secret (CVE-2016-10555).
    pub fn signed_with_public(&self, public: &[u8]) -> String {
        let forged = self.clone().header("alg", "HS256");
        let key = hmac::Key::new(hmac::HMAC_SHA256, public);
        let tag = hmac::sign(&key, forged.signing_input().as_bytes());
        format!("{}.{}", forged.signing_input(), encode(tag.as_ref()))
    }

    /// Signed by a key that nobody trusts, which the header brings along (CVE-2018-0114).
    pub fn signed_by_stranger(&self) -> String {
        let (key, _) = keywright_jwt::SigningKey::generate(keywright_jwt::Algorithm::Es256)
            .expect("a key can be made");
        let payload = self.claims.to_string();
        key.sign("at+jwt", payload.as_bytes())
            .expect("a key can sign")
    }

    fn signing_input(&self) -> String {
        let part = |value: &Value| encode(value.to_string().as_bytes());
        format!("{}.{}", part(&self.header), part(&self.claims))
    }
}

/// The header of a token.
pub fn header(token: &str) -> Value {
    Forgery::of(token).header
}

/// The claims of a token, unverified.
pub fn claims(token: &str) -> Value {
    Forgery::of(token).claims
}

/// With another first character in its signature.
pub fn tampered(token: &str) -> String {
    let (rest, signature) = token.rsplit_once('.').expect("three parts");
    let first = if signature.starts_with('A') { 'B' } else { 'A' };
    format!("{rest}.{first}{}", &signature[1..])
}

/// Public texts and bytes of a JWKS that a careless library could take for a secret.
pub fn jwks_texts(jwks: &Value) -> Vec<Vec<u8>> {
    let keys = jwks["keys"].as_array().cloned().unwrap_or_default();
    let mut texts = vec![jwks.to_string().into_bytes()];
    for key in keys {
        texts.push(key.to_string().into_bytes());
        for member in ["x", "n", "y"] {
            if let Some(text) = key[member].as_str() {
                texts.push(text.as_bytes().to_vec());
                texts.push(
                    base64_simd::URL_SAFE_NO_PAD
                        .decode_to_vec(text)
                        .expect("base64url"),
                );
            }
        }
    }
    texts
}

fn decode(part: &str) -> Value {
    let bytes = base64_simd::URL_SAFE_NO_PAD
        .decode_to_vec(part)
        .expect("base64url");
    serde_json::from_slice(&bytes).expect("JSON")
}

fn encode(bytes: &[u8]) -> String {
    base64_simd::URL_SAFE_NO_PAD.encode_to_string(bytes)
}
