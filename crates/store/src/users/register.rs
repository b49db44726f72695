//! Registration.

use keywright_domain::account::{RegisterOutcomes, User};
use keywright_domain::ports::Registered;

use super::words;
use crate::effects;
use crate::engine::{Columns, Tx, params};
use crate::fault::Fault;

statements! {
    INSERT = "INSERT INTO users (id, username, email, email_verified, password, status, roles, epoch, created_at, updated_at) \
              VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) ON CONFLICT DO NOTHING";
    WHO_HAS_EMAIL = "SELECT id FROM users WHERE email = $1";
}

/// The same statements in the same order whatever comes out: the time it takes tells nothing.
pub(super) async fn register(
    tx: &mut Tx,
    user: &User,
    outcomes: &RegisterOutcomes,
) -> Result<Registered, Fault> {
    let row = params![
        user.id,
        user.username.as_ref().map(|name| name.as_str()),
        user.email.as_str(),
        user.email_verified,
        user.password.as_ref().map(|hash| hash.as_str()),
        user.status.as_str(),
        words(&user.roles),
        user.epoch,
        user.created_at,
        user.updated_at,
    ];
    tx.execute(&INSERT, &row).await?;
    let holder = tx
        .first(&WHO_HAS_EMAIL, &params![user.email.as_str()], read_id)
        .await?;
    let (registered, left) = match holder {
        Some(id) if id == *user.id.as_bytes() => (Registered::Created, &outcomes.created),
        Some(_) => (Registered::EmailTaken, &outcomes.email_taken),
        None => (Registered::UsernameTaken, &outcomes.username_taken),
    };
    effects::record(tx, left).await?;
    Ok(registered)
}

fn read_id(row: &mut Columns<'_>) -> Result<[u8; 16], Fault> {
    row.row_of("users").bytes()
}
