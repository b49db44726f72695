//! The bytes of a sealed secret: `version · master key id · nonce · ciphertext · tag`.
//!
//! AES-256-GCM with a random nonce of 96 bits: an issuer seals a few keys a month, far below the 2³² messages that
//! NIST SP 800-38D §8.3 allows for random nonces. Version, master key id and label are authenticated, so that nobody who
//! can write to the database can swap two sealed secrets or pass one off for another purpose.

use aws_lc_rs::aead::{AES_256_GCM, Aad, Nonce, RandomizedNonceKey};
use zeroize::Zeroizing;

use crate::MasterKey;
use crate::label::bound;
use crate::place::UNDER_MASTER_KEY;

const VERSION: u8 = UNDER_MASTER_KEY;
const ID_BYTES: usize = 4;
const NONCE_BYTES: usize = 12;
const TAG_BYTES: usize = 16;
const HEADER_BYTES: usize = 1 + ID_BYTES;

/// Seals under one master key.
pub(crate) struct Envelope {
    key: RandomizedNonceKey,
    /// Tells a wrong master key from damaged bytes. Derived apart from the sealing key, so it says nothing about it.
    id: [u8; ID_BYTES],
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum OpenError {
    #[error("it was sealed under another master key")]
    OtherMasterKey,
    #[error("its format has version {0}, and this release knows version {VERSION}")]
    UnknownVersion(u8),
    #[error("it is cut short")]
    Truncated,
    #[error("the sealed bytes were changed, or belong to another key")]
    Changed,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the cipher refused")]
pub(crate) struct CipherError;

impl Envelope {
    pub(crate) fn new(master: &MasterKey) -> Result<Self, CipherError> {
        let key = master.derive::<32>("seal: AES-256-GCM");
        let id = master.derive::<ID_BYTES>("id of the master key");
        let key = RandomizedNonceKey::new(&AES_256_GCM, &*key).map_err(|_| CipherError)?;
        Ok(Self { key, id: *id })
    }

    pub(crate) fn seal(&self, label: &str, secret: &[u8]) -> Result<Vec<u8>, CipherError> {
        let mut body = Zeroizing::new(secret.to_vec());
        let header = self.header();
        let aad = Aad::from(bound(&header, label));
        let nonce = self
            .key
            .seal_in_place_append_tag(aad, &mut *body)
            .map_err(|_| CipherError)?;
        let mut sealed = header.to_vec();
        sealed.extend_from_slice(nonce.as_ref());
        sealed.extend_from_slice(&body);
        Ok(sealed)
    }

    pub(crate) fn open(&self, label: &str, sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, OpenError> {
        let (header, rest) = sealed
            .split_first_chunk::<HEADER_BYTES>()
            .ok_or(OpenError::Truncated)?;
        let (nonce, body) = rest
            .split_first_chunk::<NONCE_BYTES>()
            .ok_or(OpenError::Truncated)?;
        if header[0] != VERSION {
            return Err(OpenError::UnknownVersion(header[0]));
        }
        if header[1..] != self.id {
            return Err(OpenError::OtherMasterKey);
        }
        if body.len() < TAG_BYTES {
            return Err(OpenError::Truncated);
        }
        let mut body = Zeroizing::new(body.to_vec());
        let nonce = Nonce::from(nonce);
        let aad = Aad::from(bound(header, label));
        let length = self
            .key
            .open_in_place(nonce, aad, &mut body)
            .map_err(|_| OpenError::Changed)?
            .len();
        body.truncate(length);
        Ok(body)
    }

    pub(crate) fn has_id_of(&self, other: &Self) -> bool {
        self.id == other.id
    }

    /// Whether this master key sealed it, by what the header says.
    pub(crate) fn sealed(&self, sealed: &[u8]) -> bool {
        sealed.starts_with(&self.header())
    }

    fn header(&self) -> [u8; HEADER_BYTES] {
        let mut header = [VERSION; HEADER_BYTES];
        header[1..].copy_from_slice(&self.id);
        header
    }
}
