//! Proving an e-mail address with a link from a letter, and asking for another letter.

use crate::account::{
    Email, LetterKind, LinkId, LinkPurpose, LinkRefused, LoginName, RequestLetterError,
};
use crate::audit::{Actor, Event, EventKind, Origin};
use crate::limit::{LimitKey, Limited, Network};
use crate::ports::Redeemed;
use crate::secret::PlainSecret;
use crate::{Issuer, Unavailable};

#[derive(Debug, thiserror::Error)]
pub enum VerifyEmailError {
    #[error(transparent)]
    Link(#[from] LinkRefused),
    #[error(transparent)]
    Limited(#[from] Limited),
    #[error(transparent)]
    Unavailable(#[from] Unavailable),
}

impl Issuer {
    /// Redeems a verification link.
    pub async fn verify_email(
        &self,
        token: &PlainSecret,
        origin: &Origin,
    ) -> Result<(), VerifyEmailError> {
        let now = self.now();
        let (failures, quota) = (
            LimitKey::Address(Network::from(origin.address)),
            self.policy().limits.address(),
        );
        self.limits.take(failures, quota, now)?;
        let id = LinkId::from_token(token, LinkPurpose::VerifyEmail, &self.secrets.link)?;
        let link = self
            .outside
            .store
            .open_link(id, LinkPurpose::VerifyEmail, now)
            .await?
            .ok_or(LinkRefused)?;
        let event = Event::new(EventKind::EmailVerified, Actor::User(link.user), now)
            .user(link.user)
            .from(origin);
        if !self
            .outside
            .store
            .redeem(&link, Redeemed::EmailVerified, now, &event.into())
            .await?
        {
            return Err(LinkRefused.into());
        }
        self.limits.give_back(failures, quota);
        Ok(())
    }

    /// Sends another verification letter, if the address has an account that still lacks the proof. The answer never tells.
    pub async fn request_verification(
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
        let user = found.filter(|user| user.is_active() && !user.email_verified);
        let lifetime = self.policy().accounts.verify_link_lifetime;
        let mut effects = Event::new(EventKind::EmailVerificationRequested, Actor::Anonymous, now)
            .from(origin)
            .into();
        if let Some(user) = user {
            let link = self.new_link(user.id, LinkPurpose::VerifyEmail, lifetime, now);
            self.address_letter(
                &mut effects,
                &user,
                LetterKind::VerifyEmail(link.id),
                Some(link),
                now,
            );
        }
        Ok(self.outside.store.record(&effects).await?)
    }
}
