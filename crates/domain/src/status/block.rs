//! Entries that this node may give out, taken from the store in blocks.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::status::{BLOCK, Permutation, StatusRef};
use crate::{Issuer, Period, Time, Unavailable};

/// An entry is not given out later than this after it was taken: a full list that nothing refers to is dropped after a day, and
/// a quiet node must not still hold entries of it.
const FRESH: Period = Period::hours(1);

/// Positions of a list that are now this node's: [`BLOCK`] of them, beginning at `first`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Block {
    pub list: u32,
    pub first: u32,
}

/// An entry that nobody has yet.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Free {
    pub entry: StatusRef,
    taken_at: Time,
}

/// What is lost when the process ends is never given out again, which is fine: a list has a million.
#[derive(Default)]
pub(crate) struct FreeEntries(Mutex<VecDeque<Free>>);

impl FreeEntries {
    fn take(&self, now: Time) -> Option<Free> {
        let mut free = self.free();
        while let Some(first) = free.pop_front() {
            if now.since(first.taken_at) <= FRESH {
                return Some(first);
            }
        }
        None
    }

    fn add(&self, block: Block, order: &Permutation, now: Time) {
        let counters = block.first..block.first + BLOCK;
        let entries = counters.map(|counter| Free {
            entry: StatusRef {
                list: block.list,
                index: order.index(block.list, counter),
            },
            taken_at: now,
        });
        self.free().extend(entries);
    }

    fn give_back(&self, free: Free) {
        self.free().push_front(free);
    }

    fn free(&self) -> MutexGuard<'_, VecDeque<Free>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Issuer {
    /// An entry for a session or a client that is about to be written.
    pub(crate) async fn free_entry(&self, now: Time) -> Result<Free, Unavailable> {
        loop {
            if let Some(free) = self.status.free.take(now) {
                return Ok(free);
            }
            let block = self.outside.store.take_block(now).await?;
            self.status.free.add(block, &self.secrets.status, now);
        }
    }

    /// An entry that was not used after all. Never one of a write whose outcome is unknown.
    pub(crate) fn give_back(&self, free: Free) {
        self.status.free.give_back(free);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::keys::MacKey;

    const NOW: Time = Time::from_secs(1_800_000_000);

    fn filled() -> FreeEntries {
        let free = FreeEntries::default();
        let order = Permutation::new(MacKey::new(1, &[1; 32]));
        free.add(Block { list: 3, first: 64 }, &order, NOW);
        free
    }

    #[test]
    fn a_block_gives_each_of_its_entries_once() {
        let free = filled();
        let mut given: Vec<_> = std::iter::from_fn(|| free.take(NOW))
            .map(|f| f.entry)
            .collect();
        assert_eq!(given.len(), BLOCK as usize);
        given.sort();
        given.dedup();
        assert_eq!(given.len(), BLOCK as usize);
        assert!(given.iter().all(|entry| entry.list == 3));
    }

    #[test]
    fn what_is_given_back_is_given_out_next() {
        let free = filled();
        let first = free.take(NOW).unwrap();
        free.give_back(first);
        assert_eq!(free.take(NOW).unwrap().entry, first.entry);
    }

    #[test]
    fn a_node_that_was_quiet_for_long_takes_a_new_block() {
        let free = filled();
        assert!(free.take(NOW + FRESH).is_some());
        assert!(free.take(NOW + FRESH + Period::millis(1)).is_none());
    }
}
