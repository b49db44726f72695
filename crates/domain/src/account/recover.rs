//! Forgotten passwords: a letter with a one-time link, then a new password, which ends every session.

use crate::account::password::{WeakPassword, check_strength};
use crate::account::{Email, LetterKind, Link, LinkId, LinkPurpose, LinkRefused, LoginName, User};
use crate::audit::{Actor, Effects, Event, EventKind, Origin};
use crate::limit::{LimitKey, Limited, Network};
use crate::ports::{PasswordsError, Redeemed};
use crate::secret::PlainSecret;
use crate::{Issuer, Time, Unavailable};

#[derive(Clone, Debug)]
pub struct ResetPassword {
    pub token: PlainSecret,
    pub password: PlainSecret,
    pub origin: Origin,
}

/// Why no letter was considered. Whether one was sent is never told.
#[derive(Debug, thiserror::Error)]
pub enum RequestLetterError {
    #[error(transparent)]
    Limited(#[from] Limited),
    #[error(transparent)]
    Unavailable(#[from] Unavailable),
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
    /// Sends a recovery letter if the address has an active account. One read and one transaction either way.
    pub async fn forgot_password(
        &self,
        email: &Email,
        origin: &Origin,
    ) -> Result<(), RequestLetterError> {
        let now = self.now();
        self.take_letter_quota(email, origin, now)?;
        let found = self
            .outside
            .store
            .by_login(&LoginName::Email(email.as_str().to_owned()))
            .await?;
        let lifetime = self.policy().accounts.reset_link_lifetime;
        let mut effects = Event::new(EventKind::PasswordRecoveryRequested, Actor::Anonymous, now)
            .from(origin)
            .into();
        if let Some(user) = found.filter(User::is_active) {
            let link = self.new_link(user.id, LinkPurpose::ResetPassword, lifetime, now);
            self.address_letter(
                &mut effects,
                &user,
                LetterKind::ResetPassword(link.id),
                Some(link),
                now,
            );
        }
        Ok(self.outside.store.record(&effects).await?)
    }

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

    pub(super) fn take_letter_quota(
        &self,
        email: &Email,
        origin: &Origin,
        now: Time,
    ) -> Result<(), Limited> {
        let quota = self.policy().limits.letters();
        self.limits.take(
            LimitKey::LettersFrom(Network::from(origin.address)),
            quota,
            now,
        )?;
        self.limits
            .take(LimitKey::LettersTo(email.as_str()), quota, now)
    }

    /// Adds a letter to `user`, with its link if it carries one.
    pub(crate) fn address_letter(
        &self,
        effects: &mut Effects,
        user: &User,
        kind: LetterKind,
        link: Option<Link>,
        now: Time,
    ) {
        effects.links.extend(link);
        effects
            .letters
            .push(self.new_letter(&user.email, Some(user.id), kind, now));
    }
}
