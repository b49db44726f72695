//! What administrators do to accounts.

use keywright_domain::account::UserStatus;
use keywright_domain::audit::Effects;
use keywright_domain::session::{EndReason, Ended};
use keywright_domain::{Time, UserId};

use super::links;
use crate::engine::{Tx, params};
use crate::fault::Fault;
use crate::{effects, sessions};

statements! {
    ENABLE = "UPDATE users SET status = $2, updated_at = $3 WHERE id = $1";
    DISABLE = "UPDATE users SET status = $2, epoch = epoch + 1, updated_at = $3 WHERE id = $1";
    SET_ROLES = "UPDATE users SET roles = $2, updated_at = $3 WHERE id = $1";
    DELETE = "DELETE FROM users WHERE id = $1";
    DELETE_LETTERS = "DELETE FROM outbox WHERE user_id = $1";
}

pub(super) async fn set_status(
    tx: &mut Tx,
    id: UserId,
    status: UserStatus,
    at: Time,
    left: &Effects,
) -> Result<bool, Fault> {
    let sql = match status {
        UserStatus::Active => &ENABLE,
        UserStatus::Disabled => &DISABLE,
    };
    if tx.execute(sql, &params![id, status.as_str(), at]).await? == 0 {
        return Ok(false);
    }
    if status == UserStatus::Disabled {
        sessions::end_all(
            tx,
            id,
            None,
            Ended {
                at,
                reason: EndReason::UserDisabled,
            },
        )
        .await?;
    }
    effects::record(tx, left).await?;
    Ok(true)
}

pub(super) async fn set_roles(
    tx: &mut Tx,
    id: UserId,
    roles: &str,
    at: Time,
    left: &Effects,
) -> Result<bool, Fault> {
    if tx.execute(&SET_ROLES, &params![id, roles, at]).await? == 0 {
        return Ok(false);
    }
    effects::record(tx, left).await?;
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
    tx.execute(&DELETE_LETTERS, &params![id]).await?;
    sessions::end_all(
        tx,
        id,
        None,
        Ended {
            at,
            reason: EndReason::UserDeleted,
        },
    )
    .await?;
    effects::record(tx, left).await?;
    Ok(true)
}
