//! Proving an e-mail address with the link of a letter.

use crate::account::{LinkId, LinkPurpose, LinkRefused};
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
}
