//! Looking at the issuer from outside, as verifiers do.

use crate::ports::Answer;

pub trait Probe: Send + Sync {
    /// The body of the key set, fetched through the issuer's public URL. It may take seconds, and must come to an end.
    fn key_set(&self) -> Answer<'_, Vec<u8>>;
}
