//! Writing a token down.

use keywright_domain::Period;
use keywright_domain::ledger::Entry;

use super::row::{head, tail};
use crate::engine::{Engine, Tx, Value, params};
use crate::fault::Fault;

/// Only under a class that is there and was touched within the hour. So a token never lacks its class, whatever was purged
/// or restored meanwhile, and no node has to remember which classes there are.
macro_rules! record {
    () => {
        "INSERT INTO ledger (class, jti_head, jti_tail, session_id) SELECT $1, $2, $3, $4 \
         WHERE EXISTS (SELECT 1 FROM ledger_classes WHERE id = $1 AND used_at > $5)"
    };
}

statements! {
    RECORD = record!();
    RECORD_AT = concat!(record!(), " AND EXISTS (SELECT 1 FROM versions WHERE name = 'catalog' AND value = $6)");
    /// Changes nothing if another class bears the id.
    TOUCH = "INSERT INTO ledger_classes (id, client_id, audience, scope, kid, grant_type, kind, lifetime, used_at) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) \
             ON CONFLICT (id) DO UPDATE SET used_at = excluded.used_at \
             WHERE ledger_classes.client_id = excluded.client_id AND ledger_classes.audience = excluded.audience \
             AND ledger_classes.scope = excluded.scope AND ledger_classes.kid = excluded.kid \
             AND ledger_classes.grant_type = excluded.grant_type AND ledger_classes.kind = excluded.kind \
             AND ledger_classes.lifetime = excluded.lifetime";
}

/// How exactly `used_at` is known. Far below the day after which an unused class is purged.
pub(super) const TOUCHED_EACH: Period = Period::hours(1);

/// In a write of its own.
pub(super) async fn record_alone(engine: &Engine, entry: &Entry) -> Result<(), Fault> {
    if engine.execute(&RECORD, row(entry).into()).await? == 1 {
        return Ok(());
    }
    engine
        .write(entry.clone(), |entry, tx| Box::pin(record(tx, entry)))
        .await
}

/// The same, if the catalog has this version; false: it has another.
pub(super) async fn record_alone_at(
    engine: &Engine,
    entry: &Entry,
    catalog: i64,
) -> Result<bool, Fault> {
    if engine
        .execute(&RECORD_AT, row_at(entry, catalog).into())
        .await?
        == 1
    {
        return Ok(true);
    }
    engine
        .write((entry.clone(), catalog), |(entry, catalog), tx| {
            Box::pin(async move {
                touch(tx, entry).await?;
                Ok(tx.execute(&RECORD_AT, &row_at(entry, *catalog)).await? == 1)
            })
        })
        .await
}

/// As part of a write.
pub(crate) async fn record(tx: &mut Tx, entry: &Entry) -> Result<(), Fault> {
    if tx.execute(&RECORD, &row(entry)).await? == 1 {
        return Ok(());
    }
    touch(tx, entry).await?;
    match tx.execute(&RECORD, &row(entry)).await? {
        1 => Ok(()),
        _ => Err(other_class(entry)),
    }
}

async fn touch(tx: &mut Tx, entry: &Entry) -> Result<(), Fault> {
    match tx.execute(&TOUCH, &class(entry)).await? {
        1 => Ok(()),
        _ => Err(other_class(entry)),
    }
}

fn other_class(entry: &Entry) -> Fault {
    Fault::Corrupt {
        table: "ledger_classes",
        id: entry.class_id.number().to_string(),
        column: "id".to_owned(),
    }
}

fn row(entry: &Entry) -> [Value<'static>; 5] {
    params![
        entry.class_id,
        head(entry.jti),
        tail(entry.jti),
        entry.session,
        entry.jti.issued_at() - TOUCHED_EACH,
    ]
}

fn row_at(entry: &Entry, catalog: i64) -> [Value<'static>; 6] {
    let [class, head, tail, session, touched] = row(entry);
    [class, head, tail, session, touched, Value::from(catalog)]
}

fn class(entry: &Entry) -> [Value<'_>; 9] {
    let class = &entry.class;
    params![
        entry.class_id,
        class.client.as_str(),
        class.audience.as_str(),
        class.scope.as_str(),
        class.kid.as_str(),
        class.grant.as_str(),
        class.kind.as_str(),
        class.lifetime.as_millis(),
        entry.jti.issued_at(),
    ]
}
