//! What each JWS algorithm is called in Transit, and how its public keys are read.

use keywright_jwt::{Algorithm, Jwk};
use x509_parser::pem::parse_x509_pem;
use x509_parser::prelude::FromDer;
use x509_parser::public_key::PublicKey;
use x509_parser::x509::SubjectPublicKeyInfo;

use super::error::TransitError;
use crate::rsa::public_rsa;

/// How a key pair is made and asked to sign.
pub(super) struct Pair {
    pub key_type: &'static str,
    /// What follows the key's name in the path of a signature. Ed25519 hashes by itself.
    pub hash: &'static str,
    /// For RSA alone: the others have one way to sign.
    pub padding: Option<&'static str>,
}

/// `None` for symmetric algorithms, whose keys sign in this process. RSA keys are as long as `keywright_jwt::SigningKey::generate` makes them.
pub(super) const fn pair(algorithm: Algorithm) -> Option<Pair> {
    let (key_type, hash, padding) = match algorithm {
        Algorithm::Es256 => ("ecdsa-p256", "/sha2-256", None),
        Algorithm::Es384 => ("ecdsa-p384", "/sha2-384", None),
        Algorithm::EdDsa => ("ed25519", "", None),
        Algorithm::Rs256 => ("rsa-2048", "/sha2-256", Some("pkcs1v15")),
        Algorithm::Ps256 => ("rsa-2048", "/sha2-256", Some("pss")),
        Algorithm::Hs256 | Algorithm::Hs384 | Algorithm::Hs512 => return None,
    };
    Some(Pair {
        key_type,
        hash,
        padding,
    })
}

/// The public half as verifiers are served it. Transit writes Ed25519 keys as their 32 bytes in base64, and all others in PEM.
pub(super) fn public_jwk(algorithm: Algorithm, written: &str) -> Result<Jwk, TransitError> {
    let unexpected = || TransitError::unexpected("keys");
    if algorithm == Algorithm::EdDsa {
        let point = base64_simd::STANDARD.decode_to_vec(written);
        let point = point.map_err(|_| unexpected())?;
        return Ok(Jwk::from_point(algorithm, &point)?);
    }
    let (_, pem) = parse_x509_pem(written.as_bytes()).map_err(|_| unexpected())?;
    let (_, info) = SubjectPublicKeyInfo::from_der(&pem.contents).map_err(|_| unexpected())?;
    let parsed = info.parsed().map_err(|_| unexpected())?;
    if let PublicKey::EC(point) = &parsed {
        return Ok(Jwk::from_point(algorithm, point.data())?);
    }
    if let PublicKey::RSA(key) = &parsed {
        return Ok(public_rsa(algorithm, key.modulus, key.exponent)?);
    }
    Err(unexpected())
}
