//! Randomness that is the same on every machine: integers only, one stream for each session.

use keywright_domain::Period;

/// SplitMix64 (Steele, Lea, Flood 2014).
pub struct Random(u64);

impl Random {
    /// The stream of one session, whichever thread simulates it.
    pub fn new(seed: u64, session: u64) -> Self {
        let mut mixed = Self(seed);
        let start = mixed.next() ^ session.wrapping_mul(0x9E37_79B9_7F4A_7C15);
        let mut stream = Self(start);
        stream.next();
        stream
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    /// From `least` to `most`, both included.
    pub fn between(&mut self, least: i64, most: i64) -> i64 {
        let width = u64::try_from(most - least).unwrap_or(0) + 1;
        // The bias of a remainder is below 2^-40 for the widths of this simulation.
        least + i64::try_from(self.next() % width).unwrap_or(0)
    }

    pub fn millis(&mut self, least: i64, most: i64) -> Period {
        Period::millis(self.between(least, most))
    }

    pub fn secs(&mut self, least: i64, most: i64) -> Period {
        self.millis(least * 1000, most * 1000)
    }

    /// True `times` in ten thousand.
    pub fn chance(&mut self, times: i64) -> bool {
        self.between(1, 10_000) <= times
    }
}
