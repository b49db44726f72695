//! Running statements on a connection.

use rusqlite::{Connection, ErrorCode, params_from_iter};

use super::super::tx::Connection as Engine;
use super::super::{Columns, Map, Tx, Value};
use crate::dialect::Dialect;
use crate::fault::Fault;
use crate::statement::Sql;

pub(in crate::engine) fn execute(
    connection: &Connection,
    sql: &'static Sql,
    params: &[Value<'_>],
) -> Result<u64, Fault> {
    let run = || {
        connection
            .prepare_cached(sql.on(Dialect::Sqlite))?
            .execute(params_from_iter(params))
    };
    run()
        .map(|rows| rows as u64)
        .map_err(|error| fault(sql.name, &error))
}

pub(in crate::engine) fn first<T>(
    connection: &Connection,
    sql: &'static Sql,
    params: &[Value<'_>],
    map: Map<T>,
) -> Result<Option<T>, Fault> {
    let failed = |error| fault(sql.name, &error);
    let mut statement = connection
        .prepare_cached(sql.on(Dialect::Sqlite))
        .map_err(failed)?;
    let mut rows = statement.query(params_from_iter(params)).map_err(failed)?;
    match rows.next().map_err(failed)? {
        Some(row) => map(&mut Columns::of_sqlite(row)).map(Some),
        None => Ok(None),
    }
}

pub(in crate::engine) fn all<T>(
    connection: &Connection,
    sql: &'static Sql,
    params: &[Value<'_>],
    map: Map<T>,
) -> Result<Vec<T>, Fault> {
    let failed = |error| fault(sql.name, &error);
    let mut statement = connection
        .prepare_cached(sql.on(Dialect::Sqlite))
        .map_err(failed)?;
    let mut rows = statement.query(params_from_iter(params)).map_err(failed)?;
    let mut found = Vec::new();
    while let Some(row) = rows.next().map_err(failed)? {
        found.push(map(&mut Columns::of_sqlite(row))?);
    }
    Ok(found)
}

pub(in crate::engine) fn batch(connection: &Connection, rendered: &str) -> Result<(), Fault> {
    connection
        .execute_batch(rendered)
        .map_err(|error| fault("batch", &error))
}

pub(in crate::engine) fn explain(
    connection: &Connection,
    sql: &'static Sql,
) -> Result<String, Fault> {
    let run = || {
        let mut statement =
            connection.prepare(&Dialect::Sqlite.explain(sql.on(Dialect::Sqlite), 0))?;
        // Raw: the parameters are left open.
        let mut rows = statement.raw_query();
        let mut steps = Vec::new();
        while let Some(row) = rows.next()? {
            steps.push(row.get::<_, String>("detail")?);
        }
        Ok(steps.join("\n"))
    };
    run().map_err(|error| fault(sql.name, &error))
}

/// Takes the write lock at once: a transaction that reads first and writes later could find that another process wrote
/// in between, and SQLite would not wait for that.
pub(super) fn begin(tx: &Tx) -> Result<(), Fault> {
    control(tx, "BEGIN IMMEDIATE")
}

pub(super) fn commit(tx: &Tx) -> Result<(), Fault> {
    control(tx, "COMMIT")
}

/// After an error SQLite may have rolled back by itself; then there is nothing left to do, and nothing to report.
pub(super) fn roll_back(tx: &Tx) {
    let _ = control(tx, "ROLLBACK");
}

/// One of the statements that steer a transaction.
pub(super) fn control(tx: &Tx, text: &'static str) -> Result<(), Fault> {
    let connection = connection(tx)?;
    let run = || connection.prepare_cached(text)?.execute([]);
    run().map(drop).map_err(|error| fault(text, &error))
}

/// Whether SQLite still has the transaction open that `begin` opened. A full disk ends it.
pub(super) fn in_transaction(tx: &Tx) -> bool {
    connection(tx).is_ok_and(|connection| !connection.is_autocommit())
}

fn connection(tx: &Tx) -> Result<&Connection, Fault> {
    match &tx.connection {
        Engine::Sqlite(connection) => Ok(connection),
        Engine::Postgres(_) => Err(Fault::Closed),
    }
}

pub(super) fn fault(statement: &'static str, error: &rusqlite::Error) -> Fault {
    match error.sqlite_error_code() {
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => Fault::TimedOut,
        Some(_) | None => Fault::Statement {
            statement,
            detail: error.to_string(),
        },
    }
}
