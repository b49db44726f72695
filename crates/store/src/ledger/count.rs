//! How many tokens there are, by class.

use std::collections::BTreeMap;

use keywright_domain::ledger::{ClassCount, TokenCount, TokenQuery};

use super::list::{by_session, of_sessions};
use super::row::classes;
use crate::engine::{Columns, Tx, params};
use crate::fault::Fault;

statements! {
    /// One more than the limit tells that there are more.
    COUNT = "SELECT count(*) FROM (SELECT 1 FROM ledger WHERE class = $1 AND jti >= $2 AND jti < $3 LIMIT $4) AS counted";
}

pub(super) async fn count(tx: &mut Tx, query: &TokenQuery) -> Result<Vec<ClassCount>, Fault> {
    let classes = classes(tx, &query.filter, query.live_at).await?;
    let mut counted = BTreeMap::<_, u64>::new();
    if by_session(query) {
        of_sessions(tx, query, &classes, |token, _| {
            *counted.entry(token.class).or_default() += 1;
            true
        })
        .await?;
    } else {
        for (id, class) in &classes {
            let Some(span) = query.span(class) else {
                continue;
            };
            let stretch = params![*id, span.from, span.before, query.limit + 1];
            let rows = tx.first(&COUNT, &stretch, read_count).await?;
            counted.insert(*id, rows.unwrap_or(0));
        }
    }
    let counts = classes.into_iter().filter_map(|(id, class)| {
        let rows = counted.get(&id).copied().filter(|rows| *rows > 0)?;
        let tokens = rows.min(query.limit.into());
        let more = rows > tokens;
        Some(ClassCount {
            class,
            count: TokenCount { tokens, more },
        })
    });
    Ok(counts.collect())
}

fn read_count(row: &mut Columns<'_>) -> Result<u64, Fault> {
    row.number()
}
