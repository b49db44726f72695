//! Ending sessions. What has ended stays as it ended: each statement passes over it.

use keywright_domain::audit::Effects;
use keywright_domain::client::ClientId;
use keywright_domain::session::Ended;
use keywright_domain::{SessionId, UserId};

use crate::effects;
use crate::engine::{Tx, params};
use crate::fault::Fault;

statements! {
    END = "UPDATE sessions SET ended_at = $2, end_reason = $3 WHERE id = $1 AND ended_at IS NULL";
    END_OWN = "UPDATE sessions SET ended_at = $2, end_reason = $3 WHERE id = $1 AND user_id = $4 AND ended_at IS NULL";
    END_OF_USER = "UPDATE sessions SET ended_at = $2, end_reason = $3 WHERE user_id = $1 AND ended_at IS NULL";
    END_OTHERS_OF_USER = "UPDATE sessions SET ended_at = $2, end_reason = $3 \
                          WHERE user_id = $1 AND ended_at IS NULL AND id <> $4";
    END_OF_CLIENT = "UPDATE sessions SET ended_at = $2, end_reason = $3 WHERE client_id = $1 AND ended_at IS NULL";
}

pub(super) async fn end(
    tx: &mut Tx,
    id: SessionId,
    owner: Option<UserId>,
    ended: Ended,
    left: &Effects,
) -> Result<bool, Fault> {
    let (at, reason) = (ended.at, ended.reason.as_str());
    let count = match owner {
        None => tx.execute(&END, &params![id, at, reason]).await?,
        Some(owner) => {
            tx.execute(&END_OWN, &params![id, at, reason, owner])
                .await?
        }
    };
    if count == 0 {
        return Ok(false);
    }
    effects::record(tx, left).await?;
    Ok(true)
}

/// Ends whatever of the user's has not ended, be it aged out or not: nodes' clocks differ.
pub(crate) async fn end_all(
    tx: &mut Tx,
    user: UserId,
    keep: Option<SessionId>,
    ended: Ended,
) -> Result<u64, Fault> {
    let (at, reason) = (ended.at, ended.reason.as_str());
    match keep {
        None => tx.execute(&END_OF_USER, &params![user, at, reason]).await,
        Some(keep) => {
            tx.execute(&END_OTHERS_OF_USER, &params![user, at, reason, keep])
                .await
        }
    }
}

pub(super) async fn end_all_with(
    tx: &mut Tx,
    user: UserId,
    keep: Option<SessionId>,
    ended: Ended,
    left: &Effects,
) -> Result<u64, Fault> {
    let count = end_all(tx, user, keep, ended).await?;
    effects::record(tx, left).await?;
    Ok(count)
}

pub(crate) async fn end_all_for_client(
    tx: &mut Tx,
    client: &ClientId,
    ended: Ended,
) -> Result<u64, Fault> {
    tx.execute(
        &END_OF_CLIENT,
        &params![client.as_str(), ended.at, ended.reason.as_str()],
    )
    .await
}
