//! The tokens of one session or one user: few, so they are read whole and the other criteria are told from their classes.

use std::collections::HashMap;

use keywright_domain::ledger::{ClassId, Jti, TokenClass, TokenQuery, TokenSpan};

use super::row::{Token, head, read_token, tail, token_columns};
use crate::engine::{Tx, params};
use crate::fault::Fault;

statements! {
    OF_SESSION = concat!("SELECT ", token_columns!(), " FROM ledger l LEFT JOIN sessions s ON s.id = l.session_id \
                          WHERE l.session_id = $1 AND (l.jti_head, l.jti_tail) < ($2, $3) \
                          ORDER BY l.jti_head DESC, l.jti_tail DESC LIMIT $4");
    OF_USER = concat!("SELECT ", token_columns!(), " FROM sessions s JOIN ledger l ON l.session_id = s.id \
                       WHERE s.user_id = $1 AND (l.jti_head, l.jti_tail) < ($2, $3) \
                       ORDER BY l.jti_head DESC, l.jti_tail DESC LIMIT $4");
}

/// How many are read at a time. What else is asked for is told from their classes, so some may not fit.
const PAGE: u32 = 1_000;

/// Whether a few sessions' tokens are asked for rather than a stretch of time.
pub(super) fn by_session(query: &TokenQuery) -> bool {
    query.filter.session.is_some() || query.filter.user.is_some()
}

/// Shows `each` the tokens of the session or user that is asked for, newest first, until it has seen enough.
pub(super) async fn of_sessions(
    tx: &mut Tx,
    query: &TokenQuery,
    classes: &[(ClassId, TokenClass)],
    mut each: impl FnMut(Token, &TokenClass) -> bool + Send,
) -> Result<(), Fault> {
    let spans: HashMap<ClassId, (&TokenClass, TokenSpan)> = classes
        .iter()
        .filter_map(|(id, class)| Some((*id, (class, query.span(class)?))))
        .collect();
    let Some(mut before) = spans.values().map(|(_, span)| span.before).max() else {
        return Ok(());
    };
    loop {
        let page = page_of_sessions(tx, query, before).await?;
        let Some(last) = page.last().map(|token| token.jti) else {
            return Ok(());
        };
        let whole = page.len() < PAGE as usize;
        before = last;
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
        if whole {
            return Ok(());
        }
    }
}

async fn page_of_sessions(
    tx: &mut Tx,
    query: &TokenQuery,
    before: Jti,
) -> Result<Vec<Token>, Fault> {
    match (query.filter.session, query.filter.user) {
        (Some(session), _) => {
            let page = params![session, head(before), tail(before), PAGE];
            tx.all(&OF_SESSION, &page, read_token).await
        }
        (None, Some(user)) => {
            let page = params![user, head(before), tail(before), PAGE];
            tx.all(&OF_USER, &page, read_token).await
        }
        (None, None) => Ok(Vec::new()),
    }
}
