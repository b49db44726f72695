//! Time and randomness. Passed in, so that a test runs a year of rotations in milliseconds and repeats it to the bit.

use crate::Time;

pub trait Clock: Send + Sync {
    fn now(&self) -> Time;
}

pub trait Entropy: Send + Sync {
    /// Fills `out` from a cryptographically secure source.
    fn fill(&self, out: &mut [u8]);
}

/// `N` random bytes.
pub(crate) fn random<const N: usize>(entropy: &dyn Entropy) -> [u8; N] {
    let mut bytes = [0; N];
    entropy.fill(&mut bytes);
    bytes
}
