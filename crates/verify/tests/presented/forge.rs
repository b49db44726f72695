//! Signs whatever it is given.

use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair};
use base64_simd::{STANDARD, URL_SAFE_NO_PAD};
use serde_json::{Value, json};

use crate::case::folder;

/// The moment at which everything is judged, as in the rest of the catalogue.
pub const NOW: i64 = 1_800_000_000;
pub const ISSUER: &str = "https://id.example";
pub const AUDIENCE: &str = "https://orders.example";

pub struct Key(Ed25519KeyPair);

impl Key {
    pub fn read(name: &str) -> Self {
        let pem =
            std::fs::read_to_string(folder().join("keys").join(format!("{name}.pem"))).unwrap();
        let body: String = pem
            .lines()
            .filter(|line| !line.starts_with("-----"))
            .collect();
        let der = STANDARD.decode_to_vec(body).unwrap();
        Self(Ed25519KeyPair::from_pkcs8_maybe_unchecked(&der).unwrap())
    }

    pub fn jwk(&self) -> Value {
        json!({"kty": "OKP", "crv": "Ed25519", "x": encode(self.0.public_key())})
    }

    pub fn thumbprint(&self) -> String {
        let x = encode(self.0.public_key());
        sha256(format!(r#"{{"crv":"Ed25519","kty":"OKP","x":"{x}"}}"#))
    }

    /// Header and payload are text, so that they need not be JSON.
    pub fn sign(&self, header: impl AsRef<str>, payload: impl AsRef<str>) -> String {
        let input = format!("{}.{}", encode(header.as_ref()), encode(payload.as_ref()));
        let signature = encode(self.0.sign(input.as_bytes()));
        format!("{input}.{signature}")
    }
}

pub fn encode(bytes: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode_to_string(bytes)
}

pub fn sha256(bytes: impl AsRef<[u8]>) -> String {
    encode(digest(&SHA256, bytes.as_ref()))
}

/// An object with one member changed; `Value::Null` removes it.
pub fn with(object: &Value, name: &str, value: Value) -> Value {
    let mut object = object.clone();
    if value.is_null() {
        object.as_object_mut().unwrap().remove(name);
    } else {
        object[name] = value;
    }
    object
}

/// A token whose signature is another's.
pub fn borrowed_signature(of: &str, from: &str) -> String {
    let (input, _) = of.rsplit_once('.').unwrap();
    let (_, signature) = from.rsplit_once('.').unwrap();
    format!("{input}.{signature}")
}
