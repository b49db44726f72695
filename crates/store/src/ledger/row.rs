//! Classes and tokens as rows.

use keywright_domain::ledger::{
    ClassId, GrantType, Jti, Recorded, TokenClass, TokenFilter, TokenKind, TokenQuery,
};
use keywright_domain::session::EndReason;
use keywright_domain::{Period, SessionId, Time, UserId};

use super::record::TOUCHED_EACH;
use crate::engine::{Columns, Tx, Value, params};
use crate::fault::Fault;

/// The columns that [`read_class`] reads.
macro_rules! class_columns {
    () => {
        "c.id, c.client_id, c.audience, c.scope, c.kid, c.grant_type, c.kind, c.lifetime"
    };
}
pub(super) use class_columns;

/// Those that may have tokens that live at `$5`. An absent criterion is the column itself.
macro_rules! wanted {
    () => {
        " FROM ledger_classes c WHERE c.client_id = COALESCE($1, c.client_id) AND c.audience = COALESCE($2, c.audience) \
         AND c.kid = COALESCE($3, c.kid) AND c.grant_type = COALESCE($4, c.grant_type) \
         AND c.kind = COALESCE($6, c.kind) AND c.used_at + c.lifetime > $5"
    };
}

statements! {
    CLASSES = concat!("SELECT ", class_columns!(), wanted!(), " ORDER BY c.used_at DESC, c.id");
    /// Each with its newest token before `($7, $8)`.
    NEWEST = concat!("SELECT ", class_columns!(), ", (SELECT l.jti_head FROM ledger l \
                      WHERE l.class = c.id AND (l.jti_head, l.jti_tail) < ($7, $8) ORDER BY l.jti_head DESC LIMIT 1)", wanted!());
}

/// The columns of [`Token`], of `ledger l` and `sessions s`.
macro_rules! token_columns {
    () => {
        "l.class, l.jti_head, l.jti_tail, l.session_id, s.user_id, s.end_reason"
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
    let mut found = tx
        .all(&CLASSES, &wanted(filter, live_at), read_class)
        .await?;
    found.retain(|(_, class)| filter.admits(class));
    Ok(found)
}

/// Those that have a token that is asked for, with the head of the newest.
pub(super) async fn newest_classes(
    tx: &mut Tx,
    query: &TokenQuery,
) -> Result<Vec<(ClassId, TokenClass, i64)>, Fault> {
    let [client, audience, kid, grant, live_at, kind] = wanted(&query.filter, query.live_at);
    let before = query.before();
    let (head_before, tail_before) = (head(before).into(), tail(before).into());
    let asked = [
        client,
        audience,
        kid,
        grant,
        live_at,
        kind,
        head_before,
        tail_before,
    ];
    let found = tx.all(&NEWEST, &asked, read_newest).await?;
    let with_tokens = found.into_iter().filter_map(|((id, class), newest)| {
        let newest = newest?;
        let span = query.span(&class)?;
        let is_asked_for = query.filter.admits(&class) && newest >= head(span.from);
        is_asked_for.then_some((id, class, newest))
    });
    Ok(with_tokens.collect())
}

fn wanted(filter: &TokenFilter, live_at: Time) -> [Value<'_>; 6] {
    params![
        filter.client.as_ref().map(|client| client.as_str()),
        filter.audience.as_ref().map(|audience| audience.as_str()),
        filter.kid.as_deref(),
        filter.grant.map(GrantType::as_str),
        live_at - TOUCHED_EACH,
        filter.kind.map(TokenKind::as_str),
    ]
}

/// The first half of a token's id, as a number in the same order. Half a bound that is later than every token is the last number.
pub(super) fn head(jti: Jti) -> i64 {
    let [head, _] = halves(jti);
    i64::try_from(head).unwrap_or(i64::MAX)
}

/// The other half, which is random: the least is the least number, below zero.
pub(super) fn tail(jti: Jti) -> i64 {
    let [_, tail] = halves(jti);
    tail.cast_signed() ^ i64::MIN
}

fn halves(jti: Jti) -> [u64; 2] {
    let both = u128::from_be_bytes(*jti.as_bytes());
    [(both >> 64) as u64, both as u64]
}

fn read_jti(row: &mut Columns<'_>) -> Result<Jti, Fault> {
    let head: u64 = row.number()?;
    let tail = (row.int()? ^ i64::MIN).cast_unsigned();
    let both = u128::from(head) << 64 | u128::from(tail);
    Ok(Jti::from_bytes(both.to_be_bytes()))
}

fn read_newest(row: &mut Columns<'_>) -> Result<((ClassId, TokenClass), Option<i64>), Fault> {
    Ok((read_class(row)?, row.opt_int()?))
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
        jti: read_jti(row)?,
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
