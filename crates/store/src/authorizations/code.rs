//! Authorization codes. To spend one is one guarded `UPDATE` of its row, in the transaction that opens the session.

use keywright_domain::SessionId;
use keywright_domain::Time;
use keywright_domain::audit::Effects;
use keywright_domain::authorize::{AuthorizationCode, CodeId, Consent, StoredCode};
use keywright_domain::ports::CodeSpent;
use keywright_domain::session::Session;

use super::consent;
use crate::catalogs::json;
use crate::engine::{Columns, Engine, Tx, params};
use crate::fault::Fault;
use crate::{effects, logins, sessions};

statements! {
    INSERT = "INSERT INTO authorization_codes (id, client_id, user_id, code, expires_at) VALUES ($1, $2, $3, $4, $5)";
    FIND = "SELECT id, code, spent_at, session_id FROM authorization_codes WHERE id = $1";
    SPEND = "UPDATE authorization_codes SET spent_at = $2, session_id = $3 WHERE id = $1 AND spent_at IS NULL";
}

pub(super) async fn issue(
    tx: &mut Tx,
    code: &AuthorizationCode,
    given: Option<&Consent>,
    left: &Effects,
) -> Result<bool, Fault> {
    if !stands(tx, code).await? {
        return Ok(false);
    }
    if let Some(given) = given {
        consent::add(tx, given).await?;
    }
    let row = params![
        code.id,
        code.client.as_str(),
        code.user,
        json(code)?,
        code.expires_at
    ];
    tx.execute(&INSERT, &row).await?;
    effects::record(tx, left).await?;
    Ok(true)
}

pub(super) async fn find(engine: &Engine, id: CodeId) -> Result<Option<StoredCode>, Fault> {
    engine.point(&FIND, &params![id], read_code).await
}

pub(super) async fn redeem(
    tx: &mut Tx,
    code: &AuthorizationCode,
    session: &Session,
    left: &Effects,
) -> Result<CodeSpent, Fault> {
    if !stands(tx, code).await? {
        return Ok(CodeSpent::Void);
    }
    let spent = params![code.id, session.created_at, session.id];
    if tx.execute(&SPEND, &spent).await? == 0 {
        let stored = tx.first(&FIND, &params![code.id], read_code).await?;
        return Ok(match stored {
            Some(stored) => CodeSpent::Before(stored.session),
            None => CodeSpent::Void,
        });
    }
    sessions::insert(tx, session).await?;
    effects::record(tx, left).await?;
    Ok(CodeSpent::Opened)
}

/// Whether account and login are what the code was made from, which they stay until the commit.
async fn stands(tx: &mut Tx, code: &AuthorizationCode) -> Result<bool, Fault> {
    Ok(sessions::lock_account(tx, code.user, code.epoch).await?
        && logins::lock_live(tx, code.login).await?)
}

pub(super) async fn burn(engine: &Engine, id: CodeId, at: Time) -> Result<(), Fault> {
    let nothing: Option<SessionId> = None;
    let spent = params![id, at, nothing];
    engine.execute(&SPEND, spent.into()).await.map(drop)
}

fn read_code(row: &mut Columns<'_>) -> Result<StoredCode, Fault> {
    let row = row.row_of("authorization_codes");
    let id = CodeId(row.bytes()?);
    Ok(StoredCode {
        code: AuthorizationCode { id, ..row.json()? },
        is_spent: row.opt_time()?.is_some(),
        session: row.opt_bytes()?.map(SessionId::from_bytes),
    })
}
