//! Keys of every algorithm, parsed once: [`SigningKey`] to sign, [`VerifyingKey`] to verify, [`PrivateKey`] at rest,
//! [`CompactWriter`] for a key that signs elsewhere.

mod private;
mod roca;
mod signing;
mod verifying;
mod writer;

pub use private::PrivateKey;
pub use signing::{SignError, SigningKey};
pub use verifying::{SignatureInvalid, VerifyingKey};
pub use writer::CompactWriter;

pub(crate) use roca::has_weak_primes;

use crate::Algorithm;

/// Why a key is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum KeyError {
    /// RFC 7518 §3.3 demands at least 2048 bits; the backend verifies at most 8192.
    #[error("an RSA key of {bits} bits is outside 2048..=8192")]
    RsaSize {
        /// Length of the modulus.
        bits: usize,
    },
    /// Small exponents make padding mistakes exploitable; huge ones make each verification slow (FIPS 186-5 §5.4).
    #[error("the RSA exponent is not an odd number between 65537 and 2^32")]
    RsaExponent,
    /// The key was made by a chip whose keys can be factored (CVE-2017-15361).
    #[error("the RSA key has primes that can be guessed (CVE-2017-15361)")]
    RsaPrimes,
    /// RFC 7518 §3.2: an HMAC key is at least as long as the hash.
    #[error("{algorithm} needs a secret of at least {needed} bytes, this one has {actual}")]
    ShortSecret {
        /// The algorithm it was meant for.
        algorithm: Algorithm,
        /// Length of the hash in bytes.
        needed: usize,
        /// Length of the secret in bytes.
        actual: usize,
    },
    /// The key is of another type or on another curve than the algorithm's.
    #[error("the key does not fit {0}")]
    WrongType(Algorithm),
    /// The key's own `alg` or `use` forbids the algorithm.
    #[error("the key is not meant for {0}")]
    WrongUse(Algorithm),
    /// The bytes are no key of this algorithm, or its parts contradict each other.
    #[error("not a valid {0} key")]
    Malformed(Algorithm),
    /// The backend could not make a key.
    #[error("key generation failed")]
    Generation,
}

/// The shortest secret that an HMAC algorithm takes: the length of its hash. `None` for asymmetric algorithms.
pub(crate) const fn secret_len(algorithm: Algorithm) -> Option<usize> {
    match algorithm {
        Algorithm::Hs256 => Some(32),
        Algorithm::Hs384 => Some(48),
        Algorithm::Hs512 => Some(64),
        Algorithm::Rs256
        | Algorithm::Ps256
        | Algorithm::Es256
        | Algorithm::Es384
        | Algorithm::EdDsa => None,
    }
}

/// The HMAC key of a symmetric algorithm, if the secret is long enough.
pub(crate) fn hmac_key(
    algorithm: Algorithm,
    secret: &[u8],
) -> Result<aws_lc_rs::hmac::Key, KeyError> {
    use aws_lc_rs::hmac;
    let hash = match algorithm {
        Algorithm::Hs256 => hmac::HMAC_SHA256,
        Algorithm::Hs384 => hmac::HMAC_SHA384,
        Algorithm::Hs512 => hmac::HMAC_SHA512,
        Algorithm::Rs256
        | Algorithm::Ps256
        | Algorithm::Es256
        | Algorithm::Es384
        | Algorithm::EdDsa => {
            return Err(KeyError::WrongType(algorithm));
        }
    };
    let needed = hash.tag_len();
    if secret.len() < needed {
        return Err(KeyError::ShortSecret {
            algorithm,
            needed,
            actual: secret.len(),
        });
    }
    Ok(hmac::Key::new(hash, secret))
}
