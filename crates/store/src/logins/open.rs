//! Opening a login, and putting it in the place of another.

use keywright_domain::LoginId;
use keywright_domain::audit::Effects;
use keywright_domain::login::Login;

use super::end;
use crate::engine::{Tx, Value, params};
use crate::fault::Fault;
use crate::{effects, sessions};

statements! {
    INSERT = "INSERT INTO logins (id, user_id, secret, amr, authenticated_at, idle_until, expires_at, ended_at, device, address, created_at) \
              VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)";
    /// Shared among the sessions that are opened from it, against whoever ends it: the end waits for us and then finds
    /// what we opened, or is first and we find it ended.
    LOCK_LIVE = "SELECT user_id FROM logins WHERE id = $1 AND ended_at IS NULL {for_share}";
    TAKE_OVER = "UPDATE sessions SET login_id = $2 WHERE login_id = $1 AND user_id = $3 AND ended_at IS NULL";
}

pub(super) struct Opening {
    pub(super) login: Login,
    pub(super) epoch: i64,
    pub(super) replaces: Option<LoginId>,
}

pub(super) async fn open(tx: &mut Tx, opening: &Opening, left: &Effects) -> Result<bool, Fault> {
    let login = &opening.login;
    if !sessions::lock_account(tx, login.user, opening.epoch).await? {
        return Ok(false);
    }
    tx.execute(&INSERT, &values(login)).await?;
    let told = match opening.replaces {
        None => Vec::new(),
        Some(old) => {
            end::mark_ended(tx, old, login.created_at).await?;
            tx.execute(&TAKE_OVER, &params![old, login.id, login.user])
                .await?;
            sessions::end_of_login(tx, old, login.created_at)
                .await?
                .told
        }
    };
    effects::record_and_tell(tx, left, told).await?;
    Ok(true)
}

/// Holds the login until the commit; false if it has ended or there is none.
pub(crate) async fn lock_live(tx: &mut Tx, id: LoginId) -> Result<bool, Fault> {
    let user = tx
        .first(&LOCK_LIVE, &params![id], |row| {
            row.row_of("logins").bytes::<16>()
        })
        .await?;
    Ok(user.is_some())
}

/// In the order of [`login_columns!`].
fn values(login: &Login) -> [Value<'_>; 11] {
    params![
        login.id,
        login.user,
        login.secret.as_bytes().as_slice(),
        login.amr.join(" "),
        login.authenticated_at,
        login.idle_until,
        login.expires_at,
        login.ended,
        login.device.as_deref(),
        login.address.map(|address| address.to_string()),
        login.created_at,
    ]
}
