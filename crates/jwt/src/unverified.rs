use serde_json::Value;

use crate::compact::{Compact, CompactError};

/// What a token says about itself. Nothing in here has been verified: for display and debugging only.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Unverified {
    /// The JOSE header.
    pub header: Value,
    /// The claims.
    pub claims: Value,
    /// Length of the decoded signature in bytes.
    pub signature_len: usize,
}

/// Why a token cannot be shown.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum UnreadableToken {
    /// Not a compact JWS.
    #[error(transparent)]
    Compact(#[from] CompactError),
    /// A part is base64url, but not of JSON.
    #[error("the {part} is not JSON: {source}")]
    Json {
        /// `header` or `payload`.
        part: &'static str,
        /// What the JSON reader met.
        source: serde_json::Error,
    },
}

/// Decodes a token without checking anything. Deliberately lenient, so that a refused token can be looked at; no
/// decision may rest on it.
pub fn decode_unverified(token: &str) -> Result<Unverified, UnreadableToken> {
    let compact = Compact::split(token)?;
    let mut payload = Vec::new();
    compact.decode_payload(&mut payload)?;
    Ok(Unverified {
        header: read("header", &compact.decode_header()?)?,
        claims: read("payload", &payload)?,
        signature_len: compact.decode_signature()?.as_bytes().len(),
    })
}

fn read(part: &'static str, json: &[u8]) -> Result<Value, UnreadableToken> {
    serde_json::from_slice(json).map_err(|source| UnreadableToken::Json { part, source })
}
