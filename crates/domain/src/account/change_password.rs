//! Changing one's own password. Every other session ends, and every browser's login.

use crate::account::password::{PasswordCheck, WeakPassword, check_strength};
use crate::account::{LetterKind, User};
use crate::audit::{Actor, Effects, Event, EventKind, Origin};
use crate::limit::{LimitKey, Limited, Network};
use crate::ports::PasswordsError;
use crate::secret::PlainSecret;
use crate::session::Caller;
use crate::{Issuer, SessionId, Unavailable};

#[derive(Clone, Debug)]
pub struct ChangePassword {
    pub current: PlainSecret,
    pub new: PlainSecret,
    pub origin: Origin,
}

#[derive(Debug, thiserror::Error)]
pub enum ChangePasswordError {
    #[error("the current password is wrong")]
    WrongPassword,
    #[error("the account has changed meanwhile; try again")]
    Raced,
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
    pub async fn change_password(
        &self,
        caller: &Caller,
        request: ChangePassword,
    ) -> Result<(), ChangePasswordError> {
        let keep = Some(caller.standing.session.id);
        self.replace_password(&caller.standing.user, keep, request)
            .await
    }

    /// A stolen access token or cookie must not be enough: the current password is asked for, and guesses are limited like
    /// logins.
    pub(crate) async fn replace_password(
        &self,
        user: &User,
        keep: Option<SessionId>,
        request: ChangePassword,
    ) -> Result<(), ChangePasswordError> {
        let now = self.now();
        let policy = self.policy();
        let name = user.id.to_string();
        let (guesses, quota) = (
            LimitKey::Login(&name, Network::from(request.origin.address)),
            policy.limits.account(),
        );
        self.limits.check(guesses, quota, now)?;
        if self
            .outside
            .passwords
            .verify(request.current, user.password.clone())
            .await?
            == PasswordCheck::Mismatch
        {
            self.limits.charge(guesses, quota, now);
            let failed = Event::new(EventKind::LoginFailed, Actor::User(user.id), now)
                .user(user.id)
                .from(&request.origin);
            self.outside.store.record(&Effects::from(failed)).await?;
            return Err(ChangePasswordError::WrongPassword);
        }
        check_strength(
            &request.new,
            policy.accounts.password_strength,
            user.username.as_ref(),
            &user.email,
        )?;
        let hash = self.outside.passwords.hash(request.new).await?;

        let event = Event::new(EventKind::PasswordChanged, Actor::User(user.id), now)
            .user(user.id)
            .from(&request.origin);
        let mut effects = event.into();
        self.address_letter(&mut effects, user, LetterKind::PasswordChanged, None, now);
        if self
            .outside
            .store
            .change_password(user, &hash, keep, now, &effects)
            .await?
        {
            Ok(())
        } else {
            Err(ChangePasswordError::Raced)
        }
    }
}
