//! Who may administer: whoever holds the scope now, not whoever held it when the token was minted or the browser logged in. Other
//! services cannot ask; the issuer has the answer at hand, and its own API is the one where five minutes of a lost role matter most.

use crate::access::ScopeSet;
use crate::audit::Actor;
use crate::client::ClientId;
use crate::login::Login;
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

/// Somebody at the console, in a browser.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Administration {
    /// For the log.
    pub actor: Actor,
    /// Of the issuer's own scopes, those that the person's roles grant at this moment; never none.
    pub granted: ScopeSet,
}

#[derive(Debug, thiserror::Error)]
pub enum ConsoleError {
    #[error("no role of this person grants a scope of the issuer's own API")]
    NotGranted,
    /// The cookie of a login lives for weeks, and whoever finds the browser open has it.
    #[error("the password was typed too long ago")]
    TooOld,
    #[error(transparent)]
    Unavailable(#[from] Unavailable),
}

impl Issuer {
    /// What the person behind a login may administer.
    pub async fn administration(&self, login: &Login) -> Result<Administration, ConsoleError> {
        let user = self.outside.store.by_id(login.user).await?;
        let own = self.policy().issuer_audience();
        let (user, own) = user.zip(own).ok_or(ConsoleError::NotGranted)?;
        let granted = self.catalog().granted(&user.roles, &own);
        if granted.is_empty() {
            return Err(ConsoleError::NotGranted);
        }
        if self.now().since(login.authenticated_at) > self.policy().logins.administration {
            return Err(ConsoleError::TooOld);
        }
        Ok(Administration {
            actor: Actor::User(user.id),
            granted,
        })
    }

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
