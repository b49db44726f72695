//! Proving who one is by a password, for whatever door asks.
//!
//! A stranger, a wrong password, a disabled account and an unproved address get one answer after the same work: one hash, one
//! row in the log (invariant 7).

use crate::account::password::PasswordCheck;
use crate::account::{LoginName, User};
use crate::audit::{Actor, Effects, Event, EventKind, Origin};
use crate::client::ClientId;
use crate::limit::{LimitKey, Limited, Network, Quota};
use crate::policy::LimitPolicy;
use crate::ports::PasswordsError;
use crate::secret::PlainSecret;
use crate::{Issuer, Time, Unavailable};

/// A name and a password, from somewhere.
#[derive(Clone, Copy, Debug)]
pub(crate) struct PresentedPassword<'a> {
    pub name: &'a LoginName,
    pub password: &'a PlainSecret,
    /// The client that they were given to; `None` at the issuer's own pages.
    pub client: Option<&'a ClientId>,
    pub origin: &'a Origin,
}

#[derive(Debug, thiserror::Error)]
pub enum ProofRefused {
    /// Which of several reasons it was is never told.
    #[error("the name or the password is wrong, or the account may not log in")]
    Refused,
    #[error(transparent)]
    Limited(#[from] Limited),
    #[error(transparent)]
    Passwords(#[from] PasswordsError),
    #[error(transparent)]
    Unavailable(#[from] Unavailable),
}

/// What an attempt is checked against, and a failure is charged to.
type Quotas<'a> = [(LimitKey<'a>, Quota); 3];

impl Issuer {
    /// The user, if the password is right and the account may log in.
    pub(crate) async fn prove_by_password(
        &self,
        presented: PresentedPassword<'_>,
        now: Time,
    ) -> Result<User, ProofRefused> {
        let quotas = quotas(&presented, &self.policy().limits);
        for (key, quota) in quotas {
            self.limits.check(key, quota, now)?;
        }
        let Some(user) = self.check_password(&presented, now).await? else {
            for (key, quota) in quotas {
                self.limits.charge(key, quota, now);
            }
            return Err(ProofRefused::Refused);
        };
        Ok(user)
    }

    /// `None`, with the failure on record, if it proves nothing.
    async fn check_password(
        &self,
        presented: &PresentedPassword<'_>,
        now: Time,
    ) -> Result<Option<User>, ProofRefused> {
        let found = self.outside.store.by_login(presented.name).await?;
        let hash = found.as_ref().and_then(|user| user.password.clone());
        let check = self
            .outside
            .passwords
            .verify(presented.password.clone(), hash.clone())
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
                        .hash(presented.password.clone())
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
                    .from(presented.origin);
                event.client = presented.client.cloned();
                event.user = found.map(|user| user.id);
                self.outside.store.record(&Effects::from(event)).await?;
                Ok(None)
            }
        }
    }
}

fn quotas<'a>(presented: &PresentedPassword<'a>, limits: &LimitPolicy) -> Quotas<'a> {
    /// A name may fail this many times more often from everywhere than from one network, at once and over time: a few
    /// networks that keep failing shall not keep its owner out.
    const ANYWHERE: u32 = 10;
    let network = Network::from(presented.origin.address);
    let name = presented.name.as_str();
    let account = limits.account();
    let anywhere = Quota {
        burst: account.burst.saturating_mul(ANYWHERE),
        interval: account.interval / ANYWHERE,
    };
    [
        (LimitKey::Login(name, network), account),
        (LimitKey::LoginAnywhere(name), anywhere),
        (LimitKey::Address(network), limits.address()),
    ]
}
