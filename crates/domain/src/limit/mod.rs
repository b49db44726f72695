//! Rate limits by GCRA (the virtual scheduling form of ITU-T I.371): one instant per key, no counters to reset.
//!
//! Limits count failures. An attempt is checked first and charged when it has failed, so a person who logs in correctly is
//! never locked out, however often and however many at once. Guesses that run side by side are all charged, beyond the
//! quota if need be: what they gain at once they wait for afterwards, and the hash pool's queue bounds how many can run.
//!
//! The table has a fixed size and hashed keys with a secret seed: a flood of invented names costs no memory, and nobody can aim
//! at another's slot. Full sets forget the key that is nearest to being forgiven.

mod failures;

use std::hash::{BuildHasher, Hasher};
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};

use crate::{Period, Time};

const SETS: usize = 4096;
const WAYS: usize = 8;

/// What is limited, and for whom.
#[derive(Clone, Copy, Debug, Hash)]
pub enum LimitKey<'a> {
    /// Failed logins to a name from one network.
    Login(&'a str, Network),
    /// Failed logins to a name from anywhere: wider, so that a stranger cannot easily lock somebody out.
    LoginAnywhere(&'a str),
    /// Failures of any kind from one network.
    Address(Network),
    /// Letters to one address.
    LettersTo(&'a str),
    /// Letters that one network asks for.
    LettersFrom(Network),
    /// Requests that public clients push from one network.
    PushedFrom(Network),
    /// Failed authentications of a client from one network.
    Client(&'a str, Network),
    /// Device codes that one network asks for.
    DeviceCodes(Network),
    /// Refusals of what a client brings of trusted issuers, as far as they are on record.
    TrustRefusals(&'a str),
    /// Clients that register themselves from one network.
    Registrations(Network),
}

/// An IPv4 address, or the /64 of an IPv6 one: whoever has one address there has all of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Network(Option<[u8; 8]>);

/// So many at once, then one each `interval`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Quota {
    pub burst: u32,
    pub interval: Period,
}

/// Refused by a limit; the caller may try again after this time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("too many attempts; try again in {} s", .retry_after.as_secs())]
pub struct Limited {
    pub retry_after: Period,
}

pub struct Limits {
    sets: Box<[Mutex<[Slot; WAYS]>]>,
    seed: Seed,
}

#[derive(Clone, Copy, Default)]
struct Slot {
    key: u64,
    /// The theoretical arrival time: when the key's quota is whole again.
    whole_at: Time,
}

#[derive(Clone, Copy)]
struct Seed([u8; 16]);

impl From<Option<IpAddr>> for Network {
    fn from(address: Option<IpAddr>) -> Self {
        Self(address.map(|address| match address.to_canonical() {
            IpAddr::V4(v4) => {
                let [a, b, c, d] = v4.octets();
                [0xff, 0xff, 0xff, 0xff, a, b, c, d]
            }
            IpAddr::V6(v6) => {
                let [a, b, c, d, e, f, g, h, ..] = v6.octets();
                [a, b, c, d, e, f, g, h]
            }
        }))
    }
}

impl Limits {
    pub fn new(seed: [u8; 16]) -> Self {
        let sets = (0..SETS)
            .map(|_| Mutex::new([Slot::default(); WAYS]))
            .collect();
        Self {
            sets,
            seed: Seed(seed),
        }
    }

    /// Whether the quota of `key` has room for an attempt; takes nothing.
    pub fn check(&self, key: LimitKey<'_>, quota: Quota, now: Time) -> Result<(), Limited> {
        let id = self.id(key);
        let set = self.set(id);
        let whole_at = set
            .iter()
            .find(|slot| slot.key == id)
            .map_or(now, |slot| slot.whole_at);
        quota.room(whole_at, now)
    }

    /// Charges a failed attempt, also beyond the quota: then the key waits until that is paid for, too.
    pub fn charge(&self, key: LimitKey<'_>, quota: Quota, now: Time) {
        let id = self.id(key);
        let mut set = self.set(id);
        if let Some(slot) = slot_of(&mut set, id, now) {
            slot.whole_at = slot.whole_at.max(now) + quota.interval;
        }
    }

    /// Checks and charges in one: for what costs whether or not it succeeds, such as a letter.
    pub fn take(&self, key: LimitKey<'_>, quota: Quota, now: Time) -> Result<(), Limited> {
        let id = self.id(key);
        let mut set = self.set(id);
        let Some(slot) = slot_of(&mut set, id, now) else {
            return Ok(());
        };
        quota.room(slot.whole_at, now)?;
        slot.whole_at = slot.whole_at.max(now) + quota.interval;
        Ok(())
    }

    fn id(&self, key: LimitKey<'_>) -> u64 {
        self.seed.hash_one(key) | 1
    }

    fn set(&self, id: u64) -> std::sync::MutexGuard<'_, [Slot; WAYS]> {
        let index = usize::try_from(id >> 32).unwrap_or(0) % SETS;
        self.sets[index]
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

impl Quota {
    /// Whether one more attempt fits, for a key whose quota is whole again at `whole_at`.
    fn room(self, whole_at: Time, now: Time) -> Result<(), Limited> {
        let span = Period::millis(
            self.interval
                .as_millis()
                .saturating_mul(i64::from(self.burst)),
        );
        let allowed_at = whole_at.max(now) + self.interval - span;
        if allowed_at > now {
            return Err(Limited {
                retry_after: allowed_at.since(now),
            });
        }
        Ok(())
    }
}

/// The slot of a key; a new key takes the place of the one that is nearest to being forgiven.
fn slot_of(set: &mut [Slot; WAYS], id: u64, now: Time) -> Option<&mut Slot> {
    if let Some(found) = set.iter().position(|slot| slot.key == id) {
        return set.get_mut(found);
    }
    let oldest = set.iter_mut().min_by_key(|slot| slot.whole_at)?;
    *oldest = Slot {
        key: id,
        whole_at: now,
    };
    Some(oldest)
}

impl BuildHasher for Seed {
    type Hasher = std::hash::DefaultHasher;

    fn build_hasher(&self) -> Self::Hasher {
        let mut hasher = std::hash::DefaultHasher::new();
        hasher.write(&self.0);
        hasher
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const QUOTA: Quota = Quota {
        burst: 3,
        interval: Period::secs(10),
    };

    fn at(secs: i64) -> Time {
        Time::from_secs(1_000_000 + secs)
    }

    #[test]
    fn a_burst_passes_then_one_each_interval() {
        let limits = Limits::new([1; 16]);
        let key = LimitKey::LoginAnywhere("ann");
        for _ in 0..3 {
            assert_eq!(limits.take(key, QUOTA, at(0)), Ok(()));
        }
        assert_eq!(
            limits.take(key, QUOTA, at(0)),
            Err(Limited {
                retry_after: Period::secs(10)
            })
        );
        assert_eq!(
            limits.take(key, QUOTA, at(9)),
            Err(Limited {
                retry_after: Period::secs(1)
            })
        );
        assert_eq!(limits.take(key, QUOTA, at(10)), Ok(()));
        assert!(limits.take(key, QUOTA, at(10)).is_err());
        assert_eq!(
            limits.take(LimitKey::LoginAnywhere("bob"), QUOTA, at(10)),
            Ok(()),
            "others are free"
        );
    }

    #[test]
    fn a_check_takes_nothing() {
        let limits = Limits::new([1; 16]);
        let key = LimitKey::LoginAnywhere("ann");
        for _ in 0..1000 {
            assert_eq!(limits.check(key, QUOTA, at(0)), Ok(()));
        }
    }

    #[test]
    fn guesses_side_by_side_are_all_paid_for() {
        let limits = Limits::new([1; 16]);
        let key = LimitKey::LoginAnywhere("ann");
        for _ in 0..20 {
            limits.charge(key, QUOTA, at(0));
        }
        let paid_at = |secs| limits.check(key, QUOTA, at(secs)).is_ok();
        assert!(
            !paid_at(0) && !paid_at(179),
            "17 beyond the burst of 3, one each 10 seconds"
        );
        assert!(paid_at(180));
    }

    #[test]
    fn an_ipv6_network_counts_as_one() {
        let network = |text: &str| Network::from(Some(text.parse().unwrap()));
        assert_eq!(network("2001:db8::1"), network("2001:db8::ffff:1"));
        assert_ne!(network("2001:db8::1"), network("2001:db8:0:1::1"));
        assert_eq!(network("::ffff:192.0.2.1"), network("192.0.2.1"));
    }

    #[test]
    fn a_flood_of_names_does_not_free_the_guesser() {
        let limits = Limits::new([1; 16]);
        let key = LimitKey::LoginAnywhere("ann");
        while limits.take(key, QUOTA, at(0)).is_ok() {}
        for i in 0..SETS * 4 {
            let _ = limits.take(LimitKey::LoginAnywhere(&i.to_string()), QUOTA, at(0));
        }
        assert!(limits.take(key, QUOTA, at(0)).is_err());
    }
}
