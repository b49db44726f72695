//! The ledger: a short row for each living token, clustered by class and time, and the classes.

mod count;
mod list;
mod of_sessions;
mod purge;
mod record;
mod row;

use keywright_domain::Time;
use keywright_domain::ledger::{ClassCount, Entry, Recorded, TokenQuery};
use keywright_domain::ports::{Answer, Ledger};

pub(crate) use record::record;

use crate::Store;
use crate::statement::Sql;

/// How many classes are asked about at once, where asking costs a round trip.
const AT_ONCE: usize = 32;

pub(crate) fn statements() -> [&'static [&'static Sql]; 6] {
    [
        count::STATEMENTS,
        list::STATEMENTS,
        of_sessions::STATEMENTS,
        purge::STATEMENTS,
        record::STATEMENTS,
        row::STATEMENTS,
    ]
}

impl Ledger for Store {
    fn record_token<'a>(&'a self, entry: &'a Entry) -> Answer<'a, ()> {
        Box::pin(async move { Ok(record::record_alone(&self.engine, entry).await?) })
    }

    fn record_token_at<'a>(&'a self, entry: &'a Entry, catalog: i64) -> Answer<'a, bool> {
        Box::pin(async move { Ok(record::record_alone_at(&self.engine, entry, catalog).await?) })
    }

    fn tokens<'a>(&'a self, query: &'a TokenQuery) -> Answer<'a, Vec<Recorded>> {
        self.scan(query.clone(), |query, tx| Box::pin(list::list(tx, query)))
    }

    fn count_tokens<'a>(&'a self, query: &'a TokenQuery) -> Answer<'a, Vec<ClassCount>> {
        self.scan(query.clone(), |query, tx| Box::pin(count::count(tx, query)))
    }

    fn purge_tokens(&self, before: Time, bite: u32) -> Answer<'_, u64> {
        Box::pin(async move { Ok(purge::purge(&self.engine, before, bite).await?) })
    }
}
