//! The session of a person that a trusted issuer vouches for.

use super::vouch::Vouched;
use crate::access::{Audience, ScopeRefused, ScopeSet};
use crate::audit::{Actor, Effects, Event, EventKind, Origin};
use crate::client::{AssertionRefused, Client};
use crate::ledger::GrantType;
use crate::limit::{LimitKey, Limited, Quota};
use crate::secret::PlainSecret;
use crate::session::{Asked, Opening, Session, Standing};
use crate::token::{Binding, MintError, Tokens};
use crate::trust::{PresentedAs, TrustRefused, TrustedIssuer};
use crate::{Issuer, Period, Time, Unavailable};

/// Refusals of one client that are on record.
const ON_RECORD: Quota = Quota {
    burst: 10,
    interval: Period::minutes(1),
};

/// What an authenticated client presents, and what it asks for.
pub(crate) struct TrustedGrant<'a> {
    pub client: &'a Client,
    pub token: &'a PlainSecret,
    pub presented_as: PresentedAs,
    pub grant: GrantType,
    /// `None`: the client's default API.
    pub audience: Option<Audience>,
    pub scope: Option<ScopeSet>,
    pub binding: Option<Binding>,
    pub origin: &'a Origin,
}

#[derive(Debug, thiserror::Error)]
pub enum TrustError {
    #[error(transparent)]
    Refused(#[from] TrustRefused),
    #[error(transparent)]
    Scope(#[from] ScopeRefused),
    #[error(transparent)]
    Limited(#[from] Limited),
    #[error(transparent)]
    Mint(#[from] MintError),
    #[error(transparent)]
    Unavailable(#[from] Unavailable),
}

impl Issuer {
    /// A forgery counts as a failure of its network. Who brings what was made there and is over merely comes late: a server that brings the
    /// tokens of many people is not shut out for it.
    pub(crate) async fn open_by_trust(
        &self,
        trusted: &TrustedIssuer,
        asked: TrustedGrant<'_>,
    ) -> Result<Tokens, TrustError> {
        let (client, origin) = (asked.client, asked.origin);
        let opened = self.try_trust(trusted, asked).await;
        if let Err(TrustError::Refused(refused)) = &opened {
            let about = (trusted.issuer.as_str(), refused);
            self.record_refusal(client, about, origin).await?;
        }
        opened
    }

    async fn try_trust(
        &self,
        trusted: &TrustedIssuer,
        asked: TrustedGrant<'_>,
    ) -> Result<Tokens, TrustError> {
        let now = self.now();
        let presented = (asked.token, asked.presented_as);
        match self.vouched(trusted, &asked.client.id, presented).await? {
            Ok(vouched) => self.open_vouched(trusted, vouched, asked, now).await,
            Err(refused) => {
                if matches!(refused, TrustRefused::Signed(_)) {
                    self.count_failure(asked.origin, now)?;
                }
                Err(refused.into())
            }
        }
    }

    /// What comes late is no attempt that a limit would stop, so the log has a limit of its own.
    async fn record_refusal(
        &self,
        client: &Client,
        (issuer, refused): (&str, &TrustRefused),
        origin: &Origin,
    ) -> Result<(), Unavailable> {
        let now = self.now();
        let key = LimitKey::TrustRefusals(client.id.as_str());
        if self.limits.take(key, ON_RECORD, now).is_err() {
            return Ok(());
        }
        let event = Event::new(EventKind::TrustRefused, Actor::Anonymous, now)
            .client(&client.id)
            .detail(format_args!("{issuer}: {}", refused.as_str()))
            .from(origin);
        self.outside.store.record(&event.into()).await
    }

    async fn open_vouched(
        &self,
        trusted: &TrustedIssuer,
        vouched: Vouched,
        asked: TrustedGrant<'_>,
        now: Time,
    ) -> Result<Tokens, TrustError> {
        let opened = self.standing_by_trust(&vouched, &asked, now).await?;
        let minting = self.begin_minting(now)?.bound_to(asked.binding);
        let wanted = Asked {
            standing: &opened,
            scope: None,
            grant: asked.grant,
            nonce: None,
        };
        let session = &opened.session;
        let event = session.opened(asked.origin, now).detail(&trusted.issuer);
        let effects = Effects {
            minted: minting.entries_for::<TrustError>(wanted)?,
            ..event.into()
        };
        let store = &self.outside.store;
        // After everything that could refuse it for the client's own mistake, so that it may ask again rightly.
        if let Some((name, until)) = vouched.once
            && !store.use_assertion(name, until).await?
        {
            self.count_failure(asked.origin, now)?;
            return Err(TrustRefused::from(AssertionRefused::Used).into());
        }
        if !store.open(session, vouched.user.epoch, &effects).await? {
            return Err(TrustRefused::NoAccount.into());
        }
        let tokens = self.first_tokens::<TrustError>(minting, wanted).await?;
        Ok(tokens.ok_or(TrustRefused::NoAccount)?)
    }

    async fn standing_by_trust(
        &self,
        vouched: &Vouched,
        asked: &TrustedGrant<'_>,
        now: Time,
    ) -> Result<Standing, TrustError> {
        let TrustedGrant { client, .. } = asked;
        let wanted = self.wanted_of(client, asked.audience.clone(), asked.scope.clone())?;
        if self.policy().issuer_audience().as_ref() == Some(&wanted.audience) {
            // Administration is for whoever logged in for it here.
            return Err(ScopeRefused::NothingGranted.into());
        }
        let opening = Opening {
            user: &vouched.user,
            client,
            audience: &wanted.audience,
            scope: wanted.scope.clone(),
            origin: asked.origin,
            entry: self.free_entry(now).await?.entry,
            binding: asked.binding.clone(),
        };
        let standing = self.new_standing(opening, now);
        Ok(Standing {
            session: Session {
                openid: wanted.openid,
                authenticated_at: vouched.authenticated_at,
                // How they proved it there is not known here.
                amr: Vec::new(),
                ..standing.session
            },
            ..standing
        })
    }
}
