//! What may go: marks whose tokens are dead, events that nobody resumes from, lists that are full and unused.

use keywright_domain::{Period, Time};

use crate::engine::{Engine, params};
use crate::fault::Fault;

statements! {
    FORGET_MARKS = "DELETE FROM status_marks WHERE (list, idx) IN \
                    (SELECT list, idx FROM status_marks WHERE until < $1 ORDER BY until LIMIT $2)";
    FORGET_EVENTS = "DELETE FROM feed_events WHERE seq IN \
                     (SELECT seq FROM feed_events WHERE at < $1 AND seq <= (SELECT seq FROM feed_head) - $2 \
                     ORDER BY seq LIMIT $3)";
    DROP_LISTS = "DELETE FROM status_lists WHERE closed_at < $1 \
                  AND NOT EXISTS (SELECT 1 FROM sessions s WHERE s.status_list = status_lists.id) \
                  AND NOT EXISTS (SELECT 1 FROM clients c WHERE c.status_list = status_lists.id) \
                  AND NOT EXISTS (SELECT 1 FROM status_marks m WHERE m.list = status_lists.id)";
}

/// A follower that was away for longer, and missed more than this, starts over from the lists.
const EVENTS_KEPT: Period = Period::hours(1);
const EVENTS_KEPT_AT_LEAST: u32 = 10_000;
/// Longer than any node keeps positions of a list in its hand.
const CLOSED_FOR: Period = Period::days(1);

pub(super) async fn forget(engine: &Engine, now: Time, limit: u32) -> Result<u64, Fault> {
    let marks = params![now, limit].into();
    let marks = engine.execute(&FORGET_MARKS, marks).await?;
    let events = params![now - EVENTS_KEPT, EVENTS_KEPT_AT_LEAST, limit].into();
    let events = engine.execute(&FORGET_EVENTS, events).await?;
    let lists = params![now - CLOSED_FOR].into();
    let lists = engine.execute(&DROP_LISTS, lists).await?;
    Ok(marks + events + lists)
}
