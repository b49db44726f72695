//! JSON Web Keys (RFC 7517): public keys only. A document that carries a private member is refused.

mod material;
mod parse;
mod set;
mod small_order;

pub(crate) use material::Material;
pub use parse::JwkError;
pub(crate) use parse::read;
pub use set::{JwkSet, JwkSetError};

use std::fmt;

use aws_lc_rs::digest;
use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};

use crate::key::{KeyError, VerifyingKey};
use crate::{Algorithm, base64url};

/// A public signature key with its name and what it may be used for.
#[derive(Clone, PartialEq, Eq)]
pub struct Jwk {
    material: Material,
    kid: Option<String>,
    algorithm: Option<Algorithm>,
    signature_use: bool,
}

impl Jwk {
    /// A key as an issuer publishes it: named by its thumbprint, pinned to its algorithm.
    pub(crate) fn for_signing(material: Material, algorithm: Algorithm) -> Self {
        let kid = Some(material.thumbprint());
        Self {
            material,
            kid,
            algorithm: Some(algorithm),
            signature_use: true,
        }
    }

    /// The public half of a key on a curve that a vault keeps: an uncompressed point (`04‖x‖y`), or the 32 bytes of Ed25519. Named by its
    /// thumbprint, pinned to `algorithm`.
    pub fn from_point(algorithm: Algorithm, point: &[u8]) -> Result<Self, KeyError> {
        Self::checked(Material::from_point(algorithm, point)?, algorithm)
    }

    /// The public half of an RSA key that a vault keeps, as big-endian numbers without leading zeros.
    pub fn from_rsa(algorithm: Algorithm, n: &[u8], e: &[u8]) -> Result<Self, KeyError> {
        Self::checked(Material::rsa(n, e)?, algorithm)
    }

    /// Nothing is published that no verifier could use.
    fn checked(material: Material, algorithm: Algorithm) -> Result<Self, KeyError> {
        let jwk = Self::for_signing(material, algorithm);
        VerifyingKey::from_jwk(&jwk, algorithm)?;
        Ok(jwk)
    }

    /// Reads one public key, as in the `jwk` header of a DPoP proof (RFC 9449 §4.2).
    pub fn parse(json: &[u8]) -> Result<Self, JwkError> {
        parse::parse(json)
    }

    /// The name that token headers use for this key.
    pub fn kid(&self) -> Option<&str> {
        self.kid.as_deref()
    }

    /// The algorithm that the key itself is pinned to, if it says so.
    pub fn algorithm(&self) -> Option<Algorithm> {
        self.algorithm
    }

    /// The algorithms that a key of this type can verify: the pinned one, or all that the key type allows.
    pub fn usable_algorithms(&self) -> impl Iterator<Item = Algorithm> + '_ {
        let pinned = self.algorithm;
        let fitting = self.material.algorithms().iter().copied();
        fitting.filter(move |algorithm| pinned.is_none_or(|pinned| pinned == *algorithm))
    }

    /// The SHA-256 thumbprint of RFC 7638, base64url: what `cnf.jkt` and our `kid` hold.
    pub fn thumbprint(&self) -> String {
        self.material.thumbprint()
    }

    pub(crate) fn material(&self) -> &Material {
        &self.material
    }
}

impl Serialize for Jwk {
    /// Members in one fixed order, so that equal sets have equal bytes and equal `ETag`s.
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        for (name, value) in self.material.members() {
            map.serialize_entry(name, &value)?;
        }
        if let Some(kid) = &self.kid {
            map.serialize_entry("kid", kid)?;
        }
        if let Some(algorithm) = self.algorithm {
            map.serialize_entry("alg", algorithm.as_str())?;
        }
        if self.signature_use {
            map.serialize_entry("use", "sig")?;
        }
        map.end()
    }
}

impl fmt::Debug for Jwk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Jwk")
            .field("kty", &self.material.key_type())
            .field("kid", &self.kid)
            .field("alg", &self.algorithm)
            .finish_non_exhaustive()
    }
}

/// The thumbprint of a symmetric key as the `oct` JWK that it is (RFC 7638 §3.2).
pub(crate) fn secret_thumbprint(secret: &[u8]) -> String {
    let encoded = zeroize::Zeroizing::new(base64url::encode(secret));
    let canonical = zeroize::Zeroizing::new(format!(r#"{{"k":"{}","kty":"oct"}}"#, *encoded));
    base64url::encode(digest::digest(&digest::SHA256, canonical.as_bytes()).as_ref())
}
