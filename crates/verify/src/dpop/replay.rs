use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use aws_lc_rs::digest::{Context, SHA256};

use super::ProofError;

/// Threads that mark different proofs rarely wait for each other.
const SHARDS: usize = 16;

/// Remembers every proof for as long as it could be replayed, in bounded memory.
pub(super) struct ReplayWindow {
    capacity_per_shard: usize,
    /// The last second at which each proof would be accepted again. By the clock that decides about that: one that was
    /// wrong for a while leaves the proofs of that while behind, and forgets none of the others.
    shards: [Mutex<HashMap<u128, i64>>; SHARDS],
}

impl ReplayWindow {
    /// Remembers about `capacity` proofs.
    pub fn new(capacity: usize) -> Self {
        Self {
            capacity_per_shard: capacity.div_ceil(SHARDS),
            shards: Default::default(),
        }
    }

    /// Refuses what was marked before.
    pub fn mark(&self, name: u128, last: i64, now: i64) -> Result<(), ProofError> {
        let shard = &self.shards[(name % SHARDS as u128) as usize];
        let mut used = shard.lock().unwrap_or_else(PoisonError::into_inner);
        if used.contains_key(&name) {
            return Err(ProofError::Replayed);
        }
        if used.len() >= self.capacity_per_shard {
            // A few thousand at most, so even a flood that leaves it full pays microseconds.
            used.retain(|_, last| *last >= now);
        }
        if used.len() >= self.capacity_per_shard {
            return Err(ProofError::Overload);
        }
        used.insert(name, last);
        Ok(())
    }
}

/// RFC 9449 §11.1: `jti` is unique per key at best, so both name the proof. Half of a hash is enough: whoever finds two
/// proofs of one name locks out their own.
pub(super) fn name_of(jkt: &str, jti: &str) -> u128 {
    let mut context = Context::new(&SHA256);
    // A thumbprint has one length, so the pair cannot be cut in two ways.
    context.update(jkt.as_bytes());
    context.update(jti.as_bytes());
    let half = context.finish().as_ref().first_chunk::<16>().copied();
    u128::from_be_bytes(half.unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: i64 = 1_700_000_000;
    const LAST: i64 = NOW + 65;

    #[test]
    fn a_proof_is_remembered_as_long_as_it_could_be_replayed() {
        let window = ReplayWindow::new(1);
        window.mark(0, LAST, NOW).unwrap();
        for now in NOW..=LAST {
            assert_eq!(window.mark(0, LAST, now), Err(ProofError::Replayed));
            assert_eq!(window.mark(16, LAST + 9, now), Err(ProofError::Overload));
        }
        assert_eq!(window.mark(16, LAST + 9, LAST + 1), Ok(()));
        assert_eq!(
            window.mark(0, LAST + 9, LAST + 1),
            Err(ProofError::Overload)
        );
    }

    #[test]
    fn a_full_window_refuses_rather_than_forgets() {
        let window = ReplayWindow::new(1_600);
        let taken = |from: u128| {
            (from..from + 5_000)
                .filter(|name| window.mark(*name, LAST, NOW).is_ok())
                .count()
        };
        assert_eq!((taken(0), taken(5_000)), (1_600, 0));
        assert_eq!(window.mark(0, LAST, NOW), Err(ProofError::Replayed));
        assert_eq!(window.mark(9_999, LAST + 99, LAST + 1), Ok(()));
    }

    #[test]
    fn a_clock_that_jumps_and_returns_forgets_nothing_and_locks_nobody_out() {
        let window = ReplayWindow::new(160);
        window.mark(1, LAST, NOW).unwrap();
        let far = NOW + 1_000_000;
        window.mark(2, far + 65, far).unwrap();
        for round in 0..10 {
            let now = NOW + round * 100;
            for name in 0..140 {
                let name = u128::from(name + 1_000 * round.unsigned_abs());
                assert_eq!(window.mark(name + 10, now + 65, now), Ok(()), "{name}");
            }
            assert_eq!(window.mark(2, far + 65, far), Err(ProofError::Replayed));
        }
    }

    #[test]
    fn a_proof_is_named_by_its_key_and_its_own_name() {
        let names = [
            name_of("key1", "proof"),
            name_of("key2", "proof"),
            name_of("key1", "proof2"),
        ];
        assert!(names[0] != names[1] && names[0] != names[2] && names[1] != names[2]);
        assert_eq!(names[0], name_of("key1", "proof"));
    }
}
