//! Giving out positions, each once and for ever.

use keywright_domain::Time;
use keywright_domain::status::{BLOCK, Block, ENTRIES};

use crate::engine::{Columns, Tx, params};
use crate::fault::Fault;

statements! {
    /// Two nodes take turns at the row. Who waited while the list was closed finds no row, and looks again.
    TAKE = "UPDATE status_lists SET taken = taken + $1 \
            WHERE id = (SELECT min(id) FROM status_lists WHERE closed_at IS NULL) AND closed_at IS NULL \
            RETURNING id, taken";
    NEWEST = "SELECT max(id) FROM status_lists";
    OPEN = "INSERT INTO status_lists (id, taken, opened_at) VALUES ($1, 0, $2) ON CONFLICT (id) DO NOTHING";
    CLOSE = "UPDATE status_lists SET closed_at = $2 WHERE id = $1";
}

/// With less than this left, the next list is opened.
const AHEAD: i64 = ENTRIES as i64 / 16;

/// More lists than could be closed by others while we wait.
const ATTEMPTS: u32 = 4;

pub(super) async fn take(tx: &mut Tx, now: Time) -> Result<Block, Fault> {
    for _ in 0..ATTEMPTS {
        let taken = tx.first(&TAKE, &params![BLOCK], read_taken).await?;
        let Some((list, taken)) = taken else {
            let newest = tx.first(&NEWEST, &[], |row| row.row_of("status_lists").opt_number());
            let newest: u32 = newest.await?.flatten().unwrap_or_default();
            tx.execute(&OPEN, &params![newest + 1, now]).await?;
            continue;
        };
        let left = i64::from(ENTRIES) - taken;
        if left < AHEAD {
            tx.execute(&OPEN, &params![list + 1, now]).await?;
        }
        if left < i64::from(BLOCK) {
            tx.execute(&CLOSE, &params![list, now]).await?;
        }
        if let Ok(first) = u32::try_from(taken - i64::from(BLOCK))
            && left >= 0
        {
            return Ok(Block { list, first });
        }
    }
    Err(Fault::Contended(ATTEMPTS))
}

fn read_taken(row: &mut Columns<'_>) -> Result<(u32, i64), Fault> {
    let row = row.row_of("status_lists");
    Ok((row.number()?, row.int()?))
}
