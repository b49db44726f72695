//! Who proves to hold a key with each request (DPoP, RFC 9449).

use std::sync::atomic::{AtomicU64, Ordering};

use aws_lc_rs::digest;
use http::{HeaderName, Method};
use keywright_jwt::{Algorithm, SigningKey};
use serde_json::{Value, json};

use crate::{Actor, Answer, escaped, seed};

pub const DPOP: HeaderName = HeaderName::from_static("dpop");

pub struct Prover {
    key: SigningKey,
    /// How many proofs were made: no two bear one name.
    made: AtomicU64,
}

impl Default for Prover {
    fn default() -> Self {
        Self::by(Algorithm::Es256)
    }
}

impl Prover {
    pub fn by(algorithm: Algorithm) -> Self {
        let (key, _) = SigningKey::generate(algorithm).expect("a key can be made");
        Self {
            key,
            made: AtomicU64::new(0),
        }
    }

    /// The thumbprint of the key.
    pub fn jkt(&self) -> String {
        self.key.public_jwk().expect("a key pair").thumbprint()
    }

    /// The claims of a good proof, except for nonce and token.
    pub fn claims(&self, actor: &Actor, method: &Method, path: &str) -> Value {
        let n = self.made.fetch_add(1, Ordering::SeqCst);
        json!({
            "htm": method.as_str(), "htu": format!("{}{path}", seed::ISSUER), "jti": format!("proof-{n}"),
            "iat": actor.issuer.issuer().now().secs(),
        })
    }

    pub fn sign(&self, typ: &str, claims: &Value) -> String {
        let header = json!({ "typ": typ, "alg": self.key.algorithm().as_str(), "jwk": self.key.public_jwk() });
        let encode = |part: &[u8]| base64_simd::URL_SAFE_NO_PAD.encode_to_string(part);
        let input = format!(
            "{}.{}",
            encode(header.to_string().as_bytes()),
            encode(claims.to_string().as_bytes())
        );
        let signature = self
            .key
            .signature(input.as_bytes())
            .expect("a key can sign");
        format!("{input}.{}", encode(&signature))
    }

    /// A proof for a request with `token`.
    pub fn proof_for(&self, actor: &Actor, method: &Method, path: &str, token: &str) -> String {
        let hash = digest::digest(&digest::SHA256, token.as_bytes());
        let mut claims = self.claims(actor, method, path);
        claims["ath"] = json!(base64_simd::URL_SAFE_NO_PAD.encode_to_string(hash));
        self.sign("dpop+jwt", &claims)
    }

    /// Posts this form with a good proof, with the nonce that the issuer asks for.
    pub async fn post_form(&self, actor: &Actor, path: &str, form: &[(&str, &str)]) -> Answer {
        let claims = self.claims(actor, &Method::POST, path);
        let asked = post_with(actor, path, form, &self.sign("dpop+jwt", &claims)).await;
        let Some(nonce) = asked.header("dpop-nonce").map(str::to_owned) else {
            return asked;
        };
        let mut claims = self.claims(actor, &Method::POST, path);
        claims["nonce"] = json!(nonce);
        post_with(actor, path, form, &self.sign("dpop+jwt", &claims)).await
    }

    /// A GET with a token that is bound to the key.
    pub async fn get(&self, actor: &Actor, path: &str, token: &str) -> Answer {
        let proof = self.proof_for(actor, &Method::GET, path, token);
        let actor = actor.presenting(token);
        actor
            .call(Method::GET, path)
            .header(DPOP, &proof)
            .send()
            .await
    }
}

/// Posts a form with this proof, whatever it is worth.
pub async fn post_with(actor: &Actor, path: &str, form: &[(&str, &str)], proof: &str) -> Answer {
    let form: Vec<String> = form
        .iter()
        .map(|(name, value)| format!("{name}={}", escaped(value)))
        .collect();
    let call = actor.call(Method::POST, path).form(&form.join("&"));
    call.header(DPOP, proof).send().await
}
