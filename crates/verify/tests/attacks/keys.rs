//! The keys of the catalogue. They are published on purpose and good for nothing else.

use std::fs;

use aws_lc_rs::encoding::AsDer;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa;
use aws_lc_rs::signature::{
    self, EcdsaKeyPair, EcdsaSigningAlgorithm, Ed25519KeyPair, KeyPair, RsaEncoding,
};
use aws_lc_rs::{encoding::PublicKeyX509Der, hmac};
use base64_simd::{STANDARD, URL_SAFE_NO_PAD};

use crate::catalogue::folder;

pub const HS256_SECRET: &[u8] = b"a secret of at least 32 bytes for HS256";
pub const HS384_SECRET: &[u8] = b"a secret of at least 48 bytes for HS384, no fewer";
pub const HS512_SECRET: &[u8] =
    b"a secret of at least 64 bytes for HS512, as RFC 7518 section 3.2 asks";

/// Whoever signs: the issuer, somebody else, or nobody who knows how.
pub enum Signer {
    Hmac(Box<hmac::Key>),
    Rsa(rsa::KeyPair, &'static dyn RsaEncoding),
    Ecdsa(EcdsaKeyPair),
    Ed25519(Ed25519KeyPair),
    /// These bytes, whatever is signed.
    Fixed(Vec<u8>),
}

impl Signer {
    pub fn hmac(algorithm: &str, secret: &[u8]) -> Self {
        let hash = match algorithm {
            "HS256" => hmac::HMAC_SHA256,
            "HS384" => hmac::HMAC_SHA384,
            "HS512" => hmac::HMAC_SHA512,
            other => panic!("no HMAC algorithm: {other}"),
        };
        Self::Hmac(Box::new(hmac::Key::new(hash, secret)))
    }

    pub fn rsa(name: &str, encoding: &'static dyn RsaEncoding) -> Self {
        Self::Rsa(rsa_key(name), encoding)
    }

    pub fn ecdsa(name: &str, algorithm: &'static EcdsaSigningAlgorithm) -> Self {
        Self::Ecdsa(EcdsaKeyPair::from_pkcs8(algorithm, &pkcs8(name)).unwrap())
    }

    pub fn ed25519(name: &str) -> Self {
        Self::Ed25519(Ed25519KeyPair::from_pkcs8_maybe_unchecked(&pkcs8(name)).unwrap())
    }

    /// The issuer's own signer for an algorithm, with the key that [`kid_of`] names.
    pub fn of(algorithm: &str) -> Self {
        match algorithm {
            "ES256" => Self::ecdsa("es256-1", &signature::ECDSA_P256_SHA256_FIXED_SIGNING),
            "ES384" => Self::ecdsa("es384-1", &signature::ECDSA_P384_SHA384_FIXED_SIGNING),
            "RS256" => Self::rsa("rs256-1", &signature::RSA_PKCS1_SHA256),
            "PS256" => Self::rsa("ps256-1", &signature::RSA_PSS_SHA256),
            "EdDSA" => Self::ed25519("ed25519-1"),
            "HS256" => Self::hmac(algorithm, HS256_SECRET),
            "HS384" => Self::hmac(algorithm, HS384_SECRET),
            "HS512" => Self::hmac(algorithm, HS512_SECRET),
            other => panic!("no key for {other}"),
        }
    }

    pub fn is_rsa(&self) -> bool {
        matches!(self, Self::Rsa(..))
    }

    pub fn sign(&self, message: &[u8]) -> Vec<u8> {
        let random = SystemRandom::new();
        match self {
            Self::Hmac(key) => hmac::sign(key, message).as_ref().to_vec(),
            Self::Rsa(pair, encoding) => {
                let mut signed = vec![0; pair.public_modulus_len()];
                pair.sign(*encoding, &random, message, &mut signed).unwrap();
                signed
            }
            Self::Ecdsa(pair) => pair.sign(&random, message).unwrap().as_ref().to_vec(),
            Self::Ed25519(pair) => pair.sign(message).as_ref().to_vec(),
            Self::Fixed(bytes) => bytes.clone(),
        }
    }
}

/// The issuer's asymmetric algorithms.
pub const ASYMMETRIC: [&str; 5] = ["ES256", "ES384", "RS256", "PS256", "EdDSA"];

/// The name of the issuer's key for an asymmetric algorithm.
pub fn kid_of(algorithm: &str) -> &'static str {
    match algorithm {
        "ES256" => "es256-1",
        "ES384" => "es384-1",
        "RS256" => "rs256-1",
        "PS256" => "ps256-1",
        "EdDSA" => "ed25519-1",
        other => panic!("no key for {other}"),
    }
}

/// A public key in every form in which somebody may have it lying about.
pub struct Public {
    /// SubjectPublicKeyInfo, RFC 5280.
    pub spki: Vec<u8>,
    /// PKCS#1 for RSA, the point for curves.
    pub raw: Vec<u8>,
    pub jwk: String,
}

pub fn public(name: &str) -> Public {
    if name.contains("rs") || name.contains("ps256") {
        let pair = rsa_key(name);
        let key = pair.public_key();
        let (n, e) = (key.modulus(), key.exponent());
        let jwk = rsa_jwk(
            n.big_endian_without_leading_zero(),
            e.big_endian_without_leading_zero(),
        );
        let spki: PublicKeyX509Der<'_> = key.as_der().unwrap();
        return Public {
            spki: spki.as_ref().to_vec(),
            raw: key.as_ref().to_vec(),
            jwk,
        };
    }
    if name.contains("ed25519") {
        let pair = Ed25519KeyPair::from_pkcs8_maybe_unchecked(&pkcs8(name)).unwrap();
        let key = pair.public_key();
        let spki: PublicKeyX509Der<'_> = key.as_der().unwrap();
        let jwk = format!(
            r#"{{"kty":"OKP","crv":"Ed25519","x":"{}"}}"#,
            encode(key.as_ref())
        );
        return Public {
            spki: spki.as_ref().to_vec(),
            raw: key.as_ref().to_vec(),
            jwk,
        };
    }
    let (algorithm, curve) = if name.contains("es384") {
        (&signature::ECDSA_P384_SHA384_FIXED_SIGNING, "P-384")
    } else {
        (&signature::ECDSA_P256_SHA256_FIXED_SIGNING, "P-256")
    };
    let pair = EcdsaKeyPair::from_pkcs8(algorithm, &pkcs8(name)).unwrap();
    let key = pair.public_key();
    let spki: PublicKeyX509Der<'_> = key.as_der().unwrap();
    let jwk = ec_jwk(curve, &key.as_ref()[1..]);
    Public {
        spki: spki.as_ref().to_vec(),
        raw: key.as_ref().to_vec(),
        jwk,
    }
}

pub fn rsa_jwk(n: &[u8], e: &[u8]) -> String {
    format!(r#"{{"kty":"RSA","n":"{}","e":"{}"}}"#, encode(n), encode(e))
}

pub fn ec_jwk(curve: &str, coordinates: &[u8]) -> String {
    let (x, y) = coordinates.split_at(coordinates.len() / 2);
    format!(
        r#"{{"kty":"EC","crv":"{curve}","x":"{}","y":"{}"}}"#,
        encode(x),
        encode(y)
    )
}

/// The modulus of an RSA key, big-endian.
pub fn modulus(name: &str) -> Vec<u8> {
    let pair = rsa_key(name);
    pair.public_key()
        .modulus()
        .big_endian_without_leading_zero()
        .to_vec()
}

/// The modulus of a key that is too short to be loaded: the first integer of its PKCS#1 structure.
pub fn short_modulus() -> Vec<u8> {
    let der = pkcs8("weak-rsa1024");
    let integer = [0x02, 0x81, 0x81, 0x00];
    let at = der.windows(4).position(|window| window == integer).unwrap() + integer.len();
    der[at..at + 128].to_vec()
}

pub fn encode(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode_to_string(bytes)
}

pub fn pem(label: &str, der: &[u8], newline: &str) -> String {
    let body = STANDARD.encode_to_string(der);
    let mut text = format!("-----BEGIN {label}-----{newline}");
    for line in body.as_bytes().chunks(64) {
        text.push_str(std::str::from_utf8(line).unwrap());
        text.push_str(newline);
    }
    text + &format!("-----END {label}-----{newline}")
}

fn rsa_key(name: &str) -> rsa::KeyPair {
    rsa::KeyPair::from_pkcs8(&pkcs8(name)).unwrap()
}

fn pkcs8(name: &str) -> Vec<u8> {
    let text = fs::read_to_string(folder().join("keys").join(format!("{name}.pem"))).unwrap();
    let body: String = text
        .lines()
        .filter(|line| !line.starts_with("-----"))
        .collect();
    STANDARD.decode_to_vec(body).unwrap()
}
