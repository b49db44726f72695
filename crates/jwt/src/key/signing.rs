use std::borrow::Cow;
use std::fmt;

use aws_lc_rs::encoding::{AsDer, Pkcs8V1Der};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::{self, KeySize};
use aws_lc_rs::signature::{
    self, EcdsaKeyPair, EcdsaSigningAlgorithm, Ed25519KeyPair, KeyPair, RsaEncoding,
};
use aws_lc_rs::{hmac, rand};

use super::{CompactWriter, KeyError, PrivateKey, VerifyingKey, hmac_key, secret_len};
use crate::Algorithm;
use crate::jwk::{self, Jwk, Material};

/// A private key that is parsed and ready. `Debug` shows algorithm and `kid` only.
pub struct SigningKey {
    writer: CompactWriter,
    secret: Secret,
    public: Option<Jwk>,
    verifying: VerifyingKey,
}

enum Secret {
    Hmac(Box<hmac::Key>),
    Rsa(rsa::KeyPair, &'static dyn RsaEncoding),
    Ecdsa(EcdsaKeyPair),
    Ed25519(Ed25519KeyPair),
}

/// Why a token could not be signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SignError {
    /// `typ` is not the subtype of a media type (RFC 7515 §4.1.9), such as `at+jwt`.
    #[error("typ is not a media type")]
    MalformedType,
    /// The backend refused.
    #[error("signing failed")]
    Backend,
}

impl SigningKey {
    /// A fresh key: RSA of 2048 bits, or an HMAC secret as long as the hash.
    pub fn generate(algorithm: Algorithm) -> Result<(SigningKey, PrivateKey), KeyError> {
        let private = generate_private(algorithm)?;
        Ok((Self::from_private(algorithm, &private)?, private))
    }

    /// Parses PKCS#8 (or takes the raw secret of an HMAC algorithm) and refuses weak keys and wrong curves.
    pub fn from_private(algorithm: Algorithm, key: &PrivateKey) -> Result<SigningKey, KeyError> {
        let secret = parse_private(algorithm, key.as_bytes())?;
        let (kid, public, verifying) = match public_material(&secret, algorithm)? {
            Some(material) => {
                let jwk = Jwk::for_signing(material, algorithm);
                let verifying = VerifyingKey::from_jwk(&jwk, algorithm)?;
                (jwk.thumbprint(), Some(jwk), verifying)
            }
            None => {
                let verifying = VerifyingKey::from_secret(algorithm, key.as_bytes())?;
                (jwk::secret_thumbprint(key.as_bytes()), None, verifying)
            }
        };
        Ok(Self {
            writer: CompactWriter::new(algorithm, kid),
            secret,
            public,
            verifying,
        })
    }

    /// The one algorithm that this key signs with.
    pub fn algorithm(&self) -> Algorithm {
        self.writer.algorithm()
    }

    /// The RFC 7638 thumbprint (SHA-256, base64url): the same key has the same name everywhere.
    pub fn kid(&self) -> &str {
        self.writer.kid()
    }

    /// What a JWK set publishes. `None` for HMAC, whose key is a secret.
    pub fn public_jwk(&self) -> Option<Jwk> {
        self.public.clone()
    }

    /// The other half, for checking what this key signed.
    pub fn verifying_key(&self) -> VerifyingKey {
        self.verifying.clone()
    }

    /// Signs `payload` as a compact JWS with the header `{"alg","typ","kid"}`.
    pub fn sign(&self, typ: &str, payload: &[u8]) -> Result<String, SignError> {
        let signature_len = self.verifying.signature_len();
        self.writer
            .write(typ, payload, signature_len, |input| self.signature(input))
    }

    /// The encoded header that [`SigningKey::sign`] puts in front. A verifier that knows it need not parse it.
    pub fn encoded_header(&self, typ: &str) -> Result<Cow<'_, str>, SignError> {
        self.writer.encoded_header(typ)
    }

    /// Signs `message` as it is, for formats other than a compact JWS with our header.
    pub fn signature(&self, message: &[u8]) -> Result<Vec<u8>, SignError> {
        match &self.secret {
            Secret::Hmac(key) => Ok(hmac::sign(key, message).as_ref().to_vec()),
            Secret::Rsa(pair, padding) => {
                let mut signature = vec![0; pair.public_modulus_len()];
                let random = SystemRandom::new();
                pair.sign(*padding, &random, message, &mut signature)
                    .map_err(|_| SignError::Backend)?;
                Ok(signature)
            }
            Secret::Ecdsa(pair) => {
                let signature = pair
                    .sign(&SystemRandom::new(), message)
                    .map_err(|_| SignError::Backend)?;
                Ok(signature.as_ref().to_vec())
            }
            Secret::Ed25519(pair) => {
                let signature = pair.try_sign(message).map_err(|_| SignError::Backend)?;
                Ok(signature.as_ref().to_vec())
            }
        }
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SigningKey")
            .field("alg", &self.algorithm())
            .field("kid", &self.kid())
            .finish_non_exhaustive()
    }
}

fn ecdsa_algorithm(algorithm: Algorithm) -> Option<&'static EcdsaSigningAlgorithm> {
    match algorithm {
        Algorithm::Es256 => Some(&signature::ECDSA_P256_SHA256_FIXED_SIGNING),
        Algorithm::Es384 => Some(&signature::ECDSA_P384_SHA384_FIXED_SIGNING),
        Algorithm::Hs256
        | Algorithm::Hs384
        | Algorithm::Hs512
        | Algorithm::Rs256
        | Algorithm::Ps256
        | Algorithm::EdDsa => None,
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "a key is drawn by the backend, like every asymmetric one below"
)]
fn generate_private(algorithm: Algorithm) -> Result<PrivateKey, KeyError> {
    if let Some(len) = secret_len(algorithm) {
        let mut secret = vec![0; len];
        rand::fill(&mut secret).map_err(|_| KeyError::Generation)?;
        return Ok(PrivateKey::from_bytes(secret));
    }
    if let Some(curve) = ecdsa_algorithm(algorithm) {
        let pkcs8 = EcdsaKeyPair::generate(curve).and_then(|pair| pair.to_pkcs8v1());
        return pkcs8
            .map(|der| PrivateKey::from_bytes(der.as_ref().to_vec()))
            .map_err(|_| KeyError::Generation);
    }
    if algorithm == Algorithm::EdDsa {
        let pkcs8 = Ed25519KeyPair::generate().and_then(|pair| pair.to_pkcs8v1());
        return pkcs8
            .map(|der| PrivateKey::from_bytes(der.as_ref().to_vec()))
            .map_err(|_| KeyError::Generation);
    }
    let pair = rsa::KeyPair::generate(KeySize::Rsa2048).map_err(|_| KeyError::Generation)?;
    let der: Pkcs8V1Der<'_> = pair.as_der().map_err(|_| KeyError::Generation)?;
    Ok(PrivateKey::from_bytes(der.as_ref().to_vec()))
}

fn parse_private(algorithm: Algorithm, bytes: &[u8]) -> Result<Secret, KeyError> {
    let malformed = |_| KeyError::Malformed(algorithm);
    match algorithm {
        Algorithm::Hs256 | Algorithm::Hs384 | Algorithm::Hs512 => {
            hmac_key(algorithm, bytes).map(|key| Secret::Hmac(Box::new(key)))
        }
        Algorithm::Rs256 => rsa::KeyPair::from_pkcs8(bytes)
            .map(|pair| Secret::Rsa(pair, &signature::RSA_PKCS1_SHA256))
            .map_err(malformed),
        Algorithm::Ps256 => rsa::KeyPair::from_pkcs8(bytes)
            .map(|pair| Secret::Rsa(pair, &signature::RSA_PSS_SHA256))
            .map_err(malformed),
        Algorithm::Es256 | Algorithm::Es384 => {
            let curve = ecdsa_algorithm(algorithm).ok_or(KeyError::WrongType(algorithm))?;
            EcdsaKeyPair::from_pkcs8(curve, bytes)
                .map(Secret::Ecdsa)
                .map_err(malformed)
        }
        // OpenSSL writes PKCS#8 version 1, which carries no public key to compare with.
        Algorithm::EdDsa => Ed25519KeyPair::from_pkcs8_maybe_unchecked(bytes)
            .map(Secret::Ed25519)
            .map_err(malformed),
    }
}

fn public_material(secret: &Secret, algorithm: Algorithm) -> Result<Option<Material>, KeyError> {
    match secret {
        Secret::Hmac(_) => Ok(None),
        Secret::Rsa(pair, _) => {
            let public = pair.public_key();
            let n = public.modulus().big_endian_without_leading_zero();
            let e = public.exponent().big_endian_without_leading_zero();
            Material::rsa(n, e).map(Some)
        }
        Secret::Ecdsa(pair) => {
            Material::from_point(algorithm, pair.public_key().as_ref()).map(Some)
        }
        Secret::Ed25519(pair) => {
            Material::from_point(algorithm, pair.public_key().as_ref()).map(Some)
        }
    }
}
