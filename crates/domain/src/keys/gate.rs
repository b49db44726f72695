//! The gate between the schedule and a new signing key: a key that is old enough to be known must also be shown to be known.
//!
//! Time alone proves nothing about a cache that ignores `max-age`, a proxy that serves yesterday's key set, or a node whose
//! public URL leads elsewhere. Pure; `evidence.rs` gathers what it judges by.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use crate::keys::schedule::{Step, Wanted, starts_at_once};
use crate::keys::{KeyRecord, KeyState, RingId};

/// What a key needs, beside its age, before it signs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Gate {
    /// It was seen through the public URL, and no connected verifier lacks it.
    Evidence,
    /// Nothing.
    Time,
}

/// What is known of the keys that wait to sign.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Evidence {
    /// Those that were found in the key set as it is served to the world, and verified a probe's signature there.
    pub probed: BTreeSet<String>,
    /// Why the last probe of the others failed.
    pub failed: BTreeMap<String, String>,
    /// Who lacks which key.
    pub lacking: BTreeMap<String, Vec<String>>,
    /// Verifiers that meet unknown keys right now.
    pub alarmed: Vec<String>,
}

/// Why a key does not sign yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Doubt {
    /// It is about to be looked for.
    Unprobed,
    ProbeFailed(String),
    /// These connected verifiers have not reported it.
    Lacking(Vec<String>),
    /// These verifiers refuse tokens of keys that they do not know: no time for another change.
    UnknownKeys(Vec<String>),
}

/// A plan, as far as it may be carried out.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Admitted {
    pub steps: Vec<Step>,
    pub held: BTreeMap<String, Doubt>,
}

/// The keys that `steps` would let sign and that need evidence. Not those of a fresh issuer, which nobody can have cached; not
/// those of a ring that starts at once; and not those of a ring whose signer was revoked: a token that some verifier may refuse is better
/// than none.
pub fn candidates<'k>(
    steps: &[Step],
    keys: &'k [KeyRecord],
    wanted: &Wanted,
) -> Vec<&'k KeyRecord> {
    let signs = |ring: &RingId| {
        let mut own = keys.iter().filter(|key| key.ring == *ring);
        own.any(|key| key.state == KeyState::Active)
    };
    let was_ever_used = |ring: &RingId| {
        let mut own = keys.iter().filter(|key| key.ring == *ring);
        own.any(|key| key.activated_at.is_some())
    };
    let fresh = keys.iter().all(|key| key.activated_at.is_none());
    let moved = steps.iter().filter_map(|step| match step {
        Step::Move {
            kid,
            to: KeyState::Active,
        } => keys.iter().find(|key| key.kid == *kid),
        Step::Move { .. } | Step::Generate(_) => None,
    });
    moved
        .filter(|key| !fresh && !starts_at_once(&key.ring, keys, wanted))
        .filter(|key| signs(&key.ring) || !was_ever_used(&key.ring))
        .collect()
}

/// Takes out of a plan the hand-overs to those of its `candidates` that are in doubt; everything else goes on.
pub fn admit(
    steps: Vec<Step>,
    keys: &[KeyRecord],
    candidates: &[&KeyRecord],
    evidence: &Evidence,
) -> Admitted {
    let doubted: Vec<(&KeyRecord, Doubt)> = candidates
        .iter()
        .filter_map(|key| Some((*key, evidence.doubt(key)?)))
        .collect();
    let is_held = |step: &Step| match step {
        Step::Move {
            kid,
            to: KeyState::Active,
        } => doubted.iter().any(|(key, _)| key.kid == *kid),
        // The one that would have made room goes on signing.
        Step::Move {
            kid,
            to: KeyState::Retiring,
        } => keys.iter().any(|key| {
            key.kid == *kid && doubted.iter().any(|(waiting, _)| waiting.ring == key.ring)
        }),
        Step::Move { .. } | Step::Generate(_) => false,
    };
    Admitted {
        steps: steps.into_iter().filter(|step| !is_held(step)).collect(),
        held: doubted
            .into_iter()
            .map(|(key, doubt)| (key.kid.clone(), doubt))
            .collect(),
    }
}

impl Evidence {
    fn doubt(&self, key: &KeyRecord) -> Option<Doubt> {
        if !self.alarmed.is_empty() {
            return Some(Doubt::UnknownKeys(self.alarmed.clone()));
        }
        if let Some(who) = self.lacking.get(&key.kid).filter(|who| !who.is_empty()) {
            return Some(Doubt::Lacking(who.clone()));
        }
        // A symmetric key is served to nobody; opening it has probed it.
        if key.public.is_none() || self.probed.contains(&key.kid) {
            return None;
        }
        let failed = self.failed.get(&key.kid).cloned();
        Some(failed.map_or(Doubt::Unprobed, Doubt::ProbeFailed))
    }
}

impl Doubt {
    /// A stable word for metrics and the audit log.
    pub const fn as_str(&self) -> &'static str {
        match self {
            Doubt::Unprobed => "unprobed",
            Doubt::ProbeFailed(_) => "probe_failed",
            Doubt::Lacking(_) => "lacking",
            Doubt::UnknownKeys(_) => "unknown_keys",
        }
    }
}

impl fmt::Display for Doubt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Doubt::Unprobed => f.write_str("it has not been seen through the public URL yet"),
            Doubt::ProbeFailed(why) => write!(f, "it cannot be seen through the public URL: {why}"),
            Doubt::Lacking(who) => write!(f, "verifiers lack it: {}", who.join(", ")),
            Doubt::UnknownKeys(who) => {
                write!(
                    f,
                    "verifiers meet keys that they do not know: {}",
                    who.join(", ")
                )
            }
        }
    }
}

#[cfg(test)]
#[path = "gate_tests.rs"]
mod tests;
