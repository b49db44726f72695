//! When each key does what. Pure: a year of rotations is a test of milliseconds.
//!
//! At all times each ring has an active key and one published in waiting, so that a rotation, planned or not, never has to
//! wait for verifiers.

use std::collections::{BTreeMap, BTreeSet};

use crate::keys::{KeyRecord, KeyState, RingId};
use crate::policy::KeyPolicy;
use crate::{Period, Time};

/// Beyond the advertised max-age: nodes see each other's changes within a second, clocks differ, answers travel.
pub const SPREAD: Period = Period::secs(10);
/// Tokens are accepted a little after `exp` by verifiers with leeway.
pub const LEEWAY: Period = Period::secs(60);
/// How long retired and revoked keys stay listed for the operator.
pub const SHOWN_AFTER_END: Period = Period::days(90);

/// One thing to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    Generate(RingId),
    Move { kid: String, to: KeyState },
}

/// The rings that are wanted, and why.
pub type Wanted = BTreeMap<RingId, CheckedBy>;

/// Who checks what a ring signs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CheckedBy {
    /// APIs, which keep the key set for as long as they were told.
    Services,
    /// Clients alone, which check their ID tokens and look again when they meet a key that they do not know (OpenID Connect Core
    /// §10.1.1).
    Clients,
}

/// Whether a ring may sign as soon as it has a key: nobody relies on it yet but the clients that it is made for. A client must not
/// wait for its first ID token, and one in another algorithm than it registered is refused. After a revocation the ring waits like any other.
pub fn starts_at_once(ring: &RingId, keys: &[KeyRecord], wanted: &Wanted) -> bool {
    let is_over = |key: &KeyRecord| match key.state {
        KeyState::Next | KeyState::Published => key.activated_at.is_none(),
        KeyState::Retiring | KeyState::Retired => true,
        KeyState::Active | KeyState::Revoked => false,
    };
    let mut own = keys.iter().filter(|key| key.ring == *ring);
    wanted.get(ring) == Some(&CheckedBy::Clients) && own.all(is_over)
}

/// What is due at `now`. Carrying it out and planning again ends with nothing due.
pub fn plan(keys: &[KeyRecord], wanted: &Wanted, policy: &KeyPolicy, now: Time) -> Vec<Step> {
    let fresh = keys.iter().all(|key| key.activated_at.is_none());
    let rings = keys.iter().map(|key| &key.ring).chain(wanted.keys());
    let rings: BTreeSet<&RingId> = rings.collect();
    let mut steps = Vec::new();
    for ring in rings {
        let at_once = fresh || starts_at_once(ring, keys, wanted);
        let keys: Vec<&KeyRecord> = keys.iter().filter(|key| key.ring == *ring).collect();
        if wanted.contains_key(ring) {
            let may_start = |key: &KeyRecord| at_once || may_sign(key, policy, now);
            steps.extend(plan_ring(ring, &keys, policy, may_start, now));
        } else {
            let unwanted = keys.iter().filter_map(|key| match key.state {
                KeyState::Active => Some(step(key, KeyState::Retiring)),
                // After a rollback the key in waiting has signed already, and its tokens live.
                KeyState::Published if key.activated_at.is_some() => {
                    Some(step(key, KeyState::Retiring))
                }
                KeyState::Next | KeyState::Published => Some(step(key, KeyState::Retired)),
                KeyState::Retiring | KeyState::Retired | KeyState::Revoked => None,
            });
            steps.extend(unwanted);
        }
        let dead = |key: &&&KeyRecord| {
            key.state == KeyState::Retiring && key.verifies_until.is_none_or(|t| t <= now)
        };
        steps.extend(
            keys.iter()
                .filter(dead)
                .map(|key| step(key, KeyState::Retired)),
        );
    }
    steps
}

fn plan_ring(
    ring: &RingId,
    keys: &[&KeyRecord],
    policy: &KeyPolicy,
    may_start: impl Fn(&KeyRecord) -> bool,
    now: Time,
) -> Vec<Step> {
    let mut steps = Vec::new();
    let of = |state| {
        keys.iter()
            .copied()
            .filter(move |key: &&KeyRecord| key.state == state)
    };
    steps.extend(of(KeyState::Next).map(|key| step(key, KeyState::Published)));
    let active = of(KeyState::Active).next();
    let waiting = of(KeyState::Published).min_by_key(|key| key.published_at);
    if waiting.is_none() && of(KeyState::Next).next().is_none() {
        steps.push(Step::Generate(ring.clone()));
    }
    let due = active.is_none_or(|key| {
        key.activated_at
            .is_none_or(|at| now.since(at) >= policy.rotation)
    });
    if let Some(successor) = waiting.filter(|key| due && may_start(key)) {
        steps.extend(active.map(|key| step(key, KeyState::Retiring)));
        steps.push(step(successor, KeyState::Active));
    }
    steps
}

/// Whether every verifier that obeys `max-age` knows the key by now (invariant 1).
pub fn may_sign(key: &KeyRecord, policy: &KeyPolicy, now: Time) -> bool {
    known_at(key, policy).is_some_and(|at| at <= now)
}

/// When the key will be known to every verifier that obeys `max-age`.
pub fn known_at(key: &KeyRecord, policy: &KeyPolicy) -> Option<Time> {
    key.published_at.map(|at| at + policy.jwks_max_age + SPREAD)
}

/// Moves the record to a state and keeps its times.
pub fn moved(key: &KeyRecord, to: KeyState, policy: &KeyPolicy, now: Time) -> KeyRecord {
    let mut key = KeyRecord {
        state: to,
        ..key.clone()
    };
    match to {
        KeyState::Next => {}
        KeyState::Published => key.published_at = key.published_at.or(Some(now)),
        KeyState::Active => (key.activated_at, key.verifies_until) = (Some(now), None),
        KeyState::Retiring => key.verifies_until = Some(now + policy.longest_token + LEEWAY),
        KeyState::Retired | KeyState::Revoked => key.ended_at = Some(now),
    }
    key
}

fn step(key: &KeyRecord, to: KeyState) -> Step {
    Step::Move {
        kid: key.kid.clone(),
        to,
    }
}

#[cfg(test)]
mod tests;
