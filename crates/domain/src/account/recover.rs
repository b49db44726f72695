//! Forgotten passwords: the link of a recovery letter, and a new password, which ends every session.

use crate::account::password::{WeakPassword, check_strength};
use crate::account::{LetterKind, LinkId, LinkPurpose, LinkRefused, User};
use crate::audit::{Actor, Event, EventKind, Origin};
use crate::limit::Limited;
use crate::ports::{PasswordsError, Redeemed};
use crate::secret::PlainSecret;
use crate::{Issuer, Time, Unavailable};

#[derive(Clone, Debug)]
pub struct ResetPassword {
    pub token: PlainSecret,
    pub password: PlainSecret,
    pub origin: Origin,
}

#[derive(Debug, thiserror::Error)]
pub enum ResetPasswordError {
    #[error(transparent)]
    Link(#[from] LinkRefused),
    #[error(transparent)]
    WeakPassword(#[from] WeakPassword),
    #[error(transparent)]
    Limited(#[from] Limited),
    #[error(transparent)]
    Passwords(#[from] PasswordsError),
    #[error(transparent)]
    Unavailable(#[from] Unavailable),
}

impl Issuer {
    /// Redeems a recovery link. The password is judged before the link is spent.
    pub async fn reset_password(&self, request: ResetPassword) -> Result<(), ResetPasswordError> {
        let now = self.now();
        let (failures, quota) = self.failures_from(&request.origin);
        self.limits.check(failures, quota, now)?;
        let redeemed = self.redeem_recovery(request, now).await;
        if let Err(ResetPasswordError::Link(_)) = redeemed {
            self.limits.charge(failures, quota, now);
        }
        redeemed
    }

    async fn redeem_recovery(
        &self,
        request: ResetPassword,
        now: Time,
    ) -> Result<(), ResetPasswordError> {
        let ResetPassword {
            token,
            password,
            origin,
        } = request;
        let policy = self.policy();
        let id = LinkId::from_token(&token, LinkPurpose::ResetPassword, &self.secrets.link)?;
        let link = self
            .outside
            .store
            .open_link(id, LinkPurpose::ResetPassword, now)
            .await?
            .ok_or(LinkRefused)?;
        let user = self
            .outside
            .store
            .by_id(link.user)
            .await?
            .filter(User::is_active)
            .ok_or(LinkRefused)?;
        check_strength(
            &password,
            policy.accounts.password_strength,
            user.username.as_ref(),
            &user.email,
        )?;
        let hash = self.outside.passwords.hash(password).await?;

        let event = Event::new(EventKind::PasswordReset, Actor::User(user.id), now)
            .user(user.id)
            .from(&origin);
        let mut effects = event.into();
        self.address_letter(&mut effects, &user, LetterKind::PasswordChanged, None, now);
        let redeemed = self
            .outside
            .store
            .redeem(&link, Redeemed::PasswordReset(&hash), now, &effects)
            .await?;
        if redeemed {
            Ok(())
        } else {
            Err(LinkRefused.into())
        }
    }
}
