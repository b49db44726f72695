//! Lists of sessions.

use keywright_domain::ports::SessionQuery;
use keywright_domain::session::Session;

use super::row::read_session;
use crate::engine::{Tx, params};
use crate::fault::Fault;

statements! {
    ALL = concat!("SELECT ", session_columns!(), " FROM sessions s WHERE s.id > $1 ORDER BY s.id LIMIT $2");
    ALL_LIVE = concat!("SELECT ", session_columns!(), " FROM sessions s \
                        WHERE s.id > $1 AND s.ended_at IS NULL AND s.idle_until > $3 AND s.absolute_until > $3 \
                        ORDER BY s.id LIMIT $2");
    OF_USER = concat!("SELECT ", session_columns!(), " FROM sessions s \
                       WHERE s.user_id = $3 AND s.id > $1 ORDER BY s.id LIMIT $2");
    OF_USER_LIVE = concat!("SELECT ", session_columns!(), " FROM sessions s \
                            WHERE s.user_id = $3 AND s.id > $1 AND s.ended_at IS NULL AND s.idle_until > $4 \
                            AND s.absolute_until > $4 ORDER BY s.id LIMIT $2");
}

pub(super) async fn list(tx: &mut Tx, query: &SessionQuery) -> Result<Vec<Session>, Fault> {
    let SessionQuery {
        user,
        live_at,
        page,
    } = *query;
    let after = page.after.map_or([0; 16], |id| *id.as_bytes());
    let limit = page.limit;
    match (user, live_at) {
        (None, None) => tx.all(&ALL, &params![after, limit], read_session).await,
        (None, Some(now)) => {
            tx.all(&ALL_LIVE, &params![after, limit, now], read_session)
                .await
        }
        (Some(user), None) => {
            tx.all(&OF_USER, &params![after, limit, user], read_session)
                .await
        }
        (Some(user), Some(now)) => {
            tx.all(
                &OF_USER_LIVE,
                &params![after, limit, user, now],
                read_session,
            )
            .await
        }
    }
}
