//! What is known about tokens beyond what they say themselves, and what to do where nothing is.

mod bitmap;
mod changes;
mod lists;
mod token;

pub use lists::{StatusListState, StatusLists};
pub use token::StatusListError;

use std::future::Future;
use std::pin::Pin;

use keywright_jwt::Claims;

/// What is known about a token beyond what it says itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// Nothing speaks against it.
    Valid,
    /// Revoked for good.
    Invalid,
    /// Revoked for now.
    Suspended,
    /// The subject's claims have changed since: the client should refresh.
    Stale,
    /// Knowledge is missing or too old to answer; [`WhenUnknown`] decides.
    Unknown,
}

/// What to do with a token whose status is unknown. Chosen by name, because either answer can be the wrong one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WhenUnknown {
    /// Accept it: an outage of the issuer must not become ours. Revoked tokens live until they expire.
    FailOpen,
    /// Refuse it: better no service than a revoked token.
    FailClosed,
}

/// Knows which tokens have been revoked. Asked for each token after everything else has passed, so it must answer
/// from memory.
pub trait Revocation: Send + Sync + 'static {
    /// The token's status, from its claims (`status`, `sid`, `jti`), at this second of Unix time.
    fn status(&self, claims: &Claims<'_>, now: i64) -> Status;

    /// Tries to learn about tokens whose status is unknown; `true` if it is worth asking again. Called off the hot path, by
    /// [`crate::Verifier::verify_fresh`] only, and only for tokens that are good but for that.
    fn refresh(&self) -> Pin<Box<dyn Future<Output = bool> + Send + '_>> {
        Box::pin(std::future::ready(false))
    }

    /// How current the knowledge is, for reports. `None` where it has no age, such as a table in the same process.
    fn knowledge(&self, _now: i64) -> Option<Knowledge> {
        None
    }
}

/// How current revocation knowledge is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Knowledge {
    /// Seconds since the oldest part of it was confirmed. `None` before anything is known.
    pub age: Option<u64>,
    /// The number of the last pushed event that was applied; 0 before the first.
    pub position: u64,
}

/// One entry of one status list, changed by the issuer since the list was published: what a push feed delivers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StatusChange {
    /// The list.
    pub uri: String,
    /// The entry.
    pub index: u64,
    /// The entry's value from now on, as the list would carry it: 0 valid, 1 invalid, 2 suspended, 3 stale.
    pub value: u8,
    /// When the issuer decided so (Unix time). A list published before this second does not undo it.
    pub at: i64,
}
