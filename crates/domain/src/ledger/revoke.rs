//! Ending what a question finds. A token dies with the session that it stands on, so that nothing refreshes it back to life; a
//! service's token dies by the client's entry in the status list, and the client's next one is good again.

use std::collections::BTreeSet;

use crate::audit::{Actor, Effects, Event, EventKind, Origin};
use crate::client::ClientId;
use crate::ledger::{Recorded, TokenFilter, TokenQuery};
use crate::session::EndReason;
use crate::{Issuer, SessionId, Unavailable};

/// How many tokens are read at a time.
const PAGE: u32 = 1_000;

/// How many sessions one call ends: about as much as a request has time for. Who wants more asks again.
const AT_MOST: usize = 2_000;

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Revoked {
    pub sessions: u64,
    /// Those whose own tokens were revoked.
    pub clients: u64,
    /// There is more to end: ask again.
    pub more: bool,
}

#[derive(Debug, thiserror::Error)]
pub enum RevokeTokensError {
    /// No criterion would mean every token.
    #[error("at least one criterion is needed")]
    NoCriterion,
    #[error(transparent)]
    Unavailable(#[from] Unavailable),
}

impl Issuer {
    /// Ends the sessions whose living tokens meet the filter now, and revokes what the clients have of their own that do.
    pub async fn revoke_tokens(
        &self,
        filter: TokenFilter,
        actor: &Actor,
    ) -> Result<Revoked, RevokeTokensError> {
        if filter.is_empty() {
            return Err(RevokeTokensError::NoCriterion);
        }
        let now = self.now();
        let told = Event::new(EventKind::TokensRevoked, actor.clone(), now).detail(&filter);
        let mut query = TokenQuery {
            filter,
            live_at: now,
            after: None,
            limit: PAGE,
        };
        let mut revoked = Revoked::default();
        let (mut seen, mut clients) = (BTreeSet::new(), BTreeSet::new());
        self.outside.store.record(&Effects::from(told)).await?;
        while !revoked.more {
            let page = self.outside.store.tokens(&query).await?;
            query.after = page.last().map(|token| token.jti);
            for session in sessions(&page) {
                if seen.len() == AT_MOST {
                    revoked.more = true;
                    break;
                }
                if seen.insert(session) && self.revoke_session(session, actor).await? {
                    revoked.sessions += 1;
                }
            }
            clients.extend(services(&page));
            if query.after.is_none() {
                break;
            }
        }
        if !revoked.more {
            // Last: the tokens stay on record, and whoever asks again for more sessions must not have them revoked again.
            for client in clients {
                revoked.clients += u64::from(self.revoke_own_tokens(&client, actor).await?);
            }
        }
        Ok(revoked)
    }

    pub(crate) async fn revoke_own_tokens(
        &self,
        id: &ClientId,
        actor: &Actor,
    ) -> Result<bool, Unavailable> {
        let now = self.now();
        let fresh = self.free_entry(now).await?.entry;
        let event = Event::new(EventKind::TokensRevoked, actor.clone(), now).client(id);
        let store = &self.outside.store;
        store.revoke_own_tokens(id, fresh, now, &event.into()).await
    }

    async fn revoke_session(&self, id: SessionId, actor: &Actor) -> Result<bool, Unavailable> {
        let reason = EndReason::EndedByAdmin;
        self.end_one(id, None, reason, actor, &Origin::default())
            .await
    }
}

/// The clients whose own tokens are among these.
fn services(tokens: &[Recorded]) -> impl Iterator<Item = ClientId> {
    let own = tokens.iter().filter(|token| token.session.is_none());
    own.map(|token| token.class.client.clone())
}

/// The sessions behind tokens that have not ended already.
fn sessions(tokens: &[Recorded]) -> impl Iterator<Item = SessionId> {
    let standing = tokens.iter().filter(|token| token.ended.is_none());
    standing.filter_map(|token| token.session)
}
