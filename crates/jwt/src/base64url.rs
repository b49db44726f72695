//! base64url without padding (RFC 7515 §2): one spelling per byte string.

use base64_simd::{Out, URL_SAFE_NO_PAD};

/// Text is not canonical base64url: a foreign character, padding, an impossible length, or trailing bits that are not zero.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not canonical base64url")]
pub struct NotBase64Url;

pub(crate) fn encode(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode_to_string(bytes)
}

pub(crate) fn append(bytes: &[u8], text: &mut String) {
    URL_SAFE_NO_PAD.encode_append(bytes, text);
}

pub(crate) const fn encoded_len(bytes: usize) -> usize {
    (bytes * 4).div_ceil(3)
}

pub(crate) fn decode(text: &[u8]) -> Result<Vec<u8>, NotBase64Url> {
    URL_SAFE_NO_PAD
        .decode_to_vec(text)
        .map_err(|_| NotBase64Url)
}

/// Decodes behind what `bytes` already holds. Reusing the vector saves the allocation.
pub(crate) fn decode_append(text: &[u8], bytes: &mut Vec<u8>) -> Result<(), NotBase64Url> {
    URL_SAFE_NO_PAD
        .decode_append(text, bytes)
        .map_err(|_| NotBase64Url)
}

/// Decodes into `space` and answers with the part that was written. What would not fit is refused.
pub(crate) fn decode_into<'s>(text: &[u8], space: &'s mut [u8]) -> Result<&'s [u8], NotBase64Url> {
    // The decoder asserts that there is room, so this must be exact.
    if text.len() / 4 * 3 + text.len() % 4 * 3 / 4 > space.len() {
        return Err(NotBase64Url);
    }
    URL_SAFE_NO_PAD
        .decode(text, Out::from_slice(space))
        .map(|decoded| &*decoded)
        .map_err(|_| NotBase64Url)
}
