//! Passwords that change.

use keywright_domain::account::password::PasswordHash;
use keywright_domain::audit::Effects;
use keywright_domain::session::{EndReason, Ended};
use keywright_domain::{SessionId, Time, UserId};

use crate::engine::{Engine, Tx, params};
use crate::fault::Fault;
use crate::{effects, sessions};

statements! {
    UPGRADE = "UPDATE users SET password = $3 WHERE id = $1 AND password = $2";
    CHANGE = "UPDATE users SET password = $3, epoch = epoch + 1, updated_at = $4 WHERE id = $1 AND epoch = $2";
}

pub(super) struct Change {
    pub(super) user: UserId,
    /// As it was read: the guard.
    pub(super) epoch: i64,
    pub(super) to: PasswordHash,
    pub(super) keep: Option<SessionId>,
    pub(super) at: Time,
}

pub(super) async fn upgrade(
    engine: &Engine,
    id: UserId,
    from: &PasswordHash,
    to: &PasswordHash,
) -> Result<(), Fault> {
    let params = params![id, from.as_str().to_owned(), to.as_str().to_owned()];
    engine.execute(&UPGRADE, params.into()).await.map(drop)
}

pub(super) async fn change(tx: &mut Tx, change: &Change, left: &Effects) -> Result<bool, Fault> {
    let params = params![change.user, change.epoch, change.to.as_str(), change.at];
    if tx.execute(&CHANGE, &params).await? == 0 {
        return Ok(false);
    }
    let ended = Ended {
        at: change.at,
        reason: EndReason::PasswordChanged,
    };
    let told = sessions::end_all(tx, change.user, change.keep, ended).await?;
    effects::record_and_tell(tx, left, told).await?;
    Ok(true)
}
