//! Proving to be a client (RFC 6749 §2.3.1).

use crate::audit::{Actor, Effects, Event, EventKind, Origin};
use crate::client::{Client, ClientId, ClientKind};
use crate::limit::{LimitKey, Limited, Network};
use crate::secret::PlainSecret;
use crate::{Issuer, Unavailable};

/// What came with a request, by Basic or in the form.
#[derive(Clone, Debug)]
pub struct ClientSecret {
    pub id: ClientId,
    pub secret: Option<PlainSecret>,
}

#[derive(Debug, thiserror::Error)]
pub enum ClientRefused {
    /// Unknown or disabled.
    #[error("there is no such client")]
    Unknown,
    #[error("the client secret is wrong or missing")]
    WrongSecret,
    #[error("the client may not use this grant")]
    GrantNotAllowed,
    #[error(transparent)]
    Limited(#[from] Limited),
    #[error(transparent)]
    Unavailable(#[from] Unavailable),
}

impl Issuer {
    /// The client that `presented` proves. A public client has nothing to prove; it must not present a secret either, because
    /// that is a client that believes to be protected and is not.
    pub async fn authenticate_client(
        &self,
        presented: &ClientSecret,
        origin: &Origin,
    ) -> Result<Client, ClientRefused> {
        let now = self.now();
        let quota = self.policy().limits.account();
        let key = LimitKey::Client(presented.id.as_str(), Network::from(origin.address));
        self.limits.check(key, quota, now)?;
        let found = self
            .outside
            .store
            .client(&presented.id)
            .await?
            .filter(|client| !client.disabled);
        let Some(client) = found else {
            self.limits.charge(key, quota, now);
            return Err(ClientRefused::Unknown);
        };
        let proved = match (client.kind, &client.secret, &presented.secret) {
            (ClientKind::Confidential, Some(expected), Some(secret)) => expected.matches(secret),
            (ClientKind::Public, None, None) => true,
            (ClientKind::Confidential | ClientKind::Public, _, _) => false,
        };
        if proved {
            return Ok(client);
        }
        self.limits.charge(key, quota, now);
        let event = Event::new(EventKind::ClientAuthenticationFailed, Actor::Anonymous, now)
            .client(&client.id)
            .from(origin);
        self.outside.store.record(&Effects::from(event)).await?;
        Err(ClientRefused::WrongSecret)
    }
}
