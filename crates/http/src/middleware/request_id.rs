//! A name for each request, in the response and in every log line about it.

use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};

use http::{HeaderName, HeaderValue};

pub(super) const X_REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

const LONGEST: usize = 64;
const HEX: &[u8; 16] = b"0123456789abcdef";

/// Letters, digits, `-`, `_` and `.`, at most 64: safe in logs and headers. Cloning it copies nothing.
#[derive(Clone, PartialEq, Eq)]
pub struct RequestId(HeaderValue);

/// Makes identifiers that never repeat in a process, and practically never across processes with different seeds.
pub(super) struct RequestIds {
    seed: u64,
    next: AtomicU64,
}

impl RequestId {
    /// An identifier that somebody else made. `None` when it is not well formed: it would be written to logs.
    pub(super) fn accept(value: &HeaderValue) -> Option<Self> {
        let bytes = value.as_bytes();
        let plain = |b: &u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.');
        (!bytes.is_empty() && bytes.len() <= LONGEST && bytes.iter().all(plain))
            .then(|| Self(value.clone()))
    }

    pub fn as_str(&self) -> &str {
        self.0.to_str().unwrap_or_default()
    }

    pub(super) fn header(&self) -> HeaderValue {
        self.0.clone()
    }
}

impl RequestIds {
    pub fn new(seed: u64) -> Self {
        Self {
            seed,
            next: AtomicU64::new(0),
        }
    }

    /// Each step of the mix is a bijection, so counting never repeats an identifier, and nobody outside can tell from two of
    /// them how busy the server is.
    pub fn make(&self) -> RequestId {
        let count = self.next.fetch_add(1, Ordering::Relaxed);
        let id = mix(self
            .seed
            .wrapping_add(count.wrapping_mul(0x9e37_79b9_7f4a_7c15)));
        let mut text = [0; 16];
        for (digit, byte) in text.chunks_exact_mut(2).zip(id.to_be_bytes()) {
            digit[0] = HEX[usize::from(byte >> 4)];
            digit[1] = HEX[usize::from(byte & 15)];
        }
        // Hexadecimal digits are always a header value.
        RequestId(HeaderValue::from_bytes(&text).unwrap_or(HeaderValue::from_static("-")))
    }
}

/// The finaliser of SplitMix64 (Steele, Lea, Flood: Fast Splittable Pseudorandom Number Generators, 2014).
fn mix(mut z: u64) -> u64 {
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

impl fmt::Display for RequestId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for RequestId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn identifiers_do_not_repeat_and_do_not_count() {
        let ids = RequestIds::new(7);
        let made: Vec<_> = (0..10_000).map(|_| ids.make().to_string()).collect();
        assert_eq!(made.iter().collect::<HashSet<_>>().len(), made.len());
        assert!(made.iter().all(|id| id.len() == 16));
        assert!(!made.is_sorted());
    }

    #[test]
    fn only_well_formed_identifiers_are_accepted() {
        let long = "x".repeat(65);
        for (text, accepted) in [
            ("0af7651916cd43dd", true),
            ("a_b-c.d", true),
            ("", false),
            ("a b", false),
            ("a\tb", false),
            ("\u{e9}", false),
            (&long, false),
        ] {
            let value = HeaderValue::from_str(text)
                .unwrap_or_else(|_| HeaderValue::from_bytes(text.as_bytes()).unwrap());
            assert_eq!(RequestId::accept(&value).is_some(), accepted, "{text:?}");
        }
    }
}
