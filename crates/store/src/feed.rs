//! The feed's log: events numbered without gaps in the order in which they were committed.

use std::sync::OnceLock;

use keywright_domain::feed::Event;
use keywright_domain::ports::{Answer, Feed, FeedHead};

use crate::catalogs::json;
use crate::engine::{Columns, Tx, params};
use crate::fault::Fault;
use crate::{Store, status};

statements! {
    /// Locked until the commit, and the last lock that a write takes: so no number is visible before a lower one.
    RAISE = "UPDATE feed_head SET seq = seq + $1 RETURNING seq";
    /// One statement however many there are, because whoever else has something to tell is waiting.
    APPEND = "INSERT INTO feed_events (seq, at, event) \
              SELECT CAST(e.value ->> 0 AS BIGINT), CAST(e.value ->> 1 AS BIGINT), e.value ->> 2 FROM {json_rows} AS e";
    HEAD = "SELECT seq, (SELECT max(id) FROM status_lists) FROM feed_head";
    AFTER = "SELECT seq, event FROM feed_events WHERE seq > $1 ORDER BY seq LIMIT $2";
}

/// Who wants to hear of commits that had something to tell.
#[derive(Default)]
pub(crate) struct Listener(OnceLock<Box<dyn Fn() + Send + Sync>>);

impl Listener {
    pub(crate) fn notify(&self) {
        if let Some(notify) = self.0.get() {
            notify();
        }
    }
}

pub(crate) async fn append(tx: &mut Tx, events: &[Event]) -> Result<(), Fault> {
    if events.is_empty() {
        return Ok(());
    }
    status::mark(tx, events).await?;
    let count = i64::try_from(events.len()).unwrap_or(i64::MAX);
    let read_seq = |row: &mut Columns<'_>| row.row_of("feed_head").int();
    let head = tx.first(&RAISE, &params![count], read_seq).await?;
    let first = head.ok_or(Fault::NoFeed)? - count + 1;
    let rows = (first..)
        .zip(events)
        .map(|(seq, event)| Ok((seq, event.at.millis(), json(event)?)))
        .collect::<Result<Vec<_>, Fault>>()?;
    tx.execute(&APPEND, &params![json(&rows)?]).await?;
    tx.will_tell();
    Ok(())
}

fn read_head(row: &mut Columns<'_>) -> Result<FeedHead, Fault> {
    let row = row.row_of("feed_head");
    Ok(FeedHead {
        position: row.number()?,
        newest_list: row.opt_number()?.unwrap_or_default(),
    })
}

/// An event of a newer release is an error rather than a gap: a follower must not believe that it knows everything.
fn read_event(row: &mut Columns<'_>) -> Result<(u64, Event), Fault> {
    let row = row.row_of("feed_events");
    Ok((row.number()?, row.json()?))
}

impl Feed for Store {
    fn feed_head(&self) -> Answer<'_, FeedHead> {
        Box::pin(async move {
            let head = self.engine.point(&HEAD, &[], read_head).await?;
            Ok(head.unwrap_or_default())
        })
    }

    fn events_after(&self, position: u64, limit: u32) -> Answer<'_, Vec<(u64, Event)>> {
        let position = i64::try_from(position).unwrap_or(i64::MAX);
        self.scan((position, limit), |(position, limit), tx| {
            Box::pin(async move {
                tx.all(&AFTER, &params![*position, *limit], read_event)
                    .await
            })
        })
    }

    fn on_event(&self, notify: Box<dyn Fn() + Send + Sync>) {
        // The first caller's is kept.
        let _ = self.engine.listener().0.set(notify);
    }
}
