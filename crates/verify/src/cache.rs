//! Tokens that passed before. Every thread keeps its own, so that threads never wait for each other and a hit hands out
//! a reference instead of a copy.
//!
//! What is kept is the outcome of checks that cannot change: signature, type, parties, scopes. Time and revocation are
//! the caller's to check on each hit.

use std::cell::RefCell;
use std::fmt;
use std::sync::{Arc, Weak};

use keywright_jwt::Claims;

use crate::Scratch;

/// Places that a token may take, the one found longest ago going first when all are taken.
const WAYS: usize = 8;

/// The table gets a place for each so many bytes. Tokens need about three times as much, so that the table is never so
/// full that tokens in use push each other out.
const BYTES_PER_PLACE: usize = 512;

thread_local! {
    /// One per verifier that this thread has used. Those of verifiers that are gone go when another one comes.
    static LEVELS: RefCell<Vec<Level>> = const { RefCell::new(Vec::new()) };
}

/// The right to keep up to so many bytes per thread.
pub(crate) struct TokenCache {
    bytes: usize,
}

/// A token that was accepted, with its claims.
pub(crate) struct Kept {
    token: Box<str>,
    generation: u64,
    scratch: Scratch,
}

struct Level {
    owner: Weak<TokenCache>,
    places: Vec<Place>,
    budget: usize,
    used: usize,
    /// Counts lookups; what was found longest ago goes first.
    time: u32,
    /// Where room is made next when the budget is exceeded.
    hand: usize,
}

#[derive(Default)]
struct Place {
    tag: u64,
    found: u32,
    kept: Option<Arc<Kept>>,
}

impl TokenCache {
    pub fn new(bytes: usize) -> Arc<Self> {
        Arc::new(Self { bytes })
    }

    /// The outcome for exactly this token, if it was reached with this generation of keys.
    pub fn find(self: &Arc<Self>, token: &str, generation: u64) -> Option<Arc<Kept>> {
        self.with_level(|level| level.find(token, generation))
    }

    /// Keeps a token that was accepted, in place of others if need be.
    pub fn keep(self: &Arc<Self>, token: &str, generation: u64, scratch: Scratch) -> Arc<Kept> {
        let kept = Arc::new(Kept {
            token: token.into(),
            generation,
            scratch,
        });
        self.with_level(|level| level.keep(Arc::clone(&kept)));
        kept
    }

    fn with_level<T>(self: &Arc<Self>, work: impl FnOnce(&mut Level) -> T) -> T {
        LEVELS.with_borrow_mut(|levels| {
            let own = |level: &Level| std::ptr::eq(level.owner.as_ptr(), Arc::as_ptr(self));
            let at = levels.iter().position(own).unwrap_or_else(|| {
                levels.retain(|level| level.owner.strong_count() > 0);
                levels.push(Level::new(self));
                levels.len() - 1
            });
            work(&mut levels[at])
        })
    }
}

impl Kept {
    pub fn claims(&self) -> Claims<'_> {
        self.scratch.claims()
    }

    fn bytes(&self) -> usize {
        size_of::<Self>() + self.token.len() + self.scratch.capacity()
    }
}

impl fmt::Debug for Kept {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Whoever holds the token may use it.
        f.debug_struct("Kept").finish_non_exhaustive()
    }
}

impl Level {
    fn new(owner: &Arc<TokenCache>) -> Self {
        let sets = (owner.bytes / (BYTES_PER_PLACE * WAYS))
            .max(1)
            .next_power_of_two();
        let places: Vec<Place> = std::iter::repeat_with(Place::default)
            .take(sets * WAYS)
            .collect();
        Self {
            owner: Arc::downgrade(owner),
            budget: owner.bytes.saturating_sub(size_of_val(&*places)),
            places,
            used: 0,
            time: 0,
            hand: 0,
        }
    }

    fn find(&mut self, token: &str, generation: u64) -> Option<Arc<Kept>> {
        self.time = self.time.wrapping_add(1);
        let (tag, time) = (tag_of(token), self.time);
        let set = self.set(tag).iter_mut();
        let (found, kept) = set
            .filter(|place| place.tag == tag)
            .find_map(|place| Some((&mut place.found, place.kept.as_ref()?)))?;
        if *kept.token != *token || kept.generation != generation {
            return None;
        }
        *found = time;
        Some(Arc::clone(kept))
    }

    fn keep(&mut self, kept: Arc<Kept>) {
        let (tag, time, bytes) = (tag_of(&kept.token), self.time, kept.bytes());
        if bytes > self.budget {
            return;
        }
        // The same place again, or an empty one, or the one that was found longest ago.
        let age = |place: &Place| match &place.kept {
            Some(_) if place.tag == tag => (0, 0),
            None => (1, 0),
            Some(_) => (2, u32::MAX - time.wrapping_sub(place.found)),
        };
        let Some(place) = self.set(tag).iter_mut().min_by_key(|place| age(place)) else {
            return;
        };
        let before = place.kept.replace(kept);
        (place.tag, place.found) = (tag, time);
        self.used += bytes;
        self.used -= before.map_or(0, |kept| kept.bytes());
        self.make_room(tag);
    }

    /// Frees places in turn, but not the one just taken, until the budget holds.
    fn make_room(&mut self, newest: u64) {
        while self.used > self.budget {
            self.hand = (self.hand + 1) % self.places.len();
            let place = &mut self.places[self.hand];
            if place.tag != newest {
                self.used -= place.kept.take().map_or(0, |kept| kept.bytes());
            }
        }
    }

    fn set(&mut self, tag: u64) -> &mut [Place] {
        let sets = self.places.len() / WAYS;
        #[expect(
            clippy::cast_possible_truncation,
            reason = "the low bits choose the set"
        )]
        let first = (tag as usize & (sets - 1)) * WAYS;
        &mut self.places[first..first + WAYS]
    }
}

/// The end of a token is the end of its signature, which nobody but the issuer can choose for a token that is accepted:
/// so no sender can crowd a place, and the rest need not be hashed. The whole token is compared all the same.
fn tag_of(token: &str) -> u64 {
    const SPREAD: u64 = 0x9e37_79b9_7f4a_7c15;
    let bytes = token.as_bytes();
    let (rest, last) = bytes.split_last_chunk().unwrap_or((bytes, &[0; 8]));
    let before = rest.last_chunk().unwrap_or(&[0; 8]);
    let mixed = (u64::from_le_bytes(*last).wrapping_mul(SPREAD) ^ u64::from_le_bytes(*before))
        .wrapping_mul(SPREAD);
    mixed ^ mixed >> 32
}

#[cfg(test)]
mod tests {
    use super::*;

    fn token(number: usize) -> String {
        format!("header.payload-{number:0500}.signature-{number:032}")
    }

    fn used(cache: &Arc<TokenCache>) -> usize {
        cache.with_level(|level| {
            let kept = level.places.iter().filter_map(|place| place.kept.as_ref());
            let counted: usize = kept.map(|kept| kept.bytes()).sum();
            assert_eq!(counted, level.used);
            counted + size_of_val(&*level.places)
        })
    }

    #[test]
    fn a_token_is_found_whole_and_under_its_generation_only() {
        let cache = TokenCache::new(1 << 20);
        cache.keep(&token(1), 7, Scratch::default());
        assert!(cache.find(&token(1), 7).is_some());
        assert!(cache.find(&token(1), 8).is_none());
        // The same end, and so the same place, but another payload.
        assert!(
            cache
                .find(&token(1).replace("payload", "PAYLOAD"), 7)
                .is_none()
        );
        assert!(cache.find("", 7).is_none());
    }

    #[test]
    fn memory_stays_within_the_budget_however_many_tokens_come() {
        for bytes in [0, 100, 5_000, 100_000] {
            let cache = TokenCache::new(bytes);
            for number in 0..5_000 {
                cache.keep(&token(number), 1, Scratch::default());
                if number % 500 == 0 {
                    assert!(
                        used(&cache) <= bytes.max(WAYS * size_of::<Place>()),
                        "{bytes}"
                    );
                }
            }
            let last = cache.find(&token(4_999), 1).is_some();
            assert_eq!(last, bytes >= 5_000, "{bytes}");
        }
    }

    #[test]
    fn what_is_found_again_and_again_outlives_what_is_not() {
        // Places of one set only.
        let cache = TokenCache::new(2 * WAYS * BYTES_PER_PLACE - 1);
        let _: Vec<_> = (0..WAYS)
            .map(|number| cache.keep(&token(number), 1, Scratch::default()))
            .collect();
        let old = (0..WAYS)
            .rev()
            .find(|number| cache.find(&token(*number), 1).is_some());
        let old = old.expect("something is kept");
        for number in WAYS..10 * WAYS {
            cache.keep(&token(number), 1, Scratch::default());
            assert!(cache.find(&token(old), 1).is_some(), "{number}");
        }
    }

    #[test]
    fn tokens_of_a_verifier_that_is_gone_are_let_go() {
        let gone = TokenCache::new(1 << 20);
        let kept = gone.keep(&token(1), 1, Scratch::default());
        assert_eq!(Arc::strong_count(&kept), 2);
        drop(gone);
        TokenCache::new(1 << 20).find("", 1);
        assert_eq!(Arc::strong_count(&kept), 1);
    }

    #[test]
    fn a_kept_token_is_not_printed() {
        let kept = TokenCache::new(1 << 20).keep("secret.token.here", 1, Scratch::default());
        assert!(!format!("{kept:?}").contains("secret"));
    }
}
