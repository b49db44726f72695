//! Opening a session.

use keywright_domain::UserId;
use keywright_domain::audit::Effects;
use keywright_domain::session::Session;

use super::row;
use crate::engine::{Columns, Tx, params};
use crate::fault::Fault;
use crate::{effects, logins};

statements! {
    /// Shared among logins, against whoever changes the account: one that disables it waits for us and then ends what
    /// we opened, or is first and we find another epoch.
    LOCK_ACCOUNT = "SELECT epoch FROM users WHERE id = $1 AND epoch = $2 AND status = 'active' {for_share}";
    INSERT = "INSERT INTO sessions (id, user_id, client_id, audience, scope, openid_scope, claims, authorization_details, login_id, salt, sequence, superseded, idle_until, \
              absolute_until, proof_key, created_at, authenticated_at, last_used_at, ended_at, end_reason, device, address, amr, \
              status_list, status_index) \
              VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24, $25)";
}

pub(super) async fn open(
    tx: &mut Tx,
    session: &Session,
    epoch: i64,
    left: &Effects,
) -> Result<bool, Fault> {
    if !lock_account(tx, session.user, epoch).await? {
        return Ok(false);
    }
    // A login that ended while a code of it was under way opens nothing more.
    if let Some(login) = session.login
        && !logins::lock_live(tx, login).await?
    {
        return Ok(false);
    }
    insert(tx, session).await?;
    effects::record(tx, left).await?;
    Ok(true)
}

/// Whether the account is active and at `epoch`, which it stays until the commit.
pub(crate) async fn lock_account(tx: &mut Tx, user: UserId, epoch: i64) -> Result<bool, Fault> {
    let account = params![user, epoch];
    let read = |row: &mut Columns<'_>| row.row_of("users").int();
    Ok(tx.first(&LOCK_ACCOUNT, &account, read).await?.is_some())
}

/// The row alone. Call it with the account locked.
pub(crate) async fn insert(tx: &mut Tx, session: &Session) -> Result<(), Fault> {
    let row = row::values(session)?;
    tx.execute(&INSERT, &row).await.map(drop)
}
