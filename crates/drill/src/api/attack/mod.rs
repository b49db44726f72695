//! The catalogue: one file per family, one entry per attack, in the order in which they are made.

mod algorithm;
mod duplicates;
mod garbage;
mod kind;
mod missing;
mod parties;
mod public;
mod scope;
mod signature;
mod spelling;
mod time;

pub use garbage::FAULTS;
pub use missing::MISSING;

use super::target::Presented;
use super::workshop::Workshop;
use crate::card::Card;

pub struct Attack {
    pub card: Card,
    pub by: Means,
    /// Everything that a sound service refuses. Empty where the attack does not apply to this issuer's algorithm.
    pub forge: fn(&Workshop) -> Vec<Variant>,
}

/// What it takes to make the tokens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Means {
    /// A valid token and public keys: what any attacker has.
    Forgery,
    /// The issuer's own signature.
    Seal,
}

/// One attempt of an attack.
pub struct Variant {
    pub what: String,
    pub presented: Presented,
}

impl Variant {
    pub fn token(what: impl Into<String>, token: impl Into<Vec<u8>>) -> Self {
        Self {
            what: what.into(),
            presented: Presented::Bearer(token.into()),
        }
    }

    /// For tokens that only a seal can make.
    fn sealed(what: impl Into<String>, token: Option<String>) -> Option<Self> {
        token.map(|token| Self::token(what, token))
    }
}

pub const ATTACKS: &[&[Attack]] = &[
    missing::ATTACKS,
    signature::ATTACKS,
    algorithm::ATTACKS,
    public::ATTACKS,
    spelling::ATTACKS,
    garbage::ATTACKS,
    time::ATTACKS,
    parties::ATTACKS,
    kind::ATTACKS,
    scope::ATTACKS,
    duplicates::ATTACKS,
];

#[cfg(test)]
mod tests;
