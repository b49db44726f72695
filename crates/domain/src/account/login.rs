//! Logging in: a password for a session.
//!
//! A stranger, a wrong password, a disabled account and an unproved address get one answer after the same work: one hash, one
//! row in the log (invariant 7).

use crate::access::{Audience, ScopeRefused, ScopeSet};
use crate::account::password::PasswordCheck;
use crate::account::{LoginName, User};
use crate::audit::{Actor, Effects, Event, EventKind, Origin};
use crate::client::{Client, ClientId, ClientKind, ClientRefused, Grant};
use crate::ledger::GrantType;
use crate::limit::{LimitKey, Limited, Network, Quota};
use crate::policy::LimitPolicy;
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

/// What a login attempt is checked against, and a failure is charged to.
type Quotas<'a> = [(LimitKey<'a>, Quota); 3];

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
        let quotas = attempt_quotas(&attempt, &self.policy().limits);
        for (key, quota) in quotas {
            self.limits.check(key, quota, now)?;
        }
        let Some(user) = self.check_password(&attempt, &client, now).await? else {
            for (key, quota) in quotas {
                self.limits.charge(key, quota, now);
            }
            return Err(LogInError::Refused);
        };

        let free = self.free_entry(now).await?;
        let opening = Opening {
            user: &user,
            client: &client,
            audience,
            scope,
            origin: &attempt.origin,
            entry: free.entry,
        };
        self.open_session(opening, now).await
    }

    async fn open_session(&self, opening: Opening<'_>, now: Time) -> Result<Tokens, LogInError> {
        let minting = self.begin_minting(now);
        let user = opening.user;
        let event = Event::new(EventKind::LoginSucceeded, Actor::User(user.id), now)
            .user(user.id)
            .client(&opening.client.id)
            .from(opening.origin);
        let opened = self.new_standing(opening, now);
        let asked = Asked {
            standing: &opened,
            scope: None,
            grant: GrantType::Login,
        };
        let session = &opened.session;
        let effects = Effects {
            minted: vec![minting.entry_for::<LogInError>(asked)?],
            ..event.session(session.id).into()
        };
        let store = &self.outside.store;
        if !store.open(session, user.epoch, &effects).await? {
            // Disabled, deleted or given another password since it was read, a moment ago.
            return Err(LogInError::Refused);
        }
        let tokens = self.first_tokens::<LogInError>(minting, &opened, GrantType::Login);
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

    /// The user, if the password is right and the account may log in; otherwise the failure is on record.
    async fn check_password(
        &self,
        attempt: &LogIn,
        client: &Client,
        now: Time,
    ) -> Result<Option<User>, LogInError> {
        let found = self.outside.store.by_login(&attempt.name).await?;
        let hash = found.as_ref().and_then(|user| user.password.clone());
        let check = self
            .outside
            .passwords
            .verify(attempt.password.clone(), hash.clone())
            .await?;
        let proved =
            |user: &User| user.email_verified || !self.policy().accounts.verified_email_required;
        let may =
            |user: &User| check != PasswordCheck::Mismatch && user.is_active() && proved(user);
        match found {
            Some(user) if may(&user) => {
                if let (PasswordCheck::MatchOutdated, Some(old)) = (check, hash) {
                    let new = self
                        .outside
                        .passwords
                        .hash(attempt.password.clone())
                        .await?;
                    self.outside
                        .store
                        .upgrade_password(user.id, &old, &new)
                        .await?;
                }
                Ok(Some(user))
            }
            found => {
                let mut event = Event::new(EventKind::LoginFailed, Actor::Anonymous, now)
                    .client(&client.id)
                    .from(&attempt.origin);
                event.user = found.map(|user| user.id);
                self.outside.store.record(&Effects::from(event)).await?;
                Ok(None)
            }
        }
    }
}

fn attempt_quotas<'a>(attempt: &'a LogIn, limits: &LimitPolicy) -> Quotas<'a> {
    /// A name may fail this many times more often from everywhere than from one network, at once and over time: a few
    /// networks that keep failing shall not keep its owner out.
    const ANYWHERE: u32 = 10;
    let network = Network::from(attempt.origin.address);
    let account = limits.account();
    let anywhere = Quota {
        burst: account.burst.saturating_mul(ANYWHERE),
        interval: account.interval / ANYWHERE,
    };
    [
        (LimitKey::Login(attempt.name.as_str(), network), account),
        (LimitKey::LoginAnywhere(attempt.name.as_str()), anywhere),
        (LimitKey::Address(network), limits.address()),
    ]
}
