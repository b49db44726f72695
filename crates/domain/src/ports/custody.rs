//! Where private keys rest and sign.

use std::sync::Arc;

use keywright_jwt::{Algorithm, Jwk, PrivateKey};
use zeroize::Zeroizing;

use crate::keys::KeyRecord;
use crate::secret::Sealed;

/// A key that has just been generated and sealed.
pub struct NewKey {
    pub kid: String,
    pub public: Option<Jwk>,
    pub sealed: Sealed,
}

/// A private key, ready to sign; it may live in this process or behind a vault's door.
pub trait Signer: Send + Sync {
    fn kid(&self) -> &str;
    fn algorithm(&self) -> Algorithm;
    /// A compact JWS over `payload`, with `typ` in its header.
    fn sign(&self, typ: &str, payload: &[u8]) -> Result<String, SignError>;
    /// Whether a signature can be had now. Asked before anything is written that would be in vain, or worse, without one: a refresh
    /// whose answer never leaves has still rotated. A key in this process is always ready.
    fn ready(&self) -> Result<(), SignError> {
        Ok(())
    }
}

/// Why nothing was signed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SignError {
    #[error(transparent)]
    Refused(#[from] keywright_jwt::SignError),
    /// The key is where it was; it cannot be reached, and may be again in a moment.
    #[error("the vault that keeps the key does not answer: {0}")]
    Unavailable(String),
}

pub trait Custody: Send + Sync {
    /// Whether keys of this algorithm can be made and used here. Answers from memory.
    fn supports(&self, algorithm: Algorithm) -> Result<(), CustodyError>;
    fn generate(&self, algorithm: Algorithm) -> Result<NewKey, CustodyError>;
    /// Opens a stored key, checks that it is the one that its `kid` names, and that a probe signature verifies.
    fn open(&self, record: &KeyRecord) -> Result<Arc<dyn Signer>, CustodyError>;
    /// A symmetric key in the clear, for the API that shares it; a key pair's private half is refused.
    fn reveal(&self, record: &KeyRecord) -> Result<PrivateKey, CustodyError>;
    /// Seals a server secret; `label` is bound to it, so that sealed secrets cannot be swapped.
    fn seal(&self, label: &str, secret: &[u8]) -> Result<Sealed, CustodyError>;
    fn unseal(&self, label: &str, sealed: &Sealed) -> Result<Zeroizing<Vec<u8>>, CustodyError>;
    /// The same server secret as new ones are sealed, if it is sealed otherwise: the custody is about to change.
    fn reseal(&self, label: &str, sealed: &Sealed) -> Result<Option<Sealed>, CustodyError>;
    /// The same signing key under the master key of now, if it is sealed under the previous one. It stays where it rests: no private half
    /// is moved from one kind of custody to another.
    fn reseal_key(&self, record: &KeyRecord) -> Result<Option<Sealed>, CustodyError>;
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CustodyError {
    #[error(
        "{label}: the master key does not open it (another master key, or the sealed bytes were changed)"
    )]
    WrongMasterKey { label: String },
    /// It is in good order, and the configuration does not name what opens it.
    #[error("{label}: it rests {rests}, and the configuration names {configured} alone")]
    Elsewhere {
        label: String,
        rests: &'static str,
        configured: &'static str,
    },
    #[error("{algorithm}: {detail}")]
    Unsupported {
        algorithm: Algorithm,
        detail: String,
    },
    #[error("{label}: {detail}")]
    BadKey { label: String, detail: String },
    #[error("the vault does not answer: {0}")]
    Unavailable(String),
}
