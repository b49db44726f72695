use keywright_jwt::{Compact, Header};

use crate::{KeySlot, Refusal, Scratch};

/// Checks shape, type and signature of a token that the issuer publishes itself, such as a status list: it has no
/// audience, and what else it must say is its reader's matter.
pub(crate) fn verify(token: &str, typ: &str, keys: &KeySlot) -> Result<Scratch, Refusal> {
    let table = keys.load();
    let table = table.as_deref().ok_or(Refusal::KeysUnavailable)?;
    let compact = Compact::split(token)?;
    let json = compact.decode_header()?;
    let header = Header::parse(&json)?;
    if header.typ.as_deref() != Some(typ) {
        return Err(Refusal::WrongType);
    }
    let key = table.select(&header)?.key();
    let signature = compact.decode_signature()?;
    key.verify(compact.signing_input(), signature.as_bytes())
        .map_err(|_| Refusal::Signature)?;
    let mut scratch = Scratch::default();
    scratch.read(&compact)?;
    Ok(scratch)
}
