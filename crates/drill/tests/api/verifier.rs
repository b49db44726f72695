//! A verifier by hand, as people write them, with a switch for one mistake at a time.

use std::fs;
use std::sync::Arc;

use aws_lc_rs::hmac;
use axum::http::StatusCode;
use base64_simd::{STANDARD, URL_SAFE_NO_PAD};
use keywright_jwt::{Algorithm, Jwk, JwkSet, VerifyingKey};
use serde::de::{MapAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::Value;

use crate::issuer::{AUDIENCE, FakeIssuer, NOW};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Weakness {
    AnswersWithoutToken,
    TakesAnySignature,
    AcceptsNone,
    TakesPublicKeyAsSecret,
    KnowsATutorialSecret,
    TrustsEmbeddedKey,
    FollowsKeyUrl,
    OpensKeyPath,
    IgnoresExpiry,
    SkipsMissingExpiry,
    IgnoresAudience,
    IgnoresIssuer,
    IgnoresType,
    IgnoresScope,
    IgnoresRevocation,
    TakesFirstOfDuplicates,
    FailsOnGarbage,
}

#[derive(Clone)]
pub struct LaxVerifier {
    issuer: FakeIssuer,
    key: Arc<(Jwk, VerifyingKey)>,
    weakness: Option<Weakness>,
}

/// JSON members in their order, duplicates included.
struct Members(Vec<(String, Value)>);

struct Token<'t> {
    input: &'t [u8],
    header: Value,
    claims: Members,
    signature: Vec<u8>,
}

impl LaxVerifier {
    pub fn new(issuer: &FakeIssuer, weakness: Option<Weakness>) -> Self {
        let set = JwkSet::parse(issuer.jwks().to_string().as_bytes()).unwrap();
        let key = VerifyingKey::from_jwk(&set.keys[0], Algorithm::Es256).unwrap();
        Self {
            issuer: issuer.clone(),
            key: Arc::new((set.keys[0].clone(), key)),
            weakness,
        }
    }

    fn has(&self, weakness: Weakness) -> bool {
        self.weakness == Some(weakness)
    }

    pub async fn judge(&self, token: Option<&str>) -> StatusCode {
        let Some(text) = token else {
            let open = self.has(Weakness::AnswersWithoutToken);
            return if open {
                StatusCode::OK
            } else {
                StatusCode::UNAUTHORIZED
            };
        };
        let Some(token) = Token::read(text) else {
            let fails = self.has(Weakness::FailsOnGarbage);
            return if fails {
                StatusCode::INTERNAL_SERVER_ERROR
            } else {
                StatusCode::UNAUTHORIZED
            };
        };
        if !self.is_signed(&token).await || !self.is_for_us_and_alive(&token) {
            return StatusCode::UNAUTHORIZED;
        }
        let scope = self.claim(&token, "scope");
        let may = scope
            .as_str()
            .is_some_and(|scope| scope.split(' ').any(|word| word == "read:orders"));
        if may || self.has(Weakness::IgnoresScope) {
            StatusCode::OK
        } else {
            StatusCode::FORBIDDEN
        }
    }

    async fn is_signed(&self, token: &Token<'_>) -> bool {
        let header = &token.header;
        let kid = header["kid"].as_str().unwrap_or_default();
        let keyed = |secret: &[u8]| {
            hmac::verify(
                &hmac::Key::new(hmac::HMAC_SHA256, secret),
                token.input,
                &token.signature,
            )
            .is_ok()
        };
        match header["alg"].as_str() {
            Some("none") => return self.has(Weakness::AcceptsNone) && token.signature.is_empty(),
            Some("HS256") if self.has(Weakness::TakesPublicKeyAsSecret) => {
                return keyed(self.pem().as_bytes());
            }
            Some("HS256") if self.has(Weakness::KnowsATutorialSecret) => {
                return keyed(b"your-256-bit-secret");
            }
            Some("HS256") if self.has(Weakness::OpensKeyPath) => {
                return fs::read(format!("/usr/lib/{kid}")).is_ok_and(|secret| keyed(&secret));
            }
            Some("ES256") => {}
            _ => return false,
        }
        let embedded = header["jwk"].is_object() && self.has(Weakness::TrustsEmbeddedKey);
        let url = header["jku"]
            .as_str()
            .filter(|_| self.has(Weakness::FollowsKeyUrl));
        if embedded {
            return signed_with(&header["jwk"], token);
        }
        if let Some(url) = url {
            let set: Value = reqwest::get(url).await.unwrap().json().await.unwrap();
            return signed_with(&set["keys"][0], token);
        }
        let (jwk, key) = &*self.key;
        let named = jwk.kid() == Some(kid);
        named && key.verify(token.input, &token.signature).is_ok()
            || self.has(Weakness::TakesAnySignature)
    }

    fn is_for_us_and_alive(&self, token: &Token<'_>) -> bool {
        let claim = |name| self.claim(token, name);
        let exp = claim("exp");
        let is_alive = match exp.as_i64() {
            Some(exp) => exp > NOW - 60,
            None => self.has(Weakness::SkipsMissingExpiry),
        };
        let revoked = claim("sid")
            .as_str()
            .is_some_and(|sid| self.issuer.ended.lock().unwrap().contains(sid));
        let is_due = claim("nbf").as_i64().is_none_or(|nbf| nbf <= NOW + 60);
        is_due
            && claim("cnf").is_null()
            && (is_alive || self.has(Weakness::IgnoresExpiry))
            && (claim("aud") == AUDIENCE || self.has(Weakness::IgnoresAudience))
            && (claim("iss") == self.issuer.url.as_str() || self.has(Weakness::IgnoresIssuer))
            && (token.header["typ"] == "at+jwt" || self.has(Weakness::IgnoresType))
            && (!revoked || self.has(Weakness::IgnoresRevocation))
    }

    fn claim(&self, token: &Token<'_>, name: &str) -> Value {
        let mut same = token.claims.0.iter().filter(|(known, _)| known == name);
        let found = if self.has(Weakness::TakesFirstOfDuplicates) {
            same.next()
        } else {
            same.next_back()
        };
        found.map_or(Value::Null, |(_, value)| value.clone())
    }

    /// The key file that somebody configured.
    fn pem(&self) -> String {
        let jwk = serde_json::to_value(&self.key.0).unwrap();
        let coordinate = |name: &str| {
            URL_SAFE_NO_PAD
                .decode_to_vec(jwk[name].as_str().unwrap())
                .unwrap()
        };
        let start = "3059301306072a8648ce3d020106082a8648ce3d03010703420004";
        let mut der: Vec<u8> = (0..start.len())
            .step_by(2)
            .map(|at| u8::from_str_radix(&start[at..at + 2], 16).unwrap())
            .collect();
        der.extend([coordinate("x"), coordinate("y")].concat());
        let text = STANDARD.encode_to_string(der);
        format!(
            "-----BEGIN PUBLIC KEY-----\n{}\n{}\n-----END PUBLIC KEY-----\n",
            &text[..64],
            &text[64..]
        )
    }
}

fn signed_with(jwk: &Value, token: &Token<'_>) -> bool {
    let key = Jwk::parse(jwk.to_string().as_bytes()).unwrap();
    let key = VerifyingKey::from_jwk(&key, Algorithm::Es256).unwrap();
    key.verify(token.input, &token.signature).is_ok()
}

impl<'t> Token<'t> {
    fn read(text: &'t str) -> Option<Self> {
        let parts: Vec<_> = text.split('.').collect();
        let [header, payload, signature] = parts[..] else {
            return None;
        };
        let bytes = |part: &str| URL_SAFE_NO_PAD.decode_to_vec(part).ok();
        Some(Self {
            input: &text.as_bytes()[..header.len() + 1 + payload.len()],
            header: serde_json::from_slice(&bytes(header)?).ok()?,
            claims: serde_json::from_slice(&bytes(payload)?).ok()?,
            signature: bytes(signature)?,
        })
    }
}

impl<'de> Deserialize<'de> for Members {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct InOrder;
        impl<'de> Visitor<'de> for InOrder {
            type Value = Members;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Members, A::Error> {
                let mut members = Vec::new();
                while let Some(member) = map.next_entry()? {
                    members.push(member);
                }
                Ok(Members(members))
            }
        }
        deserializer.deserialize_map(InOrder)
    }
}
