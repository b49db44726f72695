//! What a token names.

use crate::Time;
use crate::access::LONGEST_ACCESS;
use crate::feed::{StatusEntry, StatusValue};
use crate::keys::schedule::LEEWAY;

pub const INDEX_BITS: u32 = 20;
/// Entries of a list. A million logins; 256 KiB in memory, and about as many bytes on the wire as there are marks.
pub const ENTRIES: u32 = 1 << INDEX_BITS;
/// How many entries a node takes at a time, so that logins do not queue for one row.
pub const BLOCK: u32 = 64;

/// One entry of one list. Nothing else ever has the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct StatusRef {
    pub list: u32,
    pub index: u32,
}

impl StatusRef {
    pub const fn says(self, value: StatusValue) -> StatusEntry {
        StatusEntry {
            list: self.list,
            index: self.index,
            value,
        }
    }
}

/// When every token is dead that named the entry at `at`, also for a verifier that forgives a slow clock. From then on the mark
/// says nothing to anybody.
pub fn mark_ends(at: Time) -> Time {
    at + LONGEST_ACCESS + LEEWAY
}
