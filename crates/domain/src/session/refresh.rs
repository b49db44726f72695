//! Refreshing: a refresh token for a new access token and the family's current refresh token.

use std::sync::Arc;

use crate::access::{Api, Catalog, ScopeRefused, ScopeSet};
use crate::audit::Origin;
use crate::keys::MacKey;
use crate::ledger::{Entry, GrantType};
use crate::limit::Limited;
use crate::secret::PlainSecret;
use crate::session::rotation::{Continued, Presented, PresentedBy, Refused, Rotation};
use crate::session::{RefreshToken, Standing};
use crate::token::{Grantee, MintError, Minting, Tokens};
use crate::{Issuer, Time, Unavailable};

#[derive(Clone, Debug)]
pub struct Refresh {
    pub token: PlainSecret,
    pub by: PresentedBy,
    /// `None`: all of the session's scope that the user's roles still grant.
    pub scope: Option<ScopeSet>,
    pub origin: Origin,
}

#[derive(Debug, thiserror::Error)]
pub enum RefreshError {
    /// Not one of ours, of another client, or of a session that is over.
    #[error("{0}")]
    Refused(Refused),
    /// It had been used already: somebody else may hold it. The session is over now.
    #[error(
        "a superseded refresh token was presented outside the grace time; the session was ended"
    )]
    Reused,
    #[error(transparent)]
    Scope(#[from] ScopeRefused),
    #[error(transparent)]
    Limited(#[from] Limited),
    #[error(transparent)]
    Mint(#[from] MintError),
    #[error(transparent)]
    Unavailable(#[from] Unavailable),
}

/// A refresh that went well, and which way it went.
#[derive(Clone, Debug)]
pub struct Refreshed {
    pub tokens: Tokens,
    pub how: Continued,
}

impl Issuer {
    pub async fn refresh(&self, request: Refresh) -> Result<Refreshed, RefreshError> {
        let now = self.now();
        let rules = self.policy().sessions.refresh;
        let presented = self.present(request, now)?;
        let minting = self.begin_minting(now);
        let wanted = presented.scope.as_ref();
        let entry = |standing: &Standing| entry_of(&minting, standing, wanted).ok();
        let rotating = self.outside.store.rotate(&presented, &rules, &entry, now);
        match rotating.await? {
            Rotation::Current { standing, how } => {
                if how == Continued::Repeated {
                    let entry = entry_of(&minting, &standing, wanted)?;
                    self.outside.store.record_token(&entry).await?;
                }
                let tokens = self.tokens_of(&minting, &standing, wanted)?;
                Ok(Refreshed { tokens, how })
            }
            Rotation::Refused(Refused::ScopeExceeded) => Err(ScopeRefused::NothingGranted.into()),
            Rotation::Refused(reason) => {
                self.count_failure(&presented.origin, now)?;
                Err(RefreshError::Refused(reason))
            }
            Rotation::Reused(_) => Err(RefreshError::Reused),
        }
    }

    fn present(&self, request: Refresh, now: Time) -> Result<Presented, RefreshError> {
        let Some((token, key)) = self.known_refresh_token(&request.token) else {
            self.count_failure(&request.origin, now)?;
            return Err(RefreshError::Refused(Refused::Forged));
        };
        Ok(Presented {
            token,
            key,
            by: request.by,
            proof_key: None,
            scope: request.scope,
            origin: request.origin,
        })
    }

    /// A token of our shape with the server key of its version. Nothing in it is proved yet.
    pub(super) fn known_refresh_token(
        &self,
        token: &PlainSecret,
    ) -> Option<(RefreshToken, Arc<MacKey>)> {
        let token = RefreshToken::parse(token).ok()?;
        let key = self.secrets.refresh_key(token.key_version)?.clone();
        Some((token, key))
    }

    /// Guesses are limited per network; what was already decided stays decided.
    pub(super) fn count_failure(&self, origin: &Origin, now: Time) -> Result<(), Limited> {
        let (failures, quota) = self.failures_from(origin);
        self.limits.take(failures, quota, now)
    }

    fn tokens_of(
        &self,
        minting: &Minting<'_>,
        standing: &Standing,
        wanted: Option<&ScopeSet>,
    ) -> Result<Tokens, RefreshError> {
        let catalog = minting.catalog();
        let session = &standing.session;
        let api = catalog.api(&session.audience)?;
        let scope = refreshed_scope(catalog, api, standing, wanted);
        Ok(Tokens {
            access: minting.sign(api, grantee(standing), &scope)?,
            refresh: Some(self.current_refresh_token(session)),
            scope,
            session: Some(session.id),
        })
    }
}

/// The record of the token that a refresh of `standing` will mint.
fn entry_of(
    minting: &Minting<'_>,
    standing: &Standing,
    wanted: Option<&ScopeSet>,
) -> Result<Entry, RefreshError> {
    let catalog = minting.catalog();
    let api = catalog.api(&standing.session.audience)?;
    let scope = refreshed_scope(catalog, api, standing, wanted);
    Ok(minting.entry(api, grantee(standing), &scope, GrantType::RefreshToken)?)
}

fn grantee(standing: &Standing) -> Grantee<'_> {
    Grantee::Session {
        session: &standing.session,
        user: &standing.user,
    }
}

/// What the session has, or `wanted` of it, as far as API, client and roles grant it now.
fn refreshed_scope(
    catalog: &Catalog,
    api: &Api,
    standing: &Standing,
    wanted: Option<&ScopeSet>,
) -> ScopeSet {
    let Standing {
        session,
        user,
        client,
    } = standing;
    let nothing = ScopeSet::default();
    let allowed = client.allowed.get(&session.audience).unwrap_or(&nothing);
    wanted
        .unwrap_or(&session.scope)
        .intersection(&api.scope_set())
        .intersection(allowed)
        .intersection(&catalog.granted(&user.roles, &session.audience))
}
