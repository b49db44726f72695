//! Who may administer: whoever holds the scope now, not whoever held it when the token was minted. Other services cannot ask;
//! the issuer has the answer at hand, and its own API is the one where five minutes of a lost role matter most.

use crate::access::ScopeSet;
use crate::audit::Actor;
use crate::client::ClientId;
use crate::session::CallError;
use crate::{Issuer, SessionId, Unavailable};

/// Whom a verified access token for the issuer's own API speaks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Bearer {
    Person { subject: String, session: SessionId },
    Service(ClientId),
}

#[derive(Debug, thiserror::Error)]
pub enum AdministerError {
    #[error("the session of this token is over")]
    SessionOver,
    #[error("the client of this token is unknown or disabled")]
    ClientRefused,
    #[error("the scope that the token carries is not granted any more")]
    NotGranted,
    #[error(transparent)]
    Unavailable(#[from] Unavailable),
}

impl Issuer {
    /// Who acts, for the log, if `scope` is granted to them at this moment.
    pub async fn administrator(
        &self,
        bearer: Bearer,
        scope: &str,
    ) -> Result<Actor, AdministerError> {
        let own = self
            .policy()
            .issuer_audience()
            .ok_or(AdministerError::NotGranted)?;
        let (client, granted, actor) = match bearer {
            Bearer::Person { subject, session } => {
                let caller = self.caller(&subject, session, ScopeSet::default()).await?;
                let granted = self.catalog().granted(&caller.standing.user.roles, &own);
                let actor = Actor::User(caller.standing.user.id);
                (caller.standing.client, Some(granted), actor)
            }
            Bearer::Service(id) => {
                let found = self.outside.store.client(&id).await?;
                let client = found.filter(|client| !client.disabled);
                let client = client.ok_or(AdministerError::ClientRefused)?;
                (client, None, Actor::Client(id))
            }
        };
        let allowed = client.allowed.get(&own).cloned().unwrap_or_default();
        let holds = |scopes: &ScopeSet| scopes.contains(scope);
        if holds(&allowed) && granted.as_ref().is_none_or(holds) {
            Ok(actor)
        } else {
            Err(AdministerError::NotGranted)
        }
    }
}

impl From<CallError> for AdministerError {
    fn from(error: CallError) -> Self {
        match error {
            CallError::SessionOver | CallError::UnknownSession | CallError::ForeignClient => {
                Self::SessionOver
            }
            CallError::Unavailable(error) => Self::Unavailable(error),
        }
    }
}
