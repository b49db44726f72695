//! Handing an API its symmetric keys. JWKS never holds them, so an API that chose HS* is given them by an operator.

use keywright_jwt::{Algorithm, PrivateKey};

use crate::access::Audience;
use crate::audit::{Actor, Effects, Event, EventKind};
use crate::keys::{KeyError, KeyState, TickError};
use crate::{Issuer, Time};

/// A symmetric key, in the clear on its way to the API that verifies with it.
#[derive(Debug)]
pub struct SharedKey {
    pub kid: String,
    pub algorithm: Algorithm,
    pub state: KeyState,
    /// While published: when it may sign at the earliest. The API must have it by then.
    pub known_at: Option<Time>,
    pub secret: PrivateKey,
}

impl Issuer {
    /// The keys that tokens for `audience` are or will be signed with. Each export is on record.
    pub async fn export_shared_keys(
        &self,
        audience: &Audience,
        actor: &Actor,
    ) -> Result<Vec<SharedKey>, KeyError> {
        let summaries = self.list_keys().await?;
        let keys = self.held().keys.clone();
        let mut shared = Vec::new();
        let mut effects = Effects::default();
        for key in summaries {
            let mine = key.ring.audience.as_ref() == Some(audience) && key.state.is_served();
            let Some(record) = keys.iter().find(|record| mine && record.kid == key.kid) else {
                continue;
            };
            let secret = self
                .outside
                .custody
                .reveal(record)
                .map_err(TickError::from)?;
            let event = Event::new(EventKind::KeyExported, actor.clone(), self.now());
            effects.events.push(event.detail(&key.kid));
            shared.push(SharedKey {
                kid: key.kid,
                algorithm: key.ring.algorithm,
                state: key.state,
                known_at: key.known_at,
                secret,
            });
        }
        if shared.is_empty() {
            return Err(KeyError::NoRing);
        }
        self.outside
            .store
            .record(&effects)
            .await
            .map_err(TickError::from)?;
        Ok(shared)
    }
}
