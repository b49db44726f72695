//! What administrators do to accounts.

use keywright_domain::account::UserStatus;
use keywright_domain::audit::Effects;
use keywright_domain::session::{EndReason, Ended};
use keywright_domain::{Time, UserId};

use super::links;
use crate::engine::{Columns, Tx, params};
use crate::fault::Fault;
use crate::{authorizations, effects, sessions, status};

statements! {
    ENABLE = "UPDATE users SET status = $2, updated_at = $3 WHERE id = $1";
    DISABLE = "UPDATE users SET status = $2, epoch = epoch + 1, updated_at = $3 WHERE id = $1";
    LOCK_ROLES = "SELECT roles FROM users WHERE id = $1 {for_update}";
    SET_ROLES = "UPDATE users SET roles = $2, updated_at = $3 WHERE id = $1";
    DELETE = "DELETE FROM users WHERE id = $1";
    DELETE_LETTERS = "DELETE FROM outbox WHERE user_id = $1";
}

pub(super) async fn set_status(
    tx: &mut Tx,
    id: UserId,
    to: UserStatus,
    at: Time,
    left: &Effects,
) -> Result<bool, Fault> {
    let sql = match to {
        UserStatus::Active => &ENABLE,
        UserStatus::Disabled => &DISABLE,
    };
    if tx.execute(sql, &params![id, to.as_str(), at]).await? == 0 {
        return Ok(false);
    }
    let reason = EndReason::UserDisabled;
    let told = match to {
        UserStatus::Active => Vec::new(),
        UserStatus::Disabled => sessions::end_all(tx, id, None, Ended { at, reason }).await?,
    };
    effects::record_and_tell(tx, left, told).await?;
    Ok(true)
}

pub(super) async fn set_roles(
    tx: &mut Tx,
    id: UserId,
    roles: &str,
    at: Time,
    left: &Effects,
) -> Result<bool, Fault> {
    let had = tx.first(&LOCK_ROLES, &params![id], read_roles).await?;
    let Some(had) = had else {
        return Ok(false);
    };
    tx.execute(&SET_ROLES, &params![id, roles, at]).await?;
    let told = if had == roles {
        Vec::new()
    } else {
        status::roles_changed(tx, id, at).await?
    };
    effects::record_and_tell(tx, left, told).await?;
    Ok(true)
}

pub(super) async fn delete(
    tx: &mut Tx,
    id: UserId,
    at: Time,
    left: &Effects,
) -> Result<bool, Fault> {
    if tx.execute(&DELETE, &params![id]).await? == 0 {
        return Ok(false);
    }
    links::delete_all(tx, id).await?;
    authorizations::forget_of_user(tx, id).await?;
    tx.execute(&DELETE_LETTERS, &params![id]).await?;
    let reason = EndReason::UserDeleted;
    let told = sessions::end_all(tx, id, None, Ended { at, reason }).await?;
    effects::record_and_tell(tx, left, told).await?;
    Ok(true)
}

fn read_roles(row: &mut Columns<'_>) -> Result<String, Fault> {
    Ok(row.row_of("users").text()?.to_owned())
}
