//! Two engines behind three verbs: a point read, a scan, a write.
//!
//! An operation is written once, over [`Tx`]. What is specific to an engine lives in its own folder; how a value is
//! bound and a row is read, in `value.rs` and `row.rs`.

mod postgres;
mod row;
mod sqlite;
mod tls;
mod tx;
mod value;

use std::pin::Pin;

pub use postgres::UrlError;
pub(crate) use postgres::{Address, Postgres};
pub(crate) use row::Columns;
pub(crate) use sqlite::Sqlite;
pub use tls::TlsError;
pub(crate) use tx::Tx;
pub(crate) use value::{Value, params};

use crate::chains::Chains;
use crate::fault::Fault;
use crate::feed::Listener;
use crate::statement::Sql;

/// A step of an operation, under way.
pub(crate) type Step<'t, T> = Pin<Box<dyn Future<Output = Result<T, Fault>> + Send + 't>>;

/// What an operation does with its data. A function without captures, so that it can be shipped to another thread
/// and run again after a lost race.
pub(crate) type Run<D, T> = for<'t> fn(&'t D, &'t mut Tx) -> Step<'t, T>;

/// Reads one row.
pub(crate) type Map<T> = fn(&mut Columns<'_>) -> Result<T, Fault>;

pub(crate) enum Engine {
    Sqlite(Sqlite),
    Postgres(Postgres),
}

impl Engine {
    /// The audit chains that this process writes.
    pub(crate) fn chains(&self) -> &Chains {
        match self {
            Engine::Sqlite(engine) => engine.chains(),
            Engine::Postgres(engine) => engine.chains(),
        }
    }

    /// Who is told of commits that appended to the feed's log.
    pub(crate) fn listener(&self) -> &Listener {
        match self {
            Engine::Sqlite(engine) => engine.listener(),
            Engine::Postgres(engine) => engine.listener(),
        }
    }

    /// Reads at most one row, by a key.
    pub(crate) async fn point<T>(
        &self,
        sql: &'static Sql,
        params: &[Value<'_>],
        map: Map<T>,
    ) -> Result<Option<T>, Fault> {
        match self {
            Engine::Sqlite(engine) => engine.read(|tx| sqlite::now(tx.first(sql, params, map))),
            Engine::Postgres(engine) => engine.point(sql, params, map).await,
        }
    }

    /// Reads many rows, away from the threads that serve requests.
    pub(crate) async fn scan<D, T>(&self, data: D, run: Run<D, T>) -> Result<T, Fault>
    where
        D: Send + Sync + 'static,
        T: Send + 'static,
    {
        match self {
            Engine::Sqlite(engine) => engine.scan(move |tx| sqlite::now(run(&data, tx))).await,
            Engine::Postgres(engine) => engine.scan(&data, run).await,
        }
    }

    /// Runs a write: all of it is durable when this answers, or nothing of it has happened.
    ///
    /// It owns its data, because what has begun is carried out even if the caller goes away meanwhile.
    pub(crate) async fn write<D, T>(&self, data: D, run: Run<D, T>) -> Result<T, Fault>
    where
        D: Send + Sync + 'static,
        T: Send + 'static,
    {
        match self {
            Engine::Sqlite(engine) => engine.write(move |tx| sqlite::now(run(&data, tx))).await,
            Engine::Postgres(engine) => engine.write(data, run).await,
        }
    }

    /// A write that is one statement: it needs nothing around it that could undo it, and on PostgreSQL no transaction.
    pub(crate) async fn execute(
        &self,
        sql: &'static Sql,
        params: Vec<Value<'static>>,
    ) -> Result<u64, Fault> {
        match self {
            Engine::Sqlite(engine) => engine.execute(sql, params).await,
            Engine::Postgres(engine) => engine.execute(sql, params).await,
        }
    }
}
