use std::collections::HashSet;

use serde::Serialize;

use super::{Jwk, parse};
use crate::json::{JsonError, Reader};

const MAX_SET_BYTES: usize = 512 * 1024;
const MAX_KEYS: usize = 256;

/// The public keys of one issuer (RFC 7517 §5).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct JwkSet {
    /// Keys in the order of the document.
    pub keys: Vec<Jwk>,
}

/// Why a key set is refused as a whole.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum JwkSetError {
    /// Not one JSON object with unique members.
    #[error("the key set is not valid JSON: {0}")]
    Json(#[from] JsonError),
    /// More than 512 KiB, or more than 256 keys.
    #[error("the key set is too large")]
    TooLarge,
    /// There is no `keys` array.
    #[error("the key set has no \"keys\"")]
    NoKeys,
    /// Two keys share a name, so a token could mean either.
    #[error("two keys are named {0:?}")]
    DuplicateKid(String),
}

impl JwkSet {
    /// Reads a published set. Keys that are of no use here (unknown type, encryption, weak, private members exposed)
    /// are left out as RFC 7517 §5 asks, so that an issuer may add new kinds of keys without breaking anybody.
    pub fn parse(json: &[u8]) -> Result<Self, JwkSetError> {
        if json.len() > MAX_SET_BYTES {
            return Err(JwkSetError::TooLarge);
        }
        let mut reader = Reader::new(json)?;
        let mut keys = None;
        reader.object(|reader, name| match name.bytes() {
            b"keys" => {
                keys = Some(read_keys(reader)?);
                Ok(())
            }
            _ => reader.skip().map_err(JwkSetError::Json),
        })?;
        reader.end()?;
        let keys = keys.ok_or(JwkSetError::NoKeys)?;
        refuse_duplicate_names(&keys)?;
        Ok(Self { keys })
    }

    /// The document to publish; equal sets give equal bytes.
    pub fn to_json(&self) -> String {
        // A map of strings cannot fail to serialise; an empty set is what a verifier can do least harm with.
        serde_json::to_string(self).unwrap_or_else(|_| r#"{"keys":[]}"#.to_owned())
    }

    /// The key of that name.
    pub fn find(&self, kid: &str) -> Option<&Jwk> {
        self.keys.iter().find(|key| key.kid() == Some(kid))
    }
}

fn read_keys(reader: &mut Reader<'_>) -> Result<Vec<Jwk>, JwkSetError> {
    let mut keys = Vec::new();
    let mut entries = 0;
    reader.array(|reader| {
        entries += 1;
        if entries > MAX_KEYS {
            return Err(JwkSetError::TooLarge);
        }
        keys.extend(parse::read(reader)?.ok());
        Ok(())
    })?;
    Ok(keys)
}

fn refuse_duplicate_names(keys: &[Jwk]) -> Result<(), JwkSetError> {
    let mut names = HashSet::new();
    match keys
        .iter()
        .filter_map(Jwk::kid)
        .find(|kid| !names.insert(*kid))
    {
        Some(kid) => Err(JwkSetError::DuplicateKid(kid.to_owned())),
        None => Ok(()),
    }
}
