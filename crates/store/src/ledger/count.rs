//! How many tokens there are, by class.

use std::collections::BTreeMap;

use keywright_domain::ledger::{ClassCount, TokenCount, TokenQuery};

use super::of_sessions::{by_session, of_sessions, sessions};
use super::row::{classes, head};
use crate::engine::{Columns, Tx, params};
use crate::fault::Fault;

statements! {
    /// One more than the limit tells that there are more. By the first half alone, which both bounds of a time are in: so PostgreSQL
    /// counts in the index.
    COUNT = "SELECT count(*) FROM (SELECT 1 FROM ledger WHERE class = $1 AND jti_head >= $2 AND jti_head < $3 LIMIT $4) AS counted";
}

/// Of all classes together, so many times what is counted of one: a question must be answered before its deadline.
const IN_ALL: u32 = 10;

pub(super) async fn count(tx: &mut Tx, query: &TokenQuery) -> Result<Vec<ClassCount>, Fault> {
    let classes = classes(tx, &query.filter, query.live_at).await?;
    let mut counted = BTreeMap::new();
    if by_session(query) {
        for session in sessions(tx, query).await? {
            of_sessions(tx, query, &[session], &classes, |token, _| {
                let count: &mut TokenCount = counted.entry(token.class).or_default();
                count.tokens += 1;
                true
            })
            .await?;
        }
    } else {
        let mut left = query.limit.saturating_mul(IN_ALL);
        for (id, class) in &classes {
            let Some(span) = query.span(class) else {
                continue;
            };
            let most = query.limit.min(left);
            let and_one = most.saturating_add(1);
            let stretch = params![*id, head(span.from), head(span.before), and_one];
            let rows = tx.first(&COUNT, &stretch, read_count).await?.unwrap_or(0);
            let tokens = rows.min(most);
            left -= tokens;
            let more = rows > tokens;
            counted.insert(
                *id,
                TokenCount {
                    tokens: tokens.into(),
                    more,
                },
            );
        }
    }
    let counts = classes.into_iter().filter_map(|(id, class)| {
        let count = counted.remove(&id)?;
        (count != TokenCount::default()).then_some(ClassCount { class, count })
    });
    Ok(counts.collect())
}

fn read_count(row: &mut Columns<'_>) -> Result<u32, Fault> {
    row.number()
}
