//! The tokens of one session, or of one user's: found by their sessions, and the other criteria are told from their classes.

use std::cmp::Reverse;
use std::collections::HashMap;

use keywright_domain::SessionId;
use keywright_domain::ledger::{ClassId, Jti, TokenClass, TokenQuery, TokenSpan};

use super::AT_ONCE;
use super::row::{Token, head, read_token, tail, token_columns};
use crate::engine::{Columns, Tx, params};
use crate::fault::Fault;

statements! {
    SESSIONS = "SELECT id FROM sessions WHERE user_id = $1";
    OF_SESSION = concat!("SELECT ", token_columns!(), " FROM ledger l LEFT JOIN sessions s ON s.id = l.session_id \
                          WHERE l.session_id = $1 AND (l.jti_head, l.jti_tail) < ($2, $3) \
                          ORDER BY l.jti_head DESC, l.jti_tail DESC LIMIT $4");
}

/// How many are read at a time, of all sessions together, and at least of each. What else is asked for is told from their classes, so
/// some may not fit.
const PAGE: u32 = 1_000;
const LEAST: u32 = 10;

/// Whether a few sessions' tokens are asked for rather than a stretch of time.
pub(super) fn by_session(query: &TokenQuery) -> bool {
    query.filter.session.is_some() || query.filter.user.is_some()
}

/// Those whose tokens are asked for.
pub(super) async fn sessions(tx: &mut Tx, query: &TokenQuery) -> Result<Vec<SessionId>, Fault> {
    match (query.filter.session, query.filter.user) {
        (Some(session), _) => Ok(vec![session]),
        (None, Some(user)) => tx.all(&SESSIONS, &params![user], read_session).await,
        (None, None) => Ok(Vec::new()),
    }
}

/// Shows `each` the tokens of these sessions that are asked for, newest first, until it has seen enough.
pub(super) async fn of_sessions(
    tx: &mut Tx,
    query: &TokenQuery,
    sessions: &[SessionId],
    classes: &[(ClassId, TokenClass)],
    mut each: impl FnMut(Token, &TokenClass) -> bool + Send,
) -> Result<(), Fault> {
    let spans: HashMap<ClassId, (&TokenClass, TokenSpan)> = classes
        .iter()
        .filter_map(|(id, class)| Some((*id, (class, query.span(class)?))))
        .collect();
    let mut before = spans.values().map(|(_, span)| span.before).max();
    while let Some(end) = before {
        let (page, rest) = newest(tx, query, sessions, end).await?;
        before = rest;
        for token in page {
            let known = spans.get(&token.class);
            if let Some((class, span)) = known
                && span.from <= token.jti
                && token.jti < span.before
                && query
                    .filter
                    .user
                    .is_none_or(|user| token.user == Some(user))
                && !each(token, class)
            {
                return Ok(());
            }
        }
    }
    Ok(())
}

/// The newest before `before`, and before which the others are. As many of each session as of any: so what a session has beyond is told
/// apart from what it does not have, and the newest of a hundred sessions are found without reading all that they have.
async fn newest(
    tx: &mut Tx,
    query: &TokenQuery,
    sessions: &[SessionId],
    before: Jti,
) -> Result<(Vec<Token>, Option<Jti>), Fault> {
    let share = u32::try_from(sessions.len()).map_or(0, |many| PAGE / many.max(1));
    let of_each = share.max(LEAST).min(query.limit.max(1));
    let (mut found, mut rest) = (Vec::new(), None);
    for some in sessions.chunks(AT_ONCE) {
        let pages = some
            .iter()
            .map(|session| params![*session, head(before), tail(before), of_each]);
        let pages: Vec<_> = pages.collect();
        for page in tx.each(&OF_SESSION, &pages, read_token).await? {
            if page.len() == of_each as usize {
                rest = rest.max(page.last().map(|token| token.jti));
            }
            found.extend(page);
        }
    }
    found.retain(|token| rest.is_none_or(|rest| rest <= token.jti));
    found.sort_unstable_by_key(|token| Reverse(token.jti));
    Ok((found, rest))
}

fn read_session(row: &mut Columns<'_>) -> Result<SessionId, Fault> {
    Ok(SessionId::from_bytes(row.row_of("sessions").bytes()?))
}
