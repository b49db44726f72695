//! Ending sessions. What has ended stays as it ended: each statement passes over it. Verifiers are told in the same write.

use keywright_domain::audit::Effects;
use keywright_domain::client::ClientId;
use keywright_domain::feed::{Event, Kind, StatusValue};
use keywright_domain::session::{EndReason, Ended};
use keywright_domain::status::StatusRef;
use keywright_domain::{LoginId, SessionId, Time, UserId};

use crate::engine::{Columns, Tx, params};
use crate::fault::Fault;
use crate::status::read_entry;
use crate::{effects, logins};

statements! {
    END = "UPDATE sessions SET ended_at = $2, end_reason = $3 WHERE id = $1 AND ended_at IS NULL RETURNING id, status_list, status_index";
    END_OWN = "UPDATE sessions SET ended_at = $2, end_reason = $3 WHERE id = $1 AND user_id = $4 AND ended_at IS NULL RETURNING id, status_list, status_index";
    END_OF_USER = "UPDATE sessions SET ended_at = $2, end_reason = $3 WHERE user_id = $1 AND ended_at IS NULL RETURNING id, status_list, status_index";
    END_OTHERS_OF_USER = "UPDATE sessions SET ended_at = $2, end_reason = $3 \
                          WHERE user_id = $1 AND ended_at IS NULL AND id <> $4 \
                          RETURNING id, status_list, status_index";
    END_OF_USER_AT_CLIENT = "UPDATE sessions SET ended_at = $2, end_reason = $3 \
                             WHERE user_id = $1 AND ended_at IS NULL AND client_id = $4 \
                             RETURNING id, status_list, status_index";
    /// Words are separated by single spaces, so a scope is a word between two.
    END_OF_LOGIN = "UPDATE sessions SET ended_at = $2, end_reason = $3 WHERE login_id = $1 AND ended_at IS NULL \
                    AND ' ' || coalesce(openid_scope, '') || ' ' NOT LIKE '% offline_access %' \
                    RETURNING id, status_list, status_index";
    END_OF_CLIENT = "UPDATE sessions SET ended_at = $2, end_reason = $3 WHERE client_id = $1 AND ended_at IS NULL RETURNING id, status_list, status_index";
}

/// A session that has been ended now, with the entry that its tokens name.
pub(crate) struct Killed {
    session: SessionId,
    entry: Option<StatusRef>,
}

impl Killed {
    /// What verifiers are told. A session of an older release has no entry yet, and tokens that name none.
    fn event(&self, Ended { at, reason }: Ended) -> Option<Event> {
        let kind = Kind::SessionRevoked {
            session: self.session,
            status: self.entry?.says(StatusValue::Invalid),
            reason,
        };
        Some(Event { at, kind })
    }
}

pub(super) fn events(killed: &[Killed], ended: Ended) -> Vec<Event> {
    killed.iter().filter_map(|one| one.event(ended)).collect()
}

pub(super) fn read_killed(row: &mut Columns<'_>) -> Result<Killed, Fault> {
    let row = row.row_of("sessions");
    Ok(Killed {
        session: SessionId::from_bytes(row.bytes()?),
        entry: read_entry(row)?,
    })
}

pub(super) async fn end(
    tx: &mut Tx,
    id: SessionId,
    owner: Option<UserId>,
    ended: Ended,
    left: &Effects,
) -> Result<bool, Fault> {
    let (at, reason) = (ended.at, ended.reason.as_str());
    let killed = match owner {
        None => tx.all(&END, &params![id, at, reason], read_killed).await?,
        Some(owner) => {
            tx.all(&END_OWN, &params![id, at, reason, owner], read_killed)
                .await?
        }
    };
    if killed.is_empty() {
        return Ok(false);
    }
    effects::record_and_tell(tx, left, events(&killed, ended)).await?;
    Ok(true)
}

/// Ends whatever of the user's has not ended, be it aged out or not: nodes' clocks differ. Answers what is to be told.
pub(crate) async fn end_all(
    tx: &mut Tx,
    user: UserId,
    keep: Option<SessionId>,
    ended: Ended,
) -> Result<Vec<Event>, Fault> {
    let killed = kill_all(tx, user, keep, ended).await?;
    Ok(events(&killed, ended))
}

async fn kill_all(
    tx: &mut Tx,
    user: UserId,
    keep: Option<SessionId>,
    ended: Ended,
) -> Result<Vec<Killed>, Fault> {
    let (at, reason) = (ended.at, ended.reason.as_str());
    // A login that went on would open the next session with no word from the person.
    logins::end_all(tx, user, at).await?;
    match keep {
        None => {
            tx.all(&END_OF_USER, &params![user, at, reason], read_killed)
                .await
        }
        Some(keep) => {
            let row = params![user, at, reason, keep];
            tx.all(&END_OTHERS_OF_USER, &row, read_killed).await
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
    let killed = kill_all(tx, user, keep, ended).await?;
    effects::record_and_tell(tx, left, events(&killed, ended)).await?;
    Ok(killed.len() as u64)
}

pub(crate) async fn end_all_at_client(
    tx: &mut Tx,
    user: UserId,
    client: &ClientId,
    ended: Ended,
) -> Result<Vec<Event>, Fault> {
    let row = params![user, ended.at, ended.reason.as_str(), client.as_str()];
    let killed = tx.all(&END_OF_USER_AT_CLIENT, &row, read_killed).await?;
    Ok(events(&killed, ended))
}

pub(crate) async fn end_all_for_client(
    tx: &mut Tx,
    client: &ClientId,
    ended: Ended,
) -> Result<Vec<Event>, Fault> {
    let row = params![client.as_str(), ended.at, ended.reason.as_str()];
    let killed = tx.all(&END_OF_CLIENT, &row, read_killed).await?;
    Ok(events(&killed, ended))
}

/// Ends what was opened from a login that has ended, but what goes on while the person is away.
pub(crate) async fn end_of_login(
    tx: &mut Tx,
    login: LoginId,
    at: Time,
) -> Result<Vec<Event>, Fault> {
    let reason = EndReason::Logout;
    let row = params![login, at, reason.as_str()];
    let killed = tx.all(&END_OF_LOGIN, &row, read_killed).await?;
    Ok(events(&killed, Ended { at, reason }))
}
