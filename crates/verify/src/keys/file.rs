use std::io;
use std::path::Path;

use keywright_jwt::{JwkSet, JwkSetError};

use super::{KeySetRefused, KeySlot};

/// Why a JWK set at hand cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum KeyDocumentError {
    /// The file cannot be read.
    #[error("the key set cannot be read")]
    Io(#[from] io::Error),
    /// The document is no key set.
    #[error(transparent)]
    JwkSet(#[from] JwkSetError),
    /// The key set cannot be used.
    #[error(transparent)]
    Keys(#[from] KeySetRefused),
}

impl KeySlot {
    /// Holds the keys of a JWK set document, such as one that was compiled in.
    pub fn from_json(document: &[u8]) -> Result<Self, KeyDocumentError> {
        Ok(Self::new(JwkSet::parse(document)?)?)
    }

    /// Holds the keys of a JWK set in a file. Call [`KeySlot::load_file`] when it has changed.
    pub fn from_file(path: impl AsRef<Path>) -> Result<Self, KeyDocumentError> {
        let slot = Self::empty();
        slot.load_file(path)?;
        Ok(slot)
    }

    /// Takes the keys of a file in place of the old ones. After an error the old ones stay.
    pub fn load_file(&self, path: impl AsRef<Path>) -> Result<(), KeyDocumentError> {
        let document = std::fs::read(path)?;
        Ok(self.replace(JwkSet::parse(&document)?)?)
    }
}
