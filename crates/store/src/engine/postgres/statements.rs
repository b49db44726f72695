//! Running statements on a connection.

use tokio_postgres::error::SqlState;
use tokio_postgres::types::ToSql;
use tokio_postgres::{Error, Row, SimpleQueryMessage};

use super::super::{Columns, Map, Value};
use super::Session;
use crate::dialect::Dialect;
use crate::fault::Fault;
use crate::statement::Sql;

pub(in crate::engine) async fn execute(
    session: &Session,
    sql: &'static Sql,
    params: &[Value<'_>],
) -> Result<u64, Fault> {
    let client = session.client()?;
    let run = async {
        let statement = client.prepare_cached(sql.on(Dialect::Postgres)).await?;
        client.execute(&statement, &references(params)).await
    };
    run.await.map_err(|error| fault(sql.name, &error))
}

pub(in crate::engine) async fn first<T>(
    session: &Session,
    sql: &'static Sql,
    params: &[Value<'_>],
    map: Map<T>,
) -> Result<Option<T>, Fault> {
    let rows = rows(session, sql, params).await?;
    rows.first()
        .map(|row| map(&mut Columns::of_postgres(row)))
        .transpose()
}

pub(in crate::engine) async fn all<T>(
    session: &Session,
    sql: &'static Sql,
    params: &[Value<'_>],
    map: Map<T>,
) -> Result<Vec<T>, Fault> {
    let rows = rows(session, sql, params).await?;
    rows.iter()
        .map(|row| map(&mut Columns::of_postgres(row)))
        .collect()
}

/// Sends all the questions before it reads the first answer.
pub(in crate::engine) async fn each<T, const N: usize>(
    session: &Session,
    sql: &'static Sql,
    params: &[[Value<'_>; N]],
    map: Map<T>,
) -> Result<Vec<Vec<T>>, Fault> {
    let asked = params.iter().map(|params| all(session, sql, params, map));
    futures_util::future::try_join_all(asked).await
}

pub(in crate::engine) async fn batch(session: &Session, rendered: &str) -> Result<(), Fault> {
    session
        .client()?
        .batch_execute(rendered)
        .await
        .map_err(|error| fault("batch", &error))
}

/// Asks for the plan that serves every value of the parameters, with sequential scans made unattractive: on the few
/// rows of a test they would always win.
pub(in crate::engine) async fn explain(
    session: &Session,
    sql: &'static Sql,
) -> Result<String, Fault> {
    let client = session.client()?;
    let run = async {
        let rendered = sql.on(Dialect::Postgres);
        let parameters = client.prepare(rendered).await?.params().len();
        client
            .batch_execute(&format!("PREPARE plan AS {rendered}"))
            .await?;
        client
            .batch_execute("SET plan_cache_mode = force_generic_plan; SET enable_seqscan = off")
            .await?;
        let answer = client
            .simple_query(&Dialect::Postgres.explain(rendered, parameters))
            .await;
        client
            .batch_execute("DEALLOCATE plan; RESET plan_cache_mode; RESET enable_seqscan")
            .await?;
        answer
    };
    let messages = run.await.map_err(|error| fault(sql.name, &error))?;
    let lines = messages.iter().filter_map(|message| {
        if let SimpleQueryMessage::Row(row) = message {
            row.get(0)
        } else {
            None
        }
    });
    Ok(lines.collect::<Vec<_>>().join("\n"))
}

async fn rows(
    session: &Session,
    sql: &'static Sql,
    params: &[Value<'_>],
) -> Result<Vec<Row>, Fault> {
    let client = session.client()?;
    let run = async {
        let statement = client.prepare_cached(sql.on(Dialect::Postgres)).await?;
        client.query(&statement, &references(params)).await
    };
    run.await.map_err(|error| fault(sql.name, &error))
}

fn references<'v>(params: &'v [Value<'_>]) -> Vec<&'v (dyn ToSql + Sync)> {
    params
        .iter()
        .map(|value| value as &(dyn ToSql + Sync))
        .collect()
}

pub(super) fn fault(statement: &'static str, error: &Error) -> Fault {
    match error.code() {
        Some(code)
            if *code == SqlState::T_R_SERIALIZATION_FAILURE
                || *code == SqlState::T_R_DEADLOCK_DETECTED =>
        {
            Fault::Conflict(describe(error))
        }
        // Shutdown, crash recovery, start-up: the server ends its connections, and is back soon.
        Some(code) if code.code().starts_with("57P") => Fault::Lost(describe(error)),
        Some(_) => Fault::Statement {
            statement,
            detail: describe(error),
        },
        None if error.is_closed() || is_io(error) => Fault::Lost(describe(error)),
        None => Fault::Statement {
            statement,
            detail: describe(error),
        },
    }
}

/// Without the server's DETAIL, which quotes values of rows.
pub(super) fn describe(error: &Error) -> String {
    match (error.as_db_error(), std::error::Error::source(error)) {
        (Some(refusal), _) => format!("{} ({})", refusal.message(), refusal.code().code()),
        (None, Some(source)) => format!("{error}: {source}"),
        (None, None) => error.to_string(),
    }
}

fn is_io(error: &Error) -> bool {
    std::error::Error::source(error).is_some_and(|source| source.is::<std::io::Error>())
}
