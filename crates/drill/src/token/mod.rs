//! Taking tokens apart and putting them together wrongly. Nothing here is checked: that is the point.

mod genuine;
mod members;
mod public_key;
mod stranger;

pub use genuine::{Genuine, redacted};
pub use members::{Members, quote};
pub use public_key::PublicKey;
pub use stranger::{Stranger, hmac};

use base64_simd::URL_SAFE_NO_PAD;

pub fn encode(bytes: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode_to_string(bytes.as_ref())
}

pub fn decode(text: &str) -> Option<Vec<u8>> {
    URL_SAFE_NO_PAD.decode_to_vec(text).ok()
}

/// `header.payload`, from parts that need not be JSON.
pub fn signing_input(header: impl AsRef<[u8]>, payload: impl AsRef<[u8]>) -> String {
    format!("{}.{}", encode(header), encode(payload))
}
