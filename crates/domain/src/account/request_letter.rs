//! Asking for a letter with a one-time link. Both kinds go the same way, one read and one transaction, so that neither the answer
//! nor its duration tells whether a letter was sent.

use crate::account::{Email, LetterKind, Link, LinkId, LinkPurpose, LoginName, User};
use crate::audit::{Actor, Effects, Event, EventKind, Origin};
use crate::limit::{LimitKey, Limited, Network};
use crate::{Issuer, Time, Unavailable};

/// Why no letter was considered. Whether one was sent is never told.
#[derive(Debug, thiserror::Error)]
pub enum RequestLetterError {
    #[error(transparent)]
    Limited(#[from] Limited),
    #[error(transparent)]
    Unavailable(#[from] Unavailable),
}

impl Issuer {
    /// Sends a recovery letter if the address has an active account.
    pub async fn forgot_password(
        &self,
        email: &Email,
        origin: &Origin,
    ) -> Result<(), RequestLetterError> {
        self.request_letter(LinkPurpose::ResetPassword, email, origin)
            .await
    }

    /// Sends another verification letter, if the address has an active account that still lacks the proof.
    pub async fn request_verification(
        &self,
        email: &Email,
        origin: &Origin,
    ) -> Result<(), RequestLetterError> {
        self.request_letter(LinkPurpose::VerifyEmail, email, origin)
            .await
    }

    async fn request_letter(
        &self,
        purpose: LinkPurpose,
        email: &Email,
        origin: &Origin,
    ) -> Result<(), RequestLetterError> {
        let now = self.now();
        self.take_letter_quota(email, origin, now)?;
        let name = LoginName::Email(email.as_str().to_owned());
        let found = self.outside.store.by_login(&name).await?;
        let mut effects = Event::new(purpose.requested(), Actor::Anonymous, now)
            .from(origin)
            .into();
        if let Some(user) = found.filter(|user| purpose.suits(user)) {
            let lifetime = match purpose {
                LinkPurpose::VerifyEmail => self.policy().accounts.verify_link_lifetime,
                LinkPurpose::ResetPassword => self.policy().accounts.reset_link_lifetime,
            };
            let link = self.new_link(user.id, purpose, lifetime, now);
            let kind = purpose.letter(link.id);
            self.address_letter(&mut effects, &user, kind, Some(link), now);
        }
        Ok(self.outside.store.record(&effects).await?)
    }

    fn take_letter_quota(&self, email: &Email, origin: &Origin, now: Time) -> Result<(), Limited> {
        let quota = self.policy().limits.letters();
        let network = LimitKey::LettersFrom(Network::from(origin.address));
        self.limits.take(network, quota, now)?;
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

impl LinkPurpose {
    const fn requested(self) -> EventKind {
        match self {
            LinkPurpose::VerifyEmail => EventKind::EmailVerificationRequested,
            LinkPurpose::ResetPassword => EventKind::PasswordRecoveryRequested,
        }
    }

    const fn letter(self, link: LinkId) -> LetterKind {
        match self {
            LinkPurpose::VerifyEmail => LetterKind::VerifyEmail(link),
            LinkPurpose::ResetPassword => LetterKind::ResetPassword(link),
        }
    }

    fn suits(self, user: &User) -> bool {
        match self {
            LinkPurpose::VerifyEmail => user.is_active() && !user.email_verified,
            LinkPurpose::ResetPassword => user.is_active(),
        }
    }
}
