//! Sessions whose tokens say what is true no more. Their rows are locked while they are marked: a refresh that moves one to another
//! entry is either before, and the new entry is marked, or after, and reads what has changed.

use keywright_domain::feed::{Event, Kind, StatusValue};
use keywright_domain::session::Standing;
use keywright_domain::status::Concern;
use keywright_domain::{SessionId, Time, UserId};

use super::read_entry;
use crate::engine::{Columns, Tx, params};
use crate::fault::Fault;
use crate::sessions::read_standing;
use crate::{Store, feed};

statements! {
    BITE = concat!("SELECT ", standing_columns!(), " FROM ", standing_tables!(),
                   " WHERE s.id > $1 AND s.ended_at IS NULL ORDER BY s.id LIMIT $2");
    LOCK = "SELECT id, status_list, status_index FROM sessions WHERE id = $1 AND ended_at IS NULL {for_update}";
    LOCK_OF_USER = "SELECT id, status_list, status_index FROM sessions WHERE user_id = $1 AND ended_at IS NULL \
                    ORDER BY id {for_update}";
}

/// Which sessions to look at.
pub(super) struct Bite {
    pub(super) after: Option<SessionId>,
    pub(super) limit: u32,
}

/// Looks at a bite without a lock, and locks those that it marks.
pub(super) async fn mark_bite(
    store: &Store,
    concern: &Concern,
    bite: Bite,
    at: Time,
) -> Result<Option<SessionId>, Fault> {
    let after = bite.after.map_or([0; 16], |id| *id.as_bytes());
    let page = (after, bite.limit);
    let standings: Vec<Standing> = store
        .engine
        .scan(page, |(after, limit), tx| {
            Box::pin(async move { tx.all(&BITE, &params![*after, *limit], read_standing).await })
        })
        .await?;
    let has = |standing: &&Standing| concern.has(standing);
    let concerned: Vec<SessionId> = standings
        .iter()
        .filter(has)
        .map(|standing| standing.session.id)
        .collect();
    if !concerned.is_empty() {
        let data = (concerned, at);
        let write = store.engine.write(data, |(concerned, at), tx| {
            Box::pin(mark_these(tx, concerned, *at))
        });
        write.await?;
    }
    let is_last = standings.len() < bite.limit as usize;
    let last = standings.last().map(|standing| standing.session.id);
    Ok(last.filter(|_| !is_last))
}

async fn mark_these(tx: &mut Tx, sessions: &[SessionId], at: Time) -> Result<(), Fault> {
    let mut told = Vec::new();
    for session in sessions {
        // Gone if it has ended meanwhile, which says more.
        let locked = tx.first(&LOCK, &params![*session], read_stale).await?;
        told.extend(locked.flatten().map(|kind| Event { at, kind }));
    }
    feed::append(tx, &told).await
}

/// The events of a user whose roles have changed, for the write that changes them.
pub(crate) async fn roles_changed(
    tx: &mut Tx,
    user: UserId,
    at: Time,
) -> Result<Vec<Event>, Fault> {
    let locked = tx.all(&LOCK_OF_USER, &params![user], read_stale).await?;
    let told = locked.into_iter().flatten();
    Ok(told.map(|kind| Event { at, kind }).collect())
}

/// A session of an older release has no entry yet, and tokens that name none.
fn read_stale(row: &mut Columns<'_>) -> Result<Option<Kind>, Fault> {
    let row = row.row_of("sessions");
    let session = SessionId::from_bytes(row.bytes()?);
    let entry = read_entry(row)?;
    Ok(entry.map(|entry| Kind::SessionStale {
        session,
        status: entry.says(StatusValue::Stale),
    }))
}
