//! The newest tokens first, out of one stretch for each class, or out of those of a few sessions.

use std::collections::HashMap;

use keywright_domain::ledger::{ClassId, Jti, Recorded, TokenClass, TokenQuery, TokenSpan};

use super::AT_ONCE;
use super::row::{Token, classes, read_token, token_columns};
use crate::engine::{Tx, params};
use crate::fault::Fault;

statements! {
    OF_CLASS = concat!("SELECT ", token_columns!(), " FROM ledger l LEFT JOIN sessions s ON s.id = l.session_id \
                        WHERE l.class = $1 AND l.jti >= $2 AND l.jti < $3 ORDER BY l.jti DESC LIMIT $4");
    OF_SESSION = concat!("SELECT ", token_columns!(), " FROM ledger l LEFT JOIN sessions s ON s.id = l.session_id \
                          WHERE l.session_id = $1 AND l.jti < $2 ORDER BY l.jti DESC LIMIT $3");
    OF_USER = concat!("SELECT ", token_columns!(), " FROM sessions s JOIN ledger l ON l.session_id = s.id \
                       WHERE s.user_id = $1 AND l.jti < $2 ORDER BY l.jti DESC LIMIT $3");
}

/// How many tokens of sessions are read at a time. What else is asked for is told from their classes, so some may not fit.
const PAGE: u32 = 1_000;

pub(super) async fn list(tx: &mut Tx, query: &TokenQuery) -> Result<Vec<Recorded>, Fault> {
    let classes = classes(tx, &query.filter, query.live_at).await?;
    if by_session(query) {
        let mut found = Vec::new();
        of_sessions(tx, query, &classes, |token, class| {
            found.push(token.of(class));
            found.len() < query.limit as usize
        })
        .await?;
        Ok(found)
    } else {
        of_classes(tx, query, &classes).await
    }
}

/// Whether a few sessions' tokens are asked for rather than a stretch of time.
pub(super) fn by_session(query: &TokenQuery) -> bool {
    query.filter.session.is_some() || query.filter.user.is_some()
}

/// The newest so far bound how far back the next classes are read, and the classes come in the order of their last use: most
/// answer with nothing.
async fn of_classes(
    tx: &mut Tx,
    query: &TokenQuery,
    classes: &[(ClassId, TokenClass)],
) -> Result<Vec<Recorded>, Fault> {
    let limit = query.limit as usize;
    let mut newest: Vec<Recorded> = Vec::new();
    for some in classes.chunks(AT_ONCE) {
        let full = newest.len() == limit;
        let oldest = newest.last().filter(|_| full).map(|token| token.jti);
        let spans = some.iter().filter_map(|(id, class)| {
            let span = query.span(class)?;
            let from = oldest.map_or(span.from, |oldest| oldest.max(span.from));
            Some(params![*id, from, span.before, query.limit])
        });
        let spans: Vec<_> = spans.collect();
        let found = tx.each(&OF_CLASS, &spans, read_token).await?;
        newest.extend(found.into_iter().flatten().filter_map(|token| {
            let (_, class) = some.iter().find(|(id, _)| *id == token.class)?;
            Some(token.of(class))
        }));
        newest.sort_unstable_by_key(|token| std::cmp::Reverse(token.jti));
        newest.truncate(limit);
    }
    Ok(newest)
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
            let page = params![session, before, PAGE];
            tx.all(&OF_SESSION, &page, read_token).await
        }
        (None, Some(user)) => {
            tx.all(&OF_USER, &params![user, before, PAGE], read_token)
                .await
        }
        (None, None) => Ok(Vec::new()),
    }
}
