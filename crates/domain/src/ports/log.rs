//! The audit log, the outbox, and upkeep.

use crate::Time;
use crate::account::Letter;
use crate::audit::{ChainKey, Entry, Head};
use crate::ports::Answer;

/// Which entries of the audit log to read, oldest first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditQuery {
    pub chain: String,
    /// Those behind this sequence number.
    pub after: i64,
    pub limit: u32,
}

pub trait AuditLog: Send + Sync {
    /// Gives the store the key of the chains. Before this, any write that has events fails.
    fn arm(&self, key: ChainKey);
    fn heads(&self) -> Answer<'_, Vec<Head>>;
    /// The chains that have entries, whether or not they have a head.
    fn chains(&self) -> Answer<'_, Vec<String>>;
    fn entries<'a>(&'a self, query: &'a AuditQuery) -> Answer<'a, Vec<Entry>>;
    /// The newest entries over all chains, newest first.
    fn newest(&self, limit: u32) -> Answer<'_, Vec<Entry>>;
}

pub trait Outbox: Send + Sync {
    /// Letters that are due, oldest first; each is hidden from other senders until `retry_at`.
    fn due_letters(&self, now: Time, retry_at: Time, limit: u32) -> Answer<'_, Vec<Letter>>;
    fn letter_sent(&self, id: [u8; 16]) -> Answer<'_, ()>;
}

/// Counters that change when another node or an operator changed something that is held in memory.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Versions {
    pub catalog: i64,
    pub keys: i64,
}

pub trait Upkeep: Send + Sync {
    fn versions(&self) -> Answer<'_, Versions>;
    /// Deletes at most `limit` sessions that ended or aged out before `before`, dead links and letters older than it; answers how
    /// many rows went. Called again until it answers zero, so that no lock is held for long.
    fn purge(&self, before: Time, limit: u32) -> Answer<'_, u64>;
}
