//! Ending what a client has, when it is disabled or deleted. That may be a hundred thousand sessions, and on SQLite everybody who
//! writes waits for a transaction: so they end in bites. The client is shut with the first of them, so that none is added, and whoever is
//! interrupted in between asks again.

use keywright_domain::Time;
use keywright_domain::client::ClientId;
use keywright_domain::feed::Event;
use keywright_domain::session::{EndReason, Ended};

use super::end::{read_killed, tell};
use crate::engine::{Engine, Tx, params};
use crate::fault::Fault;
use crate::feed;

statements! {
    END_OF_CLIENT = concat!("UPDATE sessions SET ended_at = $2, end_reason = $3 \
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

/// What verifiers are told of a bite.
pub(crate) struct Bite {
    pub told: Vec<Event>,
    pub more: bool,
}

/// As part of a write that shuts the client.
pub(crate) async fn end_of_client(
    tx: &mut Tx,
    client: &ClientId,
    fate: Fate,
    at: Time,
) -> Result<Bite, Fault> {
    let row = params![client.as_str(), at, REASON.as_str(), BITE];
    let killed = tx.all(&END_OF_CLIENT, &row, read_killed).await?;
    let ended = Ended { at, reason: REASON };
    let told = match fate {
        Fate::Disabled => tell(tx, &killed, ended).await?,
        Fate::Deleted => killed.iter().filter_map(|one| one.event(ended)).collect(),
    };
    let more = killed.len() >= BITE as usize;
    Ok(Bite { told, more })
}

/// Ends what is left of a client that is shut, in writes of their own.
pub(crate) async fn end_rest_of_client(
    engine: &Engine,
    client: &ClientId,
    fate: Fate,
    at: Time,
) -> Result<(), Fault> {
    loop {
        let bite = engine.write((client.clone(), fate, at), |(client, fate, at), tx| {
            Box::pin(async move {
                let Bite { told, more } = end_of_client(tx, client, *fate, *at).await?;
                feed::append(tx, &told).await?;
                Ok(more)
            })
        });
        if !bite.await? {
            return Ok(());
        }
    }
}
