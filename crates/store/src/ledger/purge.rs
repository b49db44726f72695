//! Forgetting what is dead: a stretch of each class, in bites, each a write of its own.

use keywright_domain::ledger::{ClassId, Jti, TokenClass};
use keywright_domain::{Period, Time};

use super::row::{class_columns, head, read_class};
use crate::engine::{Columns, Engine, Tx, params};
use crate::fault::Fault;

statements! {
    ALL_CLASSES = concat!("SELECT ", class_columns!(), " FROM ledger_classes c");
    OLDEST = "SELECT jti_head FROM ledger WHERE class = $1 ORDER BY jti_head LIMIT 1";
    /// The last of a bite, behind `$3` others.
    BITE = "SELECT jti_head FROM ledger WHERE class = $1 AND jti_head < $2 ORDER BY jti_head LIMIT 1 OFFSET $3";
    PURGE = "DELETE FROM ledger WHERE class = $1 AND jti_head < $2";
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
async fn with_dead(tx: &mut Tx, before: Time) -> Result<Vec<(ClassId, i64)>, Fault> {
    let classes = tx.all(&ALL_CLASSES, &[], read_class).await?;
    let mut found = Vec::new();
    for some in classes.chunks(super::AT_ONCE) {
        let asked: Vec<_> = some.iter().map(|(id, _)| params![*id]).collect();
        let oldest = tx.each(&OLDEST, &asked, read_head).await?;
        found.extend(some.iter().zip(oldest).filter_map(|((id, class), oldest)| {
            let first = first_alive(class, before);
            let oldest = oldest.first()?;
            (*oldest < first).then_some((*id, first))
        }));
    }
    Ok(found)
}

fn first_alive(class: &TokenClass, at: Time) -> i64 {
    head(Jti::first_at(class.first_alive(at)))
}

/// Tokens before `dead`, a bite of them or a few more: those whose first half is that of the last go with it.
async fn purge_bite(tx: &mut Tx, class: ClassId, dead: i64, bite: u32) -> Result<u64, Fault> {
    let others = params![class, dead, bite.saturating_sub(1)];
    let last = tx.first(&BITE, &others, read_head).await?;
    let end = last.map_or(dead, |last| last.saturating_add(1));
    tx.execute(&PURGE, &params![class, end]).await
}

fn read_head(row: &mut Columns<'_>) -> Result<i64, Fault> {
    row.row_of("ledger").int()
}
