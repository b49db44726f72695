//! Where private keys rest and sign.

use std::sync::Arc;

use keywright_jwt::{Algorithm, Jwk, PrivateKey, SignError};
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
}

pub trait Custody: Send + Sync {
    fn generate(&self, algorithm: Algorithm) -> Result<NewKey, CustodyError>;
    /// Opens a stored key, checks that it is the one that its `kid` names, and that a probe signature verifies.
    fn open(&self, record: &KeyRecord) -> Result<Arc<dyn Signer>, CustodyError>;
    /// A symmetric key in the clear, for the API that shares it; a key pair's private half is refused.
    fn reveal(&self, record: &KeyRecord) -> Result<PrivateKey, CustodyError>;
    /// Seals a server secret; `label` is bound to it, so that sealed secrets cannot be swapped.
    fn seal(&self, label: &str, secret: &[u8]) -> Result<Sealed, CustodyError>;
    fn unseal(&self, label: &str, sealed: &Sealed) -> Result<Zeroizing<Vec<u8>>, CustodyError>;
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CustodyError {
    #[error(
        "{label}: the master key does not open it (another master key, or the sealed bytes were changed)"
    )]
    WrongMasterKey { label: String },
    #[error("{label}: {detail}")]
    BadKey { label: String, detail: String },
}
