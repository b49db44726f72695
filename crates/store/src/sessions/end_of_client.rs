//! Ending what a client has, when it is disabled or deleted. That may be a hundred thousand sessions, and on SQLite everybody who
//! writes waits for a transaction: so most of them end ahead of it, in bites, and what is left ends with the change itself. Whoever
//! is interrupted in between has changed no client, and does it again.

use keywright_domain::Time;
use keywright_domain::client::ClientId;
use keywright_domain::feed::Event;
use keywright_domain::session::{EndReason, Ended};

use super::end::{read_killed, tell};
use crate::engine::{Engine, Tx, params};
use crate::fault::Fault;
use crate::feed;

statements! {
    END_OF_CLIENT = concat!("UPDATE sessions SET ended_at = $2, end_reason = $3 WHERE client_id = $1 AND ended_at IS NULL RETURNING ", ended_columns!());
    END_SOME = concat!("UPDATE sessions SET ended_at = $2, end_reason = $3 \
                WHERE id IN (SELECT id FROM sessions WHERE client_id = $1 AND ended_at IS NULL LIMIT $4) \
                AND ended_at IS NULL RETURNING ", ended_columns!());
}

const BITE: u32 = 200;

const REASON: EndReason = EndReason::ClientDisabled;

/// What is to become of a client. One that will be gone hears nothing of its sessions.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fate {
    Disabled,
    Deleted,
}

/// Ends all that the client has now, in writes of their own.
pub(crate) async fn end_ahead(
    engine: &Engine,
    client: &ClientId,
    fate: Fate,
    at: Time,
) -> Result<(), Fault> {
    loop {
        let bite = engine.write((client.clone(), fate, at), |(client, fate, at), tx| {
            Box::pin(end_bite(tx, client, *fate, *at))
        });
        if bite.await? < BITE as usize {
            return Ok(());
        }
    }
}

async fn end_bite(tx: &mut Tx, client: &ClientId, fate: Fate, at: Time) -> Result<usize, Fault> {
    let row = params![client.as_str(), at, REASON.as_str(), BITE];
    let killed = tx.all(&END_SOME, &row, read_killed).await?;
    let ended = Ended { at, reason: REASON };
    let told = match fate {
        Fate::Disabled => tell(tx, &killed, ended).await?,
        Fate::Deleted => killed.iter().filter_map(|one| one.event(ended)).collect(),
    };
    feed::append(tx, &told).await?;
    Ok(killed.len())
}

/// As part of the write that changes the client.
pub(crate) async fn end_all_for_client(
    tx: &mut Tx,
    client: &ClientId,
    at: Time,
) -> Result<Vec<Event>, Fault> {
    let row = params![client.as_str(), at, REASON.as_str()];
    let killed = tx.all(&END_OF_CLIENT, &row, read_killed).await?;
    tell(tx, &killed, Ended { at, reason: REASON }).await
}
