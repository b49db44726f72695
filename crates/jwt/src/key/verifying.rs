use std::fmt;

use aws_lc_rs::hmac;
use aws_lc_rs::signature::{self, ParsedPublicKey, RsaPublicKeyComponents};

use super::{KeyError, hmac_key};
use crate::Algorithm;
use crate::jwk::{Jwk, Material};

/// A key that is parsed once and verifies with one algorithm, whatever a token asks for (RFC 8725 §3.1).
#[derive(Clone)]
pub struct VerifyingKey {
    algorithm: Algorithm,
    signature_len: usize,
    backend: Backend,
}

#[derive(Clone)]
enum Backend {
    Hmac(Box<hmac::Key>),
    Public(ParsedPublicKey),
}

/// The signature is not this key's over these bytes. There is nothing more to say, and nothing more is said.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("signature is not valid")]
pub struct SignatureInvalid;

impl VerifyingKey {
    /// Parses a public key for one algorithm. The key's own `alg` and `use`, where present, must agree.
    pub fn from_jwk(jwk: &Jwk, algorithm: Algorithm) -> Result<Self, KeyError> {
        if jwk.algorithm().is_some_and(|pinned| pinned != algorithm) {
            return Err(KeyError::WrongUse(algorithm));
        }
        let malformed = |_| KeyError::Malformed(algorithm);
        let public = match (algorithm, jwk.material()) {
            (Algorithm::Rs256, Material::Rsa { n, e }) => RsaPublicKeyComponents { n, e }
                .to_parsed_public_key(&signature::RSA_PKCS1_2048_8192_SHA256)
                .map_err(malformed)?,
            (Algorithm::Ps256, Material::Rsa { n, e }) => RsaPublicKeyComponents { n, e }
                .to_parsed_public_key(&signature::RSA_PSS_2048_8192_SHA256)
                .map_err(malformed)?,
            (Algorithm::Es256, Material::P256(point)) => {
                ParsedPublicKey::new(&signature::ECDSA_P256_SHA256_FIXED, point)
                    .map_err(malformed)?
            }
            (Algorithm::Es384, Material::P384(point)) => {
                ParsedPublicKey::new(&signature::ECDSA_P384_SHA384_FIXED, point)
                    .map_err(malformed)?
            }
            (Algorithm::EdDsa, Material::Ed25519(point)) => {
                ParsedPublicKey::new(&signature::ED25519, point).map_err(malformed)?
            }
            (
                _,
                Material::Rsa { .. } | Material::P256(_) | Material::P384(_) | Material::Ed25519(_),
            ) => {
                return Err(KeyError::WrongType(algorithm));
            }
        };
        let signature_len = match jwk.material() {
            Material::Rsa { n, .. } => n.len(),
            Material::P256(_) | Material::Ed25519(_) => 64,
            Material::P384(_) => 96,
        };
        Ok(Self {
            algorithm,
            signature_len,
            backend: Backend::Public(public),
        })
    }

    /// An HMAC key. Refuses asymmetric algorithms and secrets shorter than the hash.
    pub fn from_secret(algorithm: Algorithm, secret: &[u8]) -> Result<Self, KeyError> {
        let key = hmac_key(algorithm, secret)?;
        Ok(Self {
            algorithm,
            signature_len: key.algorithm().tag_len(),
            backend: Backend::Hmac(Box::new(key)),
        })
    }

    /// The one algorithm that this key verifies.
    pub fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    /// The exact length in bytes of every signature of this key.
    pub fn signature_len(&self) -> usize {
        self.signature_len
    }

    /// Checks `signature` over `signing_input` (RFC 7515 §5.2 step 8).
    pub fn verify(&self, signing_input: &[u8], signature: &[u8]) -> Result<(), SignatureInvalid> {
        if signature.len() != self.signature_len {
            return Err(SignatureInvalid);
        }
        match &self.backend {
            Backend::Hmac(key) => {
                hmac::verify(key, signing_input, signature).map_err(|_| SignatureInvalid)
            }
            Backend::Public(key) => key
                .verify_sig(signing_input, signature)
                .map_err(|_| SignatureInvalid),
        }
    }
}

impl fmt::Debug for VerifyingKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("VerifyingKey")
            .field("alg", &self.algorithm)
            .finish_non_exhaustive()
    }
}
