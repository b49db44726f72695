//! A connection in the hands of an operation.

use std::sync::Arc;

use keywright_domain::audit::ChainKey;

use super::postgres::Session;
use super::{Map, Value, postgres, sqlite};
use crate::chains::{Chains, Lane};
use crate::dialect::Dialect;
use crate::fault::Fault;
use crate::statement::Sql;

/// What an operation runs its statements on. A method on SQLite never waits: it is done when it is polled.
pub(crate) struct Tx {
    pub(super) connection: Connection,
    chains: Arc<Chains>,
    /// Taken by the first write that has events, and kept.
    lane: Option<Lane>,
    /// Whether the feed's log has something new once this is committed.
    tells: bool,
}

pub(super) enum Connection {
    Sqlite(rusqlite::Connection),
    Postgres(Session),
}

impl Tx {
    pub(super) fn on_sqlite(connection: rusqlite::Connection, chains: Arc<Chains>) -> Self {
        Self {
            connection: Connection::Sqlite(connection),
            chains,
            lane: None,
            tells: false,
        }
    }

    pub(super) fn on_postgres(session: Session, chains: Arc<Chains>) -> Self {
        Self {
            connection: Connection::Postgres(session),
            chains,
            lane: None,
            tells: false,
        }
    }

    /// The audit chain that is ours until this is dropped, and the key of all chains.
    pub(crate) fn lane(&mut self) -> Result<(String, Arc<ChainKey>), Fault> {
        let key = self.chains.key()?;
        let lane = self.lane.get_or_insert_with(|| self.chains.take_lane());
        Ok((lane.chain.clone(), key))
    }

    pub(crate) fn queues_notices(&self) -> bool {
        self.chains.queues_notices()
    }

    pub(crate) fn will_tell(&mut self) {
        self.tells = true;
    }

    /// Whether [`Tx::will_tell`] was called since this was last asked.
    pub(super) fn take_tells(&mut self) -> bool {
        std::mem::take(&mut self.tells)
    }

    pub(crate) fn dialect(&self) -> Dialect {
        match self.connection {
            Connection::Sqlite(_) => Dialect::Sqlite,
            Connection::Postgres(_) => Dialect::Postgres,
        }
    }

    /// Runs a statement and answers how many rows it changed.
    pub(crate) async fn execute(
        &mut self,
        sql: &'static Sql,
        params: &[Value<'_>],
    ) -> Result<u64, Fault> {
        match &mut self.connection {
            Connection::Sqlite(connection) => sqlite::execute(connection, sql, params),
            Connection::Postgres(session) => postgres::execute(session, sql, params).await,
        }
    }

    /// The first row, if there is one.
    pub(crate) async fn first<T>(
        &mut self,
        sql: &'static Sql,
        params: &[Value<'_>],
        map: Map<T>,
    ) -> Result<Option<T>, Fault> {
        match &mut self.connection {
            Connection::Sqlite(connection) => sqlite::first(connection, sql, params, map),
            Connection::Postgres(session) => postgres::first(session, sql, params, map).await,
        }
    }

    pub(crate) async fn all<T>(
        &mut self,
        sql: &'static Sql,
        params: &[Value<'_>],
        map: Map<T>,
    ) -> Result<Vec<T>, Fault> {
        match &mut self.connection {
            Connection::Sqlite(connection) => sqlite::all(connection, sql, params, map),
            Connection::Postgres(session) => postgres::all(session, sql, params, map).await,
        }
    }

    /// The same list for each of several sets of parameters, asked for at once where asking costs a round trip.
    pub(crate) async fn each<T, const N: usize>(
        &mut self,
        sql: &'static Sql,
        params: &[[Value<'_>; N]],
        map: Map<T>,
    ) -> Result<Vec<Vec<T>>, Fault> {
        match &mut self.connection {
            Connection::Sqlite(connection) => params
                .iter()
                .map(|params| sqlite::all(connection, sql, params, map))
                .collect(),
            Connection::Postgres(session) => postgres::each(session, sql, params, map).await,
        }
    }

    /// Two lists without parameters, asked for at once where asking costs a round trip. The first is never newer
    /// than the second.
    pub(crate) async fn both<A, B>(
        &mut self,
        (first, map_first): (&'static Sql, Map<A>),
        (second, map_second): (&'static Sql, Map<B>),
    ) -> Result<(Vec<A>, Vec<B>), Fault> {
        match &mut self.connection {
            Connection::Sqlite(connection) => Ok((
                sqlite::all(connection, first, &[], map_first)?,
                sqlite::all(connection, second, &[], map_second)?,
            )),
            Connection::Postgres(session) => tokio::try_join!(
                biased;
                postgres::all(session, first, &[], map_first),
                postgres::all(session, second, &[], map_second),
            ),
        }
    }

    /// Runs text of several statements, which has been rendered already.
    pub(crate) async fn batch(&mut self, rendered: &str) -> Result<(), Fault> {
        match &mut self.connection {
            Connection::Sqlite(connection) => sqlite::batch(connection, rendered),
            Connection::Postgres(session) => postgres::batch(session, rendered).await,
        }
    }

    /// How the engine would run `sql`, in its own words.
    pub(crate) async fn explain(&mut self, sql: &'static Sql) -> Result<String, Fault> {
        match &mut self.connection {
            Connection::Sqlite(connection) => sqlite::explain(connection, sql),
            Connection::Postgres(session) => postgres::explain(session, sql).await,
        }
    }
}
