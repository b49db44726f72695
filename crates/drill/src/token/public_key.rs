//! The forms in which somebody may have handed a public key to a library that also takes secrets.

use base64_simd::STANDARD;
use serde_json::Value;

use super::decode;

/// Algorithm identifiers of SubjectPublicKeyInfo (RFC 5480 §2.1.1, RFC 8410 §4, RFC 3279 §2.3.1), as DER.
const P256: &[u8] = &[
    0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06, 0x08, 0x2a, 0x86, 0x48,
    0xce, 0x3d, 0x03, 0x01, 0x07,
];
const P384: &[u8] = &[
    0x30, 0x10, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06, 0x05, 0x2b, 0x81, 0x04,
    0x00, 0x22,
];
const ED25519: &[u8] = &[0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70];
const RSA: &[u8] = &[
    0x30, 0x0d, 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01, 0x05, 0x00,
];

const SEQUENCE: u8 = 0x30;
const INTEGER: u8 = 0x02;
const BIT_STRING: u8 = 0x03;

/// One key of the issuer's set, in every form that we know how to write.
pub struct PublicKey {
    pub kid: String,
    pub jwk: Value,
    /// The point, the 32 bytes, or RSAPublicKey (RFC 8017 §A.1.1).
    raw: Vec<u8>,
    spki: Vec<u8>,
}

impl PublicKey {
    /// `None` for key types that nobody here signs with.
    pub fn of(jwk: &Value) -> Option<Self> {
        let bytes = |name: &str| decode(jwk[name].as_str()?);
        let (identifier, raw) = match (jwk["kty"].as_str()?, jwk["crv"].as_str()) {
            ("EC", Some("P-256")) => (P256, [vec![4], bytes("x")?, bytes("y")?].concat()),
            ("EC", Some("P-384")) => (P384, [vec![4], bytes("x")?, bytes("y")?].concat()),
            ("OKP", Some("Ed25519")) => (ED25519, bytes("x")?),
            ("RSA", _) => {
                let numbers = [unsigned(&bytes("n")?), unsigned(&bytes("e")?)].concat();
                (RSA, element(SEQUENCE, &numbers))
            }
            _ => return None,
        };
        let bits = element(BIT_STRING, &[&[0], &raw[..]].concat());
        Some(Self {
            kid: jwk["kid"].as_str().unwrap_or_default().to_owned(),
            jwk: jwk.clone(),
            spki: element(SEQUENCE, &[identifier, &bits].concat()),
            raw,
        })
    }

    pub fn forms(&self) -> Vec<(&'static str, Vec<u8>)> {
        let text = pem("PUBLIC KEY", &self.spki, "\n");
        let mut forms = vec![
            ("PEM", text.clone().into_bytes()),
            ("PEM without the last line end", text.trim_end().into()),
            (
                "PEM with CRLF",
                pem("PUBLIC KEY", &self.spki, "\r\n").into(),
            ),
            ("PEM in one line", text.replace('\n', "").into()),
            (
                "the base64 inside the PEM",
                STANDARD.encode_to_string(&self.spki).into(),
            ),
            ("DER", self.spki.clone()),
            ("raw bytes", self.raw.clone()),
            ("JWK text", self.jwk.to_string().into()),
        ];
        for member in ["x", "n"] {
            let text = self.jwk[member].as_str();
            forms.extend(text.map(|text| ("the main member of the JWK", text.into())));
        }
        if self.jwk["kty"] == "RSA" {
            let pkcs1 = pem("RSA PUBLIC KEY", &self.raw, "\n");
            forms.push((
                "PKCS#1 PEM without the last line end",
                pkcs1.trim_end().into(),
            ));
            forms.push(("PKCS#1 PEM", pkcs1.into()));
        }
        forms
    }
}

fn pem(label: &str, der: &[u8], line_end: &str) -> String {
    let text = STANDARD.encode_to_string(der);
    let mut lines = vec![format!("-----BEGIN {label}-----")];
    let mut rest = text.as_str();
    while !rest.is_empty() {
        let (line, behind) = rest.split_at(rest.len().min(64));
        lines.push(line.to_owned());
        rest = behind;
    }
    lines.push(format!("-----END {label}-----"));
    lines.push(String::new());
    lines.join(line_end)
}

/// A positive INTEGER: a leading bit would make it negative.
fn unsigned(number: &[u8]) -> Vec<u8> {
    let sign: &[u8] = match number.first() {
        Some(first) if first & 0x80 == 0 => &[],
        _ => &[0],
    };
    element(INTEGER, &[sign, number].concat())
}

/// Tag, length, content (X.690 §8.1).
fn element(tag: u8, content: &[u8]) -> Vec<u8> {
    let length = content.len().to_be_bytes();
    let significant = length.iter().position(|byte| *byte != 0);
    let digits = &length[significant.unwrap_or(length.len() - 1)..];
    let mut der = vec![tag];
    if digits.len() > 1 || digits[0] >= 0x80 {
        // At most eight digits, so this fits.
        der.push(0x80 | u8::try_from(digits.len()).unwrap_or(8));
    }
    der.extend_from_slice(digits);
    der.extend_from_slice(content);
    der
}

#[cfg(test)]
mod tests {
    use aws_lc_rs::signature::{
        ECDSA_P256_SHA256_FIXED, ED25519, RSA_PKCS1_2048_8192_SHA256, UnparsedPublicKey,
        VerificationAlgorithm,
    };
    use keywright_jwt::{Algorithm, SigningKey};

    use super::*;

    /// A form that is no key at all would attack nobody: each DER is verified with.
    #[test]
    fn the_der_of_each_key_type_is_its_key() {
        let table: [(Algorithm, &'static dyn VerificationAlgorithm); 3] = [
            (Algorithm::Es256, &ECDSA_P256_SHA256_FIXED),
            (Algorithm::EdDsa, &ED25519),
            (Algorithm::Rs256, &RSA_PKCS1_2048_8192_SHA256),
        ];
        for (algorithm, backend) in table {
            let (key, _) = SigningKey::generate(algorithm).unwrap();
            let jwk = serde_json::to_value(key.public_jwk().unwrap()).unwrap();
            let public = PublicKey::of(&jwk).unwrap();
            let signature = key.signature(b"drill").unwrap();
            let parsed = UnparsedPublicKey::new(backend, &public.spki);
            parsed
                .verify(b"drill", &signature)
                .unwrap_or_else(|_| panic!("{algorithm}"));
        }
    }

    #[test]
    fn lengths_are_written_in_the_shortest_form() {
        assert_eq!(element(4, &[7]), [4, 1, 7]);
        assert_eq!(element(4, &[0; 128])[..3], [4, 0x81, 128]);
        assert_eq!(element(4, &[0; 256])[..4], [4, 0x82, 1, 0]);
    }
}
