//! Ending logins.

use keywright_domain::audit::Effects;
use keywright_domain::logout::Farewell;
use keywright_domain::{LoginId, Time, UserId};

use crate::engine::{Tx, params};
use crate::fault::Fault;
use crate::sessions::Left;
use crate::{effects, sessions};

statements! {
    END = "UPDATE logins SET ended_at = $2 WHERE id = $1 AND ended_at IS NULL";
    END_OWN = "UPDATE logins SET ended_at = $2 WHERE id = $1 AND user_id = $3 AND ended_at IS NULL";
    END_OF_USER = "UPDATE logins SET ended_at = $2 WHERE user_id = $1 AND ended_at IS NULL";
}

pub(super) async fn end(
    tx: &mut Tx,
    id: LoginId,
    owner: UserId,
    at: Time,
    left: &Effects,
) -> Result<Option<Vec<Farewell>>, Fault> {
    if tx.execute(&END_OWN, &params![id, at, owner]).await? == 0 {
        return Ok(None);
    }
    let Left { told, farewells } = sessions::end_of_login(tx, id, at).await?;
    effects::record_and_tell(tx, left, told).await?;
    Ok(Some(farewells))
}

pub(super) async fn mark_ended(tx: &mut Tx, id: LoginId, at: Time) -> Result<(), Fault> {
    tx.execute(&END, &params![id, at]).await.map(drop)
}

pub(crate) async fn end_all(tx: &mut Tx, user: UserId, at: Time) -> Result<(), Fault> {
    tx.execute(&END_OF_USER, &params![user, at]).await.map(drop)
}
