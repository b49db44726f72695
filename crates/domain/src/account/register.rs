//! Registration by a stranger.
//!
//! Whether the address or the name was taken is told by a letter to the address, never by the answer: both do one hash and
//! one transaction, and answer alike.

use crate::account::password::{WeakPassword, check_strength};
use crate::account::{
    Email, Letter, LetterKind, Link, LinkId, LinkPurpose, User, UserStatus, Username,
};
use crate::audit::{Actor, Effects, Event, EventKind, Origin};
use crate::limit::{LimitKey, Limited, Network};
use crate::ports::{PasswordsError, Registered};
use crate::secret::PlainSecret;
use crate::{Issuer, Time, Unavailable, UserId};

#[derive(Clone, Debug)]
pub struct Register {
    pub username: Option<Username>,
    pub email: Email,
    pub password: PlainSecret,
    pub origin: Origin,
}

#[derive(Debug, thiserror::Error)]
pub enum RegisterError {
    #[error("registration is closed")]
    Closed,
    #[error(transparent)]
    WeakPassword(#[from] WeakPassword),
    #[error(transparent)]
    Limited(#[from] Limited),
    #[error(transparent)]
    Passwords(#[from] PasswordsError),
    #[error(transparent)]
    Unavailable(#[from] Unavailable),
}

/// What to leave behind in each case.
#[derive(Clone, Debug)]
pub struct RegisterOutcomes {
    pub created: Effects,
    pub email_taken: Effects,
    pub username_taken: Effects,
}

impl Issuer {
    pub async fn register(&self, request: Register) -> Result<Registered, RegisterError> {
        let policy = self.policy();
        if !policy.accounts.registration {
            return Err(RegisterError::Closed);
        }
        let Register {
            username,
            email,
            password,
            origin,
        } = request;
        check_strength(
            &password,
            policy.accounts.password_strength,
            username.as_ref(),
            &email,
        )?;
        let now = self.now();
        self.limits.take(
            LimitKey::LettersFrom(Network::from(origin.address)),
            policy.limits.letters(),
            now,
        )?;
        self.limits.take(
            LimitKey::LettersTo(email.as_str()),
            policy.limits.letters(),
            now,
        )?;

        let user = User {
            id: UserId::new(now, self.random()),
            username,
            email,
            email_verified: false,
            password: Some(self.outside.passwords.hash(password).await?),
            status: UserStatus::Active,
            roles: policy.accounts.default_roles.clone(),
            epoch: 0,
            created_at: now,
            updated_at: now,
        };
        let outcomes = self.register_outcomes(&user, &origin, now);
        Ok(self.outside.store.register(&user, &outcomes).await?)
    }

    fn register_outcomes(&self, user: &User, origin: &Origin, now: Time) -> RegisterOutcomes {
        let link = self.new_link(
            user.id,
            LinkPurpose::VerifyEmail,
            self.policy().accounts.verify_link_lifetime,
            now,
        );
        let letter = |kind, to_user| self.new_letter(&user.email, to_user, kind, now);
        let event = |kind| Event::new(kind, Actor::Anonymous, now).from(origin);
        let repeated = |kind, why| Effects {
            events: vec![event(EventKind::AccountRegistrationRepeated).detail(why)],
            letters: vec![letter(kind, None)],
            ..Effects::default()
        };
        RegisterOutcomes {
            created: Effects {
                events: vec![event(EventKind::AccountRegistered).user(user.id)],
                letters: vec![letter(LetterKind::VerifyEmail(link.id), Some(user.id))],
                links: vec![link],
                ..Effects::default()
            },
            email_taken: repeated(LetterKind::AlreadyRegistered, "email"),
            username_taken: match &user.username {
                Some(name) => repeated(LetterKind::UsernameTaken(name.clone()), "username"),
                None => repeated(LetterKind::AlreadyRegistered, "email"),
            },
        }
    }

    pub(super) fn new_link(
        &self,
        user: UserId,
        purpose: LinkPurpose,
        lifetime: crate::Period,
        now: Time,
    ) -> Link {
        Link {
            id: LinkId(self.random()),
            purpose,
            user,
            created_at: now,
            expires_at: now + lifetime,
        }
    }

    pub(super) fn new_letter(
        &self,
        to: &Email,
        user: Option<UserId>,
        kind: LetterKind,
        now: Time,
    ) -> Letter {
        Letter {
            id: self.random(),
            to: to.clone(),
            user,
            kind,
            created_at: now,
        }
    }
}
