//! The ledger at rest.

use crate::Time;
use crate::ledger::{ClassCount, Entry, Recorded, TokenQuery};
use crate::ports::Answer;

pub trait Ledger: Send + Sync {
    /// Makes the record of a token durable that has no other write to go with. A login's goes with its session, by
    /// [`Effects::minted`](crate::audit::Effects), and a refresh's with its rotation.
    fn record_token<'a>(&'a self, entry: &'a Entry) -> Answer<'a, ()>;
    /// The same, if the catalog still has this version, which every change of an API, a role or a client raises. False: it has another, and
    /// nothing is on record.
    fn record_token_at<'a>(&'a self, entry: &'a Entry, catalog: i64) -> Answer<'a, bool>;
    fn tokens<'a>(&'a self, query: &'a TokenQuery) -> Answer<'a, Vec<Recorded>>;
    /// Counts by class, each up to `query.limit`, and all together up to ten times that.
    fn count_tokens<'a>(&'a self, query: &'a TokenQuery) -> Answer<'a, Vec<ClassCount>>;
    /// Forgets the tokens that were dead at `before`, at most `bite` in one transaction, so that no lock is held for long.
    /// Answers how many rows went.
    fn purge_tokens(&self, before: Time, bite: u32) -> Answer<'_, u64>;
}
