//! Marks: what an event says of an entry, for as long as a token lives that names it.

use std::collections::BTreeMap;

use keywright_domain::Time;
use keywright_domain::feed::{Event, StatusEntry, StatusValue};
use keywright_domain::status::{StatusRef, mark_ends};

use crate::catalogs::json;
use crate::engine::{Tx, params};
use crate::fault::Fault;

statements! {
    /// `WHERE true` tells SQLite that `ON CONFLICT` is no join.
    MARK = "INSERT INTO status_marks (list, idx, value, at, until) \
            SELECT CAST(e.value ->> 0 AS BIGINT), CAST(e.value ->> 1 AS BIGINT), CAST(e.value ->> 2 AS BIGINT), \
            CAST(e.value ->> 3 AS BIGINT), CAST(e.value ->> 4 AS BIGINT) FROM {json_rows} AS e WHERE true \
            ON CONFLICT (list, idx) DO UPDATE SET value = excluded.value, at = excluded.at, until = excluded.until";
    CLEAR = "DELETE FROM status_marks WHERE list = $1 AND idx = $2";
}

pub(crate) async fn mark(tx: &mut Tx, events: &[Event]) -> Result<(), Fault> {
    // In the order of the key, so that two writes that mark the same entries do not wait in a circle.
    let mut last: BTreeMap<StatusRef, (StatusValue, Time)> = BTreeMap::new();
    for event in events {
        if let Some(StatusEntry { list, index, value }) = event.entry() {
            last.insert(StatusRef { list, index }, (value, event.at));
        }
    }
    let mut rows = Vec::with_capacity(last.len());
    for (StatusRef { list, index }, (value, at)) in last {
        if value == StatusValue::Valid {
            tx.execute(&CLEAR, &params![list, index]).await?;
        } else {
            rows.push((list, index, value, at.millis(), mark_ends(at).millis()));
        }
    }
    if !rows.is_empty() {
        tx.execute(&MARK, &params![json(&rows)?]).await?;
    }
    Ok(())
}
