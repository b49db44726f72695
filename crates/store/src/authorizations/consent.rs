//! What people have granted to clients.

use keywright_domain::UserId;
use keywright_domain::audit::Effects;
use keywright_domain::authorize::Consent;
use keywright_domain::client::ClientId;
use keywright_domain::ports::ConsentedClient;
use keywright_domain::session::Ended;

use crate::catalogs::json;
use crate::engine::{Columns, Engine, Tx, params};
use crate::fault::Fault;
use crate::{effects, sessions};

statements! {
    FIND = "SELECT user_id, client_id, scopes, openid_scope, given_at FROM consents WHERE user_id = $1 AND client_id = $2";
    LOCK = "SELECT user_id, client_id, scopes, openid_scope, given_at FROM consents \
            WHERE user_id = $1 AND client_id = $2 {for_update}";
    OF_USER = "SELECT s.user_id, s.client_id, s.scopes, s.openid_scope, s.given_at, c.name \
               FROM consents s JOIN clients c ON c.id = s.client_id WHERE s.user_id = $1 ORDER BY s.client_id";
    PUT = "INSERT INTO consents (user_id, client_id, scopes, openid_scope, given_at) VALUES ($1, $2, $3, $4, $5) \
           ON CONFLICT (user_id, client_id) DO UPDATE \
           SET scopes = excluded.scopes, openid_scope = excluded.openid_scope, given_at = excluded.given_at";
    /// The user first, then what is the user's: every write takes locks in that order, so none waits in a circle.
    LOCK_USER = "SELECT epoch FROM users WHERE id = $1 {for_update}";
    DELETE = "DELETE FROM consents WHERE user_id = $1 AND client_id = $2";
    DELETE_CODES = "DELETE FROM authorization_codes WHERE user_id = $1 AND client_id = $2 AND spent_at IS NULL";
    DELETE_OF_USER = "DELETE FROM consents WHERE user_id = $1";
    DELETE_OF_CLIENT = "DELETE FROM consents WHERE client_id = $1";
}

pub(super) async fn find(
    engine: &Engine,
    user: UserId,
    client: &ClientId,
) -> Result<Option<Consent>, Fault> {
    let key = params![user, client.as_str()];
    engine.point(&FIND, &key, read_consent).await
}

pub(super) async fn list(tx: &mut Tx, user: UserId) -> Result<Vec<ConsentedClient>, Fault> {
    tx.all(&OF_USER, &params![user], |row| {
        Ok(ConsentedClient {
            consent: read_consent(row)?,
            client_name: row.text()?.to_owned(),
        })
    })
    .await
}

/// Adds to what was granted before.
pub(super) async fn add(tx: &mut Tx, given: &Consent) -> Result<(), Fault> {
    let key = params![given.user, given.client.as_str()];
    let earlier = tx.first(&LOCK, &key, read_consent).await?;
    let given = earlier.map_or_else(|| given.clone(), |earlier| given.clone().and(earlier));
    let row = params![
        given.user,
        given.client.as_str(),
        json(&given.scopes)?,
        given.openid.as_str(),
        given.given_at
    ];
    tx.execute(&PUT, &row).await.map(drop)
}

pub(super) async fn withdraw(
    tx: &mut Tx,
    user: UserId,
    client: &ClientId,
    ended: Ended,
    left: &Effects,
) -> Result<bool, Fault> {
    tx.first(&LOCK_USER, &params![user], |row| row.row_of("users").int())
        .await?;
    let key = params![user, client.as_str()];
    if tx.execute(&DELETE, &key).await? == 0 {
        return Ok(false);
    }
    tx.execute(&DELETE_CODES, &key).await?;
    let told = sessions::end_all_at_client(tx, user, client, ended).await?;
    effects::record_and_tell(tx, left, told).await?;
    Ok(true)
}

pub(crate) async fn forget_of_user(tx: &mut Tx, user: UserId) -> Result<(), Fault> {
    tx.execute(&DELETE_OF_USER, &params![user]).await.map(drop)
}

pub(crate) async fn forget_of_client(tx: &mut Tx, client: &ClientId) -> Result<(), Fault> {
    let client = params![client.as_str()];
    tx.execute(&DELETE_OF_CLIENT, &client).await.map(drop)
}

fn read_consent(row: &mut Columns<'_>) -> Result<Consent, Fault> {
    let row = row.row_of("consents");
    Ok(Consent {
        user: UserId::from_bytes(row.bytes()?),
        client: row.parse()?,
        scopes: row.json()?,
        openid: row.parse()?,
        given_at: row.time()?,
    })
}
