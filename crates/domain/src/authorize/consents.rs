//! Seeing and withdrawing what one has granted.

use crate::audit::{Actor, Event, EventKind, Origin};
use crate::client::ClientId;
use crate::ports::ConsentedClient;
use crate::{Issuer, Unavailable, UserId};

#[derive(Debug, thiserror::Error)]
pub enum ConsentError {
    #[error("nothing is granted to this client")]
    Unknown,
    #[error(transparent)]
    Unavailable(#[from] Unavailable),
}

impl Issuer {
    /// What `user` has granted, and to whom.
    pub async fn consents_of(&self, user: UserId) -> Result<Vec<ConsentedClient>, ConsentError> {
        Ok(self.outside.store.consents_of(user).await?)
    }

    /// Takes back what `user` granted to the client, and ends the client's sessions of this user. The client has to ask again.
    pub async fn withdraw_consent(
        &self,
        user: UserId,
        client: &ClientId,
        origin: &Origin,
    ) -> Result<(), ConsentError> {
        let now = self.now();
        let event = Event::new(EventKind::ConsentWithdrawn, Actor::User(user), now)
            .user(user)
            .client(client)
            .from(origin);
        let store = &self.outside.store;
        let is_withdrawn = store
            .withdraw_consent(user, client, now, &event.into())
            .await?;
        if is_withdrawn {
            Ok(())
        } else {
            Err(ConsentError::Unknown)
        }
    }
}
