//! From the order in which entries are given out to their places in the list.
//!
//! An index that counted up would tell everybody who holds a token how many people logged in since another one. A random
//! one could collide. A keyed permutation does neither: a Feistel network is one whatever its round function is.

use crate::keys::MacKey;
use crate::status::INDEX_BITS;

/// Luby and Rackoff need four; a domain this small is given more.
const ROUNDS: u8 = 8;
const HALF_BITS: u32 = INDEX_BITS / 2;
const HALF: u32 = (1 << HALF_BITS) - 1;

pub struct Permutation {
    key: MacKey,
}

impl Permutation {
    pub fn new(key: MacKey) -> Self {
        Self { key }
    }

    /// The place of the `counter`-th entry that was given out of `list`.
    pub fn index(&self, list: u32, counter: u32) -> u32 {
        let start = (counter >> HALF_BITS & HALF, counter & HALF);
        let (left, right) = (0..ROUNDS).fold(start, |(left, right), round| {
            (right, left ^ self.round(list, round, right))
        });
        left << HALF_BITS | right
    }

    fn round(&self, list: u32, round: u8, half: u32) -> u32 {
        let tag = self.key.mac(&[
            b"status-index",
            &list.to_be_bytes(),
            &[round],
            &half.to_be_bytes(),
        ]);
        u32::from_be_bytes([tag[0], tag[1], tag[2], tag[3]]) & HALF
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::status::ENTRIES;

    fn permutation(secret: u8) -> Permutation {
        Permutation::new(MacKey::new(1, &[secret; 32]))
    }

    #[test]
    fn every_entry_of_a_list_is_given_out_exactly_once() {
        let permutation = permutation(1);
        let mut seen = vec![false; ENTRIES as usize];
        for counter in 0..ENTRIES {
            let index = permutation.index(1, counter) as usize;
            assert!(!std::mem::replace(&mut seen[index], true), "{counter}");
        }
    }

    #[test]
    fn neighbours_in_time_are_no_neighbours_in_the_list() {
        let permutation = permutation(1);
        let indexes: Vec<_> = (0..1000).map(|n| permutation.index(1, n)).collect();
        let near = indexes
            .windows(2)
            .filter(|pair| pair[0].abs_diff(pair[1]) < ENTRIES / 1000)
            .count();
        assert!(near < 20, "{near} of 999");
        let ascending = indexes.windows(2).filter(|pair| pair[0] < pair[1]).count();
        assert!((400..600).contains(&ascending), "{ascending} of 999");
    }

    #[test]
    fn another_list_and_another_key_give_another_order() {
        let order = |secret, list| {
            let permutation = permutation(secret);
            (0..8)
                .map(move |n| permutation.index(list, n))
                .collect::<Vec<_>>()
        };
        assert_eq!(order(1, 1), order(1, 1));
        assert_ne!(order(1, 1), order(1, 2));
        assert_ne!(order(1, 1), order(2, 1));
    }
}
