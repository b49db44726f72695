//! Ending what a question finds. A token dies with the session that it stands on, so that nothing refreshes it back to life; a
//! service's token dies by the client's entry in the status list, and the client's next one is good again.

use std::collections::BTreeSet;

use crate::audit::{Actor, Effects, Event, EventKind};
use crate::client::ClientId;
use crate::ledger::{GrantType, Recorded, TokenFilter, TokenQuery, TokenState};
use crate::session::EndReason;
use crate::{Issuer, SessionId, Time, Unavailable};

/// How many tokens are read at a time.
const PAGE: u32 = 1_000;

/// Sessions that are ended in one write. Others who write wait for so many at most.
const BITE: usize = 100;

/// When a call has ended so many sessions it reads no further: a request has a deadline. Who wants more asks again.
const ENOUGH: u64 = 20_000;

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Revoked {
    pub sessions: u64,
    /// Those whose own tokens were revoked.
    pub clients: u64,
    /// There may be more to end: ask again.
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
        let mut revoked = Revoked::default();
        let mut clients = BTreeSet::new();
        self.outside.store.record(&Effects::from(told)).await?;
        for grant in GrantType::ALL {
            let Some(mut query) = of_grant(&filter, grant, now) else {
                continue;
            };
            if grant == GrantType::ClientCredentials {
                clients.extend(self.services(query).await?);
                continue;
            }
            while !revoked.more {
                let page = self.outside.store.tokens(&query).await?;
                query.after = page.last().map(|token| token.jti);
                if query.after.is_none() {
                    break;
                }
                revoked.sessions += self.revoke_sessions(&sessions(&page), actor).await?;
                revoked.more = revoked.sessions >= ENOUGH;
                clients.extend(services(&page));
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

    /// The clients of these classes. All tokens of this grant are their client's own; there may be millions, and none needs to be read.
    async fn services(&self, query: TokenQuery) -> Result<BTreeSet<ClientId>, Unavailable> {
        let found = TokenQuery { limit: 1, ..query };
        let counts = self.outside.store.count_tokens(&found).await?;
        Ok(counts.into_iter().map(|one| one.class.client).collect())
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

    async fn revoke_sessions(
        &self,
        ids: &BTreeSet<SessionId>,
        actor: &Actor,
    ) -> Result<u64, Unavailable> {
        let (now, reason) = (self.now(), EndReason::EndedByAdmin);
        let told = |id: &SessionId| {
            let event = Event::new(EventKind::SessionEnded, actor.clone(), now);
            (*id, event.session(*id).detail(reason.as_str()))
        };
        let all: Vec<_> = ids.iter().map(told).collect();
        let mut ended = 0;
        for bite in all.chunks(BITE) {
            ended += self.outside.store.end_each(bite, reason, now).await?;
        }
        Ok(ended)
    }
}

/// The tokens of one grant that the filter asks for; `None` if it asks for another grant's.
fn of_grant(filter: &TokenFilter, grant: GrantType, live_at: Time) -> Option<TokenQuery> {
    let is_meant = filter.grant.is_none_or(|wanted| wanted == grant);
    is_meant.then(|| TokenQuery {
        filter: TokenFilter {
            grant: Some(grant),
            ..filter.clone()
        },
        live_at,
        after: None,
        limit: PAGE,
    })
}

/// The clients whose own tokens are among these: an exchanged token may be a service's.
fn services(tokens: &[Recorded]) -> impl Iterator<Item = ClientId> {
    let own = tokens.iter().filter(|token| token.session.is_none());
    own.map(|token| token.class.client.clone())
}

/// The sessions behind tokens that have not ended already, in the order of their ids.
fn sessions(tokens: &[Recorded]) -> BTreeSet<SessionId> {
    let valid = |token: &&Recorded| token.state() == Some(TokenState::Valid);
    let standing = tokens.iter().filter(valid);
    standing.filter_map(|token| token.session).collect()
}
