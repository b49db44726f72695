//! Forgetting what is dead: a stretch of each class, in bites, each a write of its own.

use keywright_domain::ledger::{ClassId, Jti, TokenClass};
use keywright_domain::{Period, Time};

use super::row::read_class;
use crate::engine::{Columns, Engine, Tx, params};
use crate::fault::Fault;

statements! {
    ALL_CLASSES = "SELECT id, client_id, audience, scope, kid, grant_type, kind, lifetime FROM ledger_classes";
    OLDEST = "SELECT jti FROM ledger WHERE class = $1 ORDER BY jti LIMIT 1";
    /// Where a bite ends: behind `$3` dead tokens.
    BITE = "SELECT jti FROM ledger WHERE class = $1 AND jti < $2 ORDER BY jti LIMIT 1 OFFSET $3";
    PURGE = "DELETE FROM ledger WHERE class = $1 AND jti < $2";
    /// A class that is minted from is touched each hour.
    PURGE_CLASSES = "DELETE FROM ledger_classes WHERE used_at < $1 \
                     AND NOT EXISTS (SELECT 1 FROM ledger WHERE class = ledger_classes.id)";
}

/// How long a class stays after its last use. Hours more than any node works with what it read of the class.
const CLASS_KEPT: Period = Period::days(1);

pub(super) async fn purge(engine: &Engine, before: Time, bite: u32) -> Result<u64, Fault> {
    let mut purged = 0;
    for (id, dead) in engine
        .scan(before, |at, tx| Box::pin(with_dead(tx, *at)))
        .await?
    {
        loop {
            let gone = engine
                .write((id, dead, bite), |(id, dead, bite), tx| {
                    Box::pin(purge_bite(tx, *id, *dead, *bite))
                })
                .await?;
            purged += gone;
            if gone < u64::from(bite) {
                break;
            }
        }
    }
    let unused = params![before - CLASS_KEPT].into();
    engine.execute(&PURGE_CLASSES, unused).await?;
    Ok(purged)
}

/// The classes that have dead tokens, each with the first that may live.
async fn with_dead(tx: &mut Tx, before: Time) -> Result<Vec<(ClassId, Jti)>, Fault> {
    let classes = tx.all(&ALL_CLASSES, &[], read_class).await?;
    let mut found = Vec::new();
    for some in classes.chunks(super::AT_ONCE) {
        let asked: Vec<_> = some.iter().map(|(id, _)| params![*id]).collect();
        let oldest = tx.each(&OLDEST, &asked, read_jti).await?;
        found.extend(some.iter().zip(oldest).filter_map(|((id, class), oldest)| {
            let first = first_alive(class, before);
            let oldest = oldest.first()?;
            (*oldest < first).then_some((*id, first))
        }));
    }
    Ok(found)
}

fn first_alive(class: &TokenClass, at: Time) -> Jti {
    Jti::first_at(class.first_alive(at))
}

async fn purge_bite(tx: &mut Tx, class: ClassId, dead: Jti, bite: u32) -> Result<u64, Fault> {
    let end = tx
        .first(&BITE, &params![class, dead, bite], read_jti)
        .await?;
    tx.execute(&PURGE, &params![class, end.unwrap_or(dead)])
        .await
}

fn read_jti(row: &mut Columns<'_>) -> Result<Jti, Fault> {
    Ok(Jti::from_bytes(row.row_of("ledger").bytes()?))
}
