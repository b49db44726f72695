//! A person's logins.

use keywright_domain::login::Login;
use keywright_domain::{Time, UserId};

use super::read_login;
use crate::engine::{Tx, params};
use crate::fault::Fault;

statements! {
    OF_USER = concat!("SELECT ", login_columns!(), " FROM logins l \
                       WHERE l.user_id = $1 AND l.ended_at IS NULL AND l.idle_until > $2 AND l.expires_at > $2 \
                       ORDER BY l.id LIMIT $3");
}

pub(super) async fn of_user(
    tx: &mut Tx,
    user: UserId,
    live_at: Time,
    limit: u32,
) -> Result<Vec<Login>, Fault> {
    tx.all(&OF_USER, &params![user, live_at, limit], read_login)
        .await
}
