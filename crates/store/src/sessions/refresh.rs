//! Rotation. The session, its user and its client are read together, the domain decides, and one guarded `UPDATE` of the row in
//! place makes it durable. Who loses the guard reads again and decides again.

use keywright_domain::audit::{Effects, Event, EventKind};
use keywright_domain::feed::StatusValue;
use keywright_domain::ports::EntriesOf;
use keywright_domain::session::rotation::{
    Continued, Decision, ON_RECORD_ONCE_IN, Presented, RefreshRules, Refused, Rotation, continued,
    decide, end_as_anomalous, end_for_reuse, stepped_up,
};
use keywright_domain::session::{Ended, Family, Session, Standing};
use keywright_domain::status::StatusRef;
use keywright_domain::{SessionId, Time};

use super::end::{read_killed, tell};
use super::row::{read_session, superseded};
use crate::clients::read_client;
use crate::effects;
use crate::engine::{Columns, Engine, Tx, Value, params};
use crate::fault::Fault;
use crate::users::read_user;

statements! {
    STANDING = concat!("SELECT ", standing_columns!(), " FROM ", standing_tables!(), " WHERE s.id = $1");
    /// Guarded by the sequence that was read, and by the session not having ended: whatever disables a user or a client
    /// ends its sessions in the same transaction, so that this sees it.
    MOVE = "UPDATE sessions SET sequence = $3, superseded = $4, idle_until = $5, last_used_at = $6, address = $7, \
            device = COALESCE($8, device) \
            WHERE id = $1 AND sequence = $2 AND ended_at IS NULL";
    MARK_ANOMALY = "UPDATE sessions SET anomaly_at = $2 WHERE id = $1 AND (anomaly_at IS NULL OR anomaly_at <= $3)";
    LOCK = "SELECT sequence FROM sessions WHERE id = $1 {for_update}";
    TAKE_ENTRY = "UPDATE sessions SET status_list = $2, status_index = $3 WHERE id = $1";
    END = concat!("UPDATE sessions SET ended_at = $2, end_reason = $3 WHERE id = $1 AND ended_at IS NULL RETURNING ", ended_columns!());
}

/// Each lost guard means that another presentation of the same family got through; nobody loses this often by chance.
const ATTEMPTS: u32 = 16;

pub(super) async fn standing(engine: &Engine, id: SessionId) -> Result<Option<Standing>, Fault> {
    engine.point(&STANDING, &params![id], read_standing).await
}

/// What is presented, and by which rules and records.
pub(super) struct Presentation<'a> {
    pub(super) presented: &'a Presented,
    pub(super) rules: &'a RefreshRules,
    pub(super) entries: EntriesOf<'a>,
    pub(super) now: Time,
}

pub(super) async fn rotate(
    engine: &Engine,
    presentation: &Presentation<'_>,
) -> Result<Rotation, Fault> {
    let Presentation {
        presented,
        rules,
        now,
        ..
    } = *presentation;
    for _ in 0..ATTEMPTS {
        let Some(read) = standing(engine, presented.token.session).await? else {
            return Ok(Rotation::Refused(Refused::Unknown));
        };
        let answer = match decide(&read, presented, rules, now) {
            Decision::Refuse(reason) => Some(Rotation::Refused(reason)),
            Decision::Repeat => Some(repeat(engine, read, presentation).await?),
            Decision::Rotate(next) => {
                move_on(engine, (read, next), presentation, Continued::Rotated).await?
            }
            Decision::Keep(next) => {
                move_on(engine, (read, next), presentation, Continued::Kept).await?
            }
            Decision::Recover(next) => {
                move_on(engine, (read, next), presentation, Continued::Recovered).await?
            }
            Decision::Reuse => {
                let left = end_for_reuse(&read, presented, now);
                let ended = end(engine, read, left).await?;
                ended.map(Rotation::Reused)
            }
            Decision::StepUp(anomaly) => {
                let left = stepped_up(&read, presented, &anomaly, now);
                leave(engine, &read, left, now).await?;
                Some(Rotation::StepUp)
            }
            Decision::EndAsAnomalous(anomaly) => {
                let left = end_as_anomalous(&read, presented, &anomaly, now);
                let ended = end(engine, read, left).await?;
                ended.map(Rotation::EndedAsAnomalous)
            }
        };
        if let Some(rotation) = answer {
            return Ok(rotation);
        }
    }
    Err(Fault::Contended(ATTEMPTS))
}

/// Nothing is written of a repeat, unless it is unlike the last use.
async fn repeat(
    engine: &Engine,
    read: Standing,
    presentation: &Presentation<'_>,
) -> Result<Rotation, Fault> {
    let how = Continued::Repeated;
    let left = left_by(&read, how, presentation);
    let noticed = is_noticed(&left);
    if noticed {
        leave(engine, &read, left, presentation.now).await?;
    }
    Ok(current(read, how, noticed))
}

fn left_by(read: &Standing, how: Continued, presentation: &Presentation<'_>) -> Effects {
    let Presentation {
        presented,
        rules,
        now,
        ..
    } = *presentation;
    continued(read, presented, how, rules, now)
}

fn is_noticed(left: &Effects) -> bool {
    let anomalous = |event: &Event| event.kind == EventKind::RefreshAnomalous;
    left.events.iter().any(anomalous)
}

/// An anomaly that leaves the family as it is can come again as often as somebody likes, and is on record the first time.
async fn leave(engine: &Engine, read: &Standing, left: Effects, now: Time) -> Result<(), Fault> {
    engine
        .write((read.session.id, left, now), |(id, left, now), tx| {
            Box::pin(async move {
                let row = params![*id, *now, *now - ON_RECORD_ONCE_IN];
                if tx.execute(&MARK_ANOMALY, &row).await? == 0 {
                    return Ok(());
                }
                effects::record(tx, left).await
            })
        })
        .await
}

/// Moves the family to `next` with all that this leaves behind; `None` if somebody else moved it.
async fn move_on(
    engine: &Engine,
    (read, next): (Standing, Family),
    presentation: &Presentation<'_>,
    how: Continued,
) -> Result<Option<Rotation>, Fault> {
    let Presentation { presented, now, .. } = *presentation;
    let left = Effects {
        minted: (presentation.entries)(&read),
        ..left_by(&read, how, presentation)
    };
    let noticed = is_noticed(&left);
    let row = move_to(&read, &next, presented, now);
    let mut moved_on = carried_on(read.clone(), next, presented, now);
    let moved = if read.stale || read.session.status.is_none() {
        moved_on.session.status = Some(presented.spare);
        moved_on.stale = false;
        move_to_entry(engine, read, row, left, presented.spare).await?
    } else {
        engine
            .write((row, left), |(row, left), tx| {
                Box::pin(guarded(tx, row, left))
            })
            .await?
    };
    Ok(moved.then(|| current(moved_on, how, noticed)))
}

/// The tokens of before are marked, or name no entry. From now on they are under one that is not marked, so what it is minted from must
/// stand while the row is locked: whoever changes roles locks it too, and is either before this, and seen here, or after it,
/// and marks the new entry.
async fn move_to_entry(
    engine: &Engine,
    read: Standing,
    row: Vec<Value<'static>>,
    left: Effects,
    spare: StatusRef,
) -> Result<bool, Fault> {
    let data = (read, row, left, spare);
    engine
        .write(data, |(read, row, left, spare), tx| {
            Box::pin(async move {
                let id = read.session.id;
                let sequence = |row: &mut Columns<'_>| row.row_of("sessions").int();
                tx.first(&LOCK, &params![id], sequence).await?;
                let now = tx.first(&STANDING, &params![id], read_standing).await?;
                if now.as_ref() != Some(read) {
                    return Ok(false);
                }
                let entry = params![id, spare.list, spare.index];
                tx.execute(&TAKE_ENTRY, &entry).await?;
                guarded(tx, row, left).await
            })
        })
        .await
}

/// Of all whose presentations end the session at once, one ends it and writes the event.
async fn end(
    engine: &Engine,
    mut read: Standing,
    (ended, left): (Ended, Effects),
) -> Result<Option<Box<Session>>, Fault> {
    let data = (read.session.id, ended, left);
    let done = engine
        .write(data, |(id, ended, left), tx| {
            Box::pin(async move {
                let row = params![*id, ended.at, ended.reason.as_str()];
                let killed = tx.all(&END, &row, read_killed).await?;
                if killed.is_empty() {
                    return Ok(false);
                }
                let told = tell(tx, &killed, *ended).await?;
                effects::record_and_tell(tx, left, told).await?;
                Ok(true)
            })
        })
        .await?;
    read.session.ended = Some(ended);
    Ok(done.then(|| Box::new(read.session)))
}

/// The move with its effects, or neither.
async fn guarded(tx: &mut Tx, row: &[Value<'static>], left: &Effects) -> Result<bool, Fault> {
    if tx.execute(&MOVE, row).await? == 0 {
        return Ok(false);
    }
    effects::record(tx, left).await?;
    Ok(true)
}

fn move_to(
    read: &Standing,
    next: &Family,
    presented: &Presented,
    now: Time,
) -> Vec<Value<'static>> {
    let address = presented.origin.address.map(|address| address.to_string());
    params![
        read.session.id,
        read.session.family.current,
        next.current,
        superseded(next),
        next.idle_until,
        now,
        address,
        presented.origin.user_agent.clone(),
    ]
    .into()
}

/// The session as [`MOVE`] has left it.
fn carried_on(mut standing: Standing, next: Family, presented: &Presented, now: Time) -> Standing {
    standing.session.family = next;
    standing.session.last_used_at = now;
    standing.session.address = presented.origin.address;
    let agent = presented.origin.user_agent.clone();
    standing.session.device = agent.or(standing.session.device);
    standing
}

fn current(standing: Standing, how: Continued, noticed: bool) -> Rotation {
    Rotation::Current {
        standing: Box::new(standing),
        how,
        noticed,
    }
}

/// Reads [`standing_columns!`].
pub(crate) fn read_standing(row: &mut Columns<'_>) -> Result<Standing, Fault> {
    Ok(Standing {
        session: read_session(row)?,
        user: read_user(row)?,
        client: read_client(row)?,
        stale: row.row_of("status_marks").opt_int()? == Some(StatusValue::Stale as i64),
    })
}
