//! Proving an e-mail address with a link from a letter, and asking for another letter.

use crate::account::{
    Email, LetterKind, LinkId, LinkPurpose, LinkRefused, LoginName, RequestLetterError,
};
use crate::audit::{Actor, Event, EventKind, Origin};
use crate::limit::Limited;
use crate::ports::Redeemed;
use crate::secret::PlainSecret;
use crate::{Issuer, Time, Unavailable};

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
        let (failures, quota) = self.failures_from(origin);
        self.limits.check(failures, quota, now)?;
        let redeemed = self.redeem_verification(token, origin, now).await;
        if let Err(VerifyEmailError::Link(_)) = redeemed {
            self.limits.charge(failures, quota, now);
        }
        redeemed
    }

    async fn redeem_verification(
        &self,
        token: &PlainSecret,
        origin: &Origin,
        now: Time,
    ) -> Result<(), VerifyEmailError> {
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
        let redeemed = self
            .outside
            .store
            .redeem(&link, Redeemed::EmailVerified, now, &event.into())
            .await?;
        if redeemed {
            Ok(())
        } else {
            Err(LinkRefused.into())
        }
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
