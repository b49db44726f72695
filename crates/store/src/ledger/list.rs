//! The newest tokens first, out of one stretch for each class, or out of those of a few sessions.

use std::cmp::Reverse;

use keywright_domain::ledger::{ClassId, Recorded, TokenClass, TokenQuery};

use super::AT_ONCE;
use super::of_sessions::{by_session, of_sessions, sessions};
use super::row::{classes, head, newest_classes, read_token, tail, token_columns};
use crate::engine::{Tx, params};
use crate::fault::Fault;

statements! {
    OF_CLASS = concat!("SELECT ", token_columns!(), " FROM ledger l LEFT JOIN sessions s ON s.id = l.session_id \
                        WHERE l.class = $1 AND l.jti_head >= $2 AND (l.jti_head, l.jti_tail) < ($3, $4) \
                        ORDER BY l.jti_head DESC, l.jti_tail DESC LIMIT $5");
}

pub(super) async fn list(tx: &mut Tx, query: &TokenQuery) -> Result<Vec<Recorded>, Fault> {
    if !by_session(query) {
        return of_classes(tx, query).await;
    }
    let classes = classes(tx, &query.filter, query.live_at).await?;
    let sessions = sessions(tx, query).await?;
    let mut found = Vec::new();
    of_sessions(tx, query, &sessions, &classes, |token, class| {
        found.push(token.of(class));
        found.len() < query.limit as usize
    })
    .await?;
    Ok(found)
}

/// A class with the head of its newest token that is asked for.
type Newest = (ClassId, TokenClass, i64);

/// A page of fifty is made of the fifty classes whose newest tokens are newest, and of nothing older than the fiftieth of these.
/// Among them the newest so far bound how far back the next are read.
async fn of_classes(tx: &mut Tx, query: &TokenQuery) -> Result<Vec<Recorded>, Fault> {
    let limit = query.limit as usize;
    let mut classes: Vec<Newest> = newest_classes(tx, query).await?;
    classes.sort_unstable_by_key(|(.., newest)| Reverse(*newest));
    let floor = classes.get(limit.saturating_sub(1));
    let mut oldest = floor.map_or(0, |(.., newest)| *newest);
    let mut found: Vec<Recorded> = Vec::new();
    for some in classes.chunks(AT_ONCE) {
        let spans = some.iter().filter_map(|(id, class, newest)| {
            let span = query.span(class).filter(|_| *newest >= oldest)?;
            let (from, before) = (head(span.from).max(oldest), span.before);
            Some(params![*id, from, head(before), tail(before), query.limit])
        });
        let spans: Vec<_> = spans.collect();
        let rows = tx.each(&OF_CLASS, &spans, read_token).await?;
        found.extend(rows.into_iter().flatten().filter_map(|token| {
            let (_, class, _) = some.iter().find(|(id, ..)| *id == token.class)?;
            Some(token.of(class))
        }));
        found.sort_unstable_by_key(|token| Reverse(token.jti));
        found.truncate(limit);
        if let Some(last) = found.get(limit.saturating_sub(1)) {
            oldest = head(last.jti);
        }
    }
    Ok(found)
}
