//! Ending sessions. What has ended stays as it ended: each statement passes over it. Verifiers are told in the same write, and clients by
//! what it queues.

use keywright_domain::access::ScopeSet;
use keywright_domain::audit::{self, Effects};
use keywright_domain::client::ClientId;
use keywright_domain::feed::{Event, Kind, StatusValue};
use keywright_domain::logout::Farewell;
use keywright_domain::session::{EndReason, Ended};
use keywright_domain::status::StatusRef;
use keywright_domain::{LoginId, SessionId, Time, UserId};

use crate::engine::{Columns, Tx, params};
use crate::fault::Fault;
use crate::status::read_entry;
use crate::{effects, logins, notices};

statements! {
    END = concat!("UPDATE sessions SET ended_at = $2, end_reason = $3 WHERE id = $1 AND ended_at IS NULL RETURNING ", ended_columns!());
    END_OWN = concat!("UPDATE sessions SET ended_at = $2, end_reason = $3 WHERE id = $1 AND user_id = $4 AND ended_at IS NULL RETURNING ", ended_columns!());
    END_OF_USER = concat!("UPDATE sessions SET ended_at = $2, end_reason = $3 WHERE user_id = $1 AND ended_at IS NULL RETURNING ", ended_columns!());
    END_OTHERS_OF_USER = concat!("UPDATE sessions SET ended_at = $2, end_reason = $3 \
                          WHERE user_id = $1 AND ended_at IS NULL AND id <> $4 RETURNING ", ended_columns!());
    END_OF_USER_AT_CLIENT = concat!("UPDATE sessions SET ended_at = $2, end_reason = $3 \
                             WHERE user_id = $1 AND ended_at IS NULL AND client_id = $4 RETURNING ", ended_columns!());
    /// Words are separated by single spaces, so a scope is a word between two.
    END_OF_LOGIN = concat!("UPDATE sessions SET ended_at = $2, end_reason = $3 WHERE login_id = $1 AND ended_at IS NULL \
                    AND ' ' || coalesce(openid_scope, '') || ' ' NOT LIKE '% offline_access %' RETURNING ", ended_columns!());
    LEFT_OF_LOGIN = concat!("SELECT ", ended_columns!(), " FROM sessions WHERE login_id = $1 AND ended_at IS NULL");
}

/// A session that has been ended now, with the entry that its tokens name.
pub(crate) struct Killed {
    session: SessionId,
    user: UserId,
    client: ClientId,
    openid: ScopeSet,
    entry: Option<StatusRef>,
}

impl Killed {
    /// What verifiers are told. A session of an older release has no entry yet, and tokens that name none.
    pub(super) fn event(&self, Ended { at, reason }: Ended) -> Option<Event> {
        let kind = Kind::SessionRevoked {
            session: self.session,
            status: self.entry?.says(StatusValue::Invalid),
            reason,
        };
        Some(Event { at, kind })
    }

    /// What its client is told. Without an ID token it has never heard of a session.
    fn farewell(&self) -> Option<Farewell> {
        self.openid.contains("openid").then(|| Farewell {
            client: self.client.clone(),
            user: self.user,
            session: self.session,
        })
    }
}

/// Queues what clients are to be told, and answers what verifiers are. Whatever ends a session comes by here.
pub(super) async fn tell(
    tx: &mut Tx,
    killed: &[Killed],
    ended: Ended,
) -> Result<Vec<Event>, Fault> {
    let farewells: Vec<_> = killed.iter().filter_map(Killed::farewell).collect();
    notices::queue_farewells(tx, &farewells, ended.at).await?;
    Ok(killed.iter().filter_map(|one| one.event(ended)).collect())
}

pub(super) fn read_killed(row: &mut Columns<'_>) -> Result<Killed, Fault> {
    let row = row.row_of("sessions");
    Ok(Killed {
        session: SessionId::from_bytes(row.bytes()?),
        user: UserId::from_bytes(row.bytes()?),
        client: row.parse()?,
        openid: row.opt_parse()?.unwrap_or_default(),
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
    let told = tell(tx, &killed, ended).await?;
    effects::record_and_tell(tx, left, told).await?;
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
    tell(tx, &killed, ended).await
}

/// Their rows are locked in the order of `sessions`, which is to be that of their ids: so two of these never wait in a circle.
pub(super) async fn end_each(
    tx: &mut Tx,
    sessions: &[(SessionId, audit::Event)],
    ended: Ended,
) -> Result<u64, Fault> {
    let (at, reason) = (ended.at, ended.reason.as_str());
    let asked = sessions.iter().map(|(id, _)| params![*id, at, reason]);
    let asked: Vec<_> = asked.collect();
    let killed = tx.each(&END, &asked, read_killed).await?;
    let events = sessions.iter().zip(&killed);
    let events = events.filter(|(_, killed)| !killed.is_empty());
    let left = Effects {
        events: events.map(|((_, event), _)| event.clone()).collect(),
        ..Effects::default()
    };
    let killed: Vec<_> = killed.into_iter().flatten().collect();
    let told = tell(tx, &killed, ended).await?;
    effects::record_and_tell(tx, &left, told).await?;
    Ok(killed.len() as u64)
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
    let told = tell(tx, &killed, ended).await?;
    effects::record_and_tell(tx, left, told).await?;
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
    tell(tx, &killed, ended).await
}

/// What has become of the sessions of a login that ended.
pub(crate) struct Left {
    /// For verifiers.
    pub(crate) told: Vec<Event>,
    /// All clients that knew one of them, also those that go on while the person is away.
    pub(crate) farewells: Vec<Farewell>,
}

/// Ends what was opened from a login that has ended, but what goes on while the person is away. Clients hear of it in any case: that the
/// person has logged out counts where somebody sits before a screen, whatever the client may do by itself.
pub(crate) async fn end_of_login(tx: &mut Tx, login: LoginId, at: Time) -> Result<Left, Fault> {
    let reason = EndReason::Logout;
    let row = params![login, at, reason.as_str()];
    let mut sessions = tx.all(&END_OF_LOGIN, &row, read_killed).await?;
    let told = tell(tx, &sessions, Ended { at, reason }).await?;
    let going_on = tx.all(&LEFT_OF_LOGIN, &params![login], read_killed).await?;
    let away: Vec<_> = going_on.iter().filter_map(Killed::farewell).collect();
    notices::queue_farewells(tx, &away, at).await?;
    sessions.extend(going_on);
    let farewells = sessions.iter().filter_map(Killed::farewell).collect();
    Ok(Left { told, farewells })
}
