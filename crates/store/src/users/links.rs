//! One-time links. To redeem one is to delete its row, which happens once.

use keywright_domain::account::password::PasswordHash;
use keywright_domain::account::{Link, LinkId, LinkPurpose};
use keywright_domain::audit::Effects;
use keywright_domain::session::{EndReason, Ended};
use keywright_domain::{Time, UserId};

use crate::engine::{Columns, Engine, Tx, params};
use crate::fault::Fault;
use crate::{effects, sessions};

statements! {
    INSERT = "INSERT INTO links (id, purpose, user_id, created_at, expires_at) VALUES ($1, $2, $3, $4, $5)";
    OPEN = "SELECT id, purpose, user_id, created_at, expires_at FROM links \
            WHERE id = $1 AND purpose = $2 AND expires_at > $3";
    /// The user first, then what is the user's: every write takes locks in that order, so none waits in a circle.
    LOCK_USER = "SELECT epoch FROM users WHERE id = $1 {for_update}";
    TAKE = "DELETE FROM links WHERE id = $1 AND purpose = $2 AND user_id = $3 AND expires_at > $4";
    TAKE_ALL = "DELETE FROM links WHERE user_id = $1";
    VERIFY_EMAIL = "UPDATE users SET email_verified = 1, updated_at = $2 WHERE id = $1";
    RESET_PASSWORD = "UPDATE users SET password = $2, email_verified = 1, epoch = epoch + 1, updated_at = $3 \
                      WHERE id = $1";
}

const PURPOSES: [LinkPurpose; 2] = [LinkPurpose::VerifyEmail, LinkPurpose::ResetPassword];

pub(super) struct Redemption {
    pub(super) link: Link,
    /// The new password, if it is for one.
    pub(super) password: Option<PasswordHash>,
    pub(super) at: Time,
}

pub(crate) async fn insert(tx: &mut Tx, link: &Link) -> Result<(), Fault> {
    let row = params![
        link.id,
        link.purpose.as_str(),
        link.user,
        link.created_at,
        link.expires_at
    ];
    tx.execute(&INSERT, &row).await.map(drop)
}

pub(super) async fn open(
    engine: &Engine,
    id: LinkId,
    purpose: LinkPurpose,
    now: Time,
) -> Result<Option<Link>, Fault> {
    engine
        .point(&OPEN, &params![id, purpose.as_str(), now], read_link)
        .await
}

pub(super) async fn redeem(
    tx: &mut Tx,
    redemption: &Redemption,
    left: &Effects,
) -> Result<bool, Fault> {
    let Redemption { link, password, at } = redemption;
    let open = params![link.id, link.purpose.as_str(), *at];
    if tx.first(&OPEN, &open, read_link).await?.is_none() {
        // Who comes late leaves without a lock to wait for.
        return Ok(false);
    }
    let user = tx
        .first(&LOCK_USER, &params![link.user], |row| {
            row.row_of("users").int()
        })
        .await?;
    let taken = params![link.id, link.purpose.as_str(), link.user, *at];
    if user.is_none() || tx.execute(&TAKE, &taken).await? == 0 {
        return Ok(false);
    }
    let mut told = Vec::new();
    match password {
        None => {
            tx.execute(&VERIFY_EMAIL, &params![link.user, *at]).await?;
        }
        Some(hash) => {
            tx.execute(&RESET_PASSWORD, &params![link.user, hash.as_str(), *at])
                .await?;
            tx.execute(&TAKE_ALL, &params![link.user]).await?;
            let ended = Ended {
                at: *at,
                reason: EndReason::PasswordChanged,
            };
            told = sessions::end_all(tx, link.user, None, ended).await?;
        }
    }
    effects::record_and_tell(tx, left, told).await?;
    Ok(true)
}

/// Takes all links of a user out of circulation.
pub(super) async fn delete_all(tx: &mut Tx, user: UserId) -> Result<(), Fault> {
    tx.execute(&TAKE_ALL, &params![user]).await.map(drop)
}

fn read_link(row: &mut Columns<'_>) -> Result<Link, Fault> {
    let row = row.row_of("links");
    Ok(Link {
        id: LinkId(row.bytes()?),
        purpose: row.one_of(&PURPOSES, LinkPurpose::as_str)?,
        user: UserId::from_bytes(row.bytes()?),
        created_at: row.time()?,
        expires_at: row.time()?,
    })
}
