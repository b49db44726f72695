//! Logging in: a password for a session. How the password is judged is `prove.rs`'s.

use crate::access::{Audience, ScopeRefused, ScopeSet};
use crate::account::{LoginName, PresentedPassword, ProofRefused};
use crate::audit::{Actor, Effects, Event, EventKind, Origin};
use crate::client::{Client, ClientId, ClientKind, ClientRefused, Grant};
use crate::ledger::GrantType;
use crate::limit::Limited;
use crate::ports::PasswordsError;
use crate::secret::PlainSecret;
use crate::session::{Asked, Opening};
use crate::token::{MintError, Tokens};
use crate::{Issuer, Time, Unavailable};

#[derive(Clone, Debug)]
pub struct LogIn {
    pub name: LoginName,
    pub password: PlainSecret,
    /// `None`: the first-party client.
    pub client: Option<ClientId>,
    /// `None`: the client's default API.
    pub audience: Option<Audience>,
    /// `None`: all that may be had.
    pub scope: Option<ScopeSet>,
    pub origin: Origin,
}

#[derive(Debug, thiserror::Error)]
pub enum LogInError {
    /// Which of several reasons it was is never told.
    #[error("the name or the password is wrong, or the account may not log in")]
    Refused,
    #[error(transparent)]
    Limited(#[from] Limited),
    #[error(transparent)]
    Client(#[from] ClientRefused),
    #[error(transparent)]
    Scope(#[from] ScopeRefused),
    #[error(transparent)]
    Passwords(#[from] PasswordsError),
    #[error(transparent)]
    Mint(#[from] MintError),
    #[error(transparent)]
    Unavailable(#[from] Unavailable),
}

impl From<ProofRefused> for LogInError {
    fn from(refused: ProofRefused) -> Self {
        match refused {
            ProofRefused::Refused => Self::Refused,
            ProofRefused::Limited(limited) => Self::Limited(limited),
            ProofRefused::Passwords(error) => Self::Passwords(error),
            ProofRefused::Unavailable(error) => Self::Unavailable(error),
        }
    }
}

impl Issuer {
    pub async fn log_in(&self, attempt: LogIn) -> Result<Tokens, LogInError> {
        let client = self.login_client(attempt.client.as_ref()).await?;
        let catalog = self.catalog();
        let audience = attempt
            .audience
            .as_ref()
            .or(client.default_audience.as_ref())
            .ok_or(ScopeRefused::NoApi)?;
        let api = catalog.api(audience)?;
        let allowed = client.allowed.get(audience).cloned().unwrap_or_default();
        let scope = catalog.narrow(api, attempt.scope.as_ref(), &[&allowed])?;

        let now = self.now();
        let presented = PresentedPassword {
            name: &attempt.name,
            password: &attempt.password,
            client: Some(&client.id),
            origin: &attempt.origin,
        };
        let user = self.prove_by_password(presented, now).await?;

        let free = self.free_entry(now).await?;
        let opening = Opening {
            user: &user,
            client: &client,
            audience,
            scope,
            origin: &attempt.origin,
            entry: free.entry,
            binding: None,
        };
        self.open_session(opening, now).await
    }

    async fn open_session(&self, opening: Opening<'_>, now: Time) -> Result<Tokens, LogInError> {
        let minting = self.begin_minting(now)?;
        let (user, client) = (opening.user, opening.client);
        let event = Event::new(EventKind::LoginSucceeded, Actor::User(user.id), now)
            .user(user.id)
            .client(&client.id)
            .from(opening.origin);
        let opened = self.new_standing(opening, now);
        let asked = Asked {
            standing: &opened,
            scope: None,
            grant: GrantType::Login,
            nonce: None,
        };
        let session = &opened.session;
        let effects = Effects {
            minted: minting.entries_for::<LogInError>(asked)?,
            ..event.session(session.id).into()
        };
        let store = &self.outside.store;
        if !store.open(session, user.epoch, &effects).await? {
            // Disabled, deleted or given another password since it was read, a moment ago.
            return Err(LogInError::Refused);
        }
        let tokens = self.first_tokens::<LogInError>(minting, asked);
        tokens.await?.ok_or(LogInError::Refused)
    }

    /// The client that a login is for: public, enabled and first-party.
    async fn login_client(&self, named: Option<&ClientId>) -> Result<Client, LogInError> {
        let policy = self.policy();
        let id = named.unwrap_or(&policy.first_party_client);
        let client = self
            .outside
            .store
            .client(id)
            .await?
            .filter(|client| !client.disabled);
        let client = client.ok_or(ClientRefused::Unknown)?;
        if client.kind == ClientKind::Public && client.grants.contains(&Grant::Login) {
            Ok(client)
        } else {
            Err(ClientRefused::GrantNotAllowed.into())
        }
    }
}
