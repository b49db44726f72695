//! Opening a session.

use keywright_domain::audit::Effects;
use keywright_domain::session::Session;

use super::row;
use crate::effects;
use crate::engine::{Tx, params};
use crate::fault::Fault;

statements! {
    /// Shared among logins, against whoever changes the account: one that disables it waits for us and then ends what
    /// we opened, or is first and we find another epoch.
    LOCK_ACCOUNT = "SELECT epoch FROM users WHERE id = $1 AND epoch = $2 AND status = 'active' {for_share}";
    INSERT = "INSERT INTO sessions (id, user_id, client_id, audience, scope, openid_scope, login_id, salt, sequence, superseded, idle_until, \
              absolute_until, proof_key, created_at, authenticated_at, last_used_at, ended_at, end_reason, device, address, amr, \
              status_list, status_index) \
              VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23)";
}

pub(super) async fn open(
    tx: &mut Tx,
    session: &Session,
    epoch: i64,
    left: &Effects,
) -> Result<bool, Fault> {
    let account = params![session.user, epoch];
    if tx
        .first(&LOCK_ACCOUNT, &account, |row| row.row_of("users").int())
        .await?
        .is_none()
    {
        return Ok(false);
    }
    tx.execute(&INSERT, &row::values(session)).await?;
    effects::record(tx, left).await?;
    Ok(true)
}
