//! Classes and tokens as rows.

use keywright_domain::ledger::{
    ClassId, GrantType, Jti, Recorded, TokenClass, TokenFilter, TokenKind,
};
use keywright_domain::session::EndReason;
use keywright_domain::{Period, SessionId, Time, UserId};

use super::record::TOUCHED_EACH;
use crate::engine::{Columns, Tx, params};
use crate::fault::Fault;

statements! {
    /// Those that may have tokens that live at `$5`, the latest used first. An absent criterion is the column itself.
    CLASSES = "SELECT id, client_id, audience, scope, kid, grant_type, kind, lifetime FROM ledger_classes \
               WHERE client_id = COALESCE($1, client_id) AND audience = COALESCE($2, audience) \
               AND kid = COALESCE($3, kid) AND grant_type = COALESCE($4, grant_type) \
               AND kind = COALESCE($6, kind) AND used_at + lifetime > $5 \
               ORDER BY used_at DESC, id";
}

/// The columns of [`Token`], of `ledger l` and `sessions s`.
macro_rules! token_columns {
    () => {
        "l.class, l.jti, l.session_id, s.user_id, s.end_reason"
    };
}
pub(super) use token_columns;

/// A row of the ledger with what its session tells.
pub(super) struct Token {
    pub(super) class: ClassId,
    pub(super) jti: Jti,
    pub(super) session: Option<SessionId>,
    pub(super) user: Option<UserId>,
    ended: Option<EndReason>,
}

/// The classes whose tokens `filter` may admit.
pub(super) async fn classes(
    tx: &mut Tx,
    filter: &TokenFilter,
    live_at: Time,
) -> Result<Vec<(ClassId, TokenClass)>, Fault> {
    let wanted = params![
        filter.client.as_ref().map(|client| client.as_str()),
        filter.audience.as_ref().map(|audience| audience.as_str()),
        filter.kid.as_deref(),
        filter.grant.map(GrantType::as_str),
        live_at - TOUCHED_EACH,
        filter.kind.map(TokenKind::as_str),
    ];
    let mut found = tx.all(&CLASSES, &wanted, read_class).await?;
    found.retain(|(_, class)| filter.admits(class));
    Ok(found)
}

pub(super) fn read_class(row: &mut Columns<'_>) -> Result<(ClassId, TokenClass), Fault> {
    let row = row.row_of("ledger_classes");
    let id = ClassId::from_number(row.int()?);
    let class = TokenClass {
        client: row.parse()?,
        audience: row.parse()?,
        scope: row.parse()?,
        kid: row.text()?.to_owned(),
        grant: row.one_of(&GrantType::ALL, GrantType::as_str)?,
        kind: row.one_of(&TokenKind::ALL, TokenKind::as_str)?,
        lifetime: Period::millis(row.int()?),
    };
    Ok((id, class))
}

pub(super) fn read_token(row: &mut Columns<'_>) -> Result<Token, Fault> {
    let row = row.row_of("ledger");
    Ok(Token {
        class: ClassId::from_number(row.int()?),
        jti: Jti::from_bytes(row.bytes()?),
        session: row.opt_bytes()?.map(SessionId::from_bytes),
        user: row.opt_bytes()?.map(UserId::from_bytes),
        ended: match row.opt_text()? {
            None => None,
            Some(stored) => {
                let mut all = EndReason::ALL.into_iter();
                let found = all.find(|reason| reason.as_str() == stored);
                Some(found.ok_or_else(|| row.corrupt())?)
            }
        },
    })
}

impl Token {
    pub(super) fn of(self, class: &TokenClass) -> Recorded {
        Recorded {
            jti: self.jti,
            class: class.clone(),
            session: self.session,
            user: self.user,
            ended: self.ended,
        }
    }
}
