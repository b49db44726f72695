//! Refreshing: a refresh token for a new access token and the family's current refresh token.

use std::sync::Arc;

use crate::access::{ScopeRefused, ScopeSet};
use crate::audit::Origin;
use crate::keys::MacKey;
use crate::limit::Limited;
use crate::secret::PlainSecret;
use crate::session::rotation::{Continued, Presented, PresentedBy, Refused, Rotation};
use crate::session::{RefreshToken, Standing};
use crate::token::{Grantee, MintError, Tokens};
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
        match self.outside.store.rotate(&presented, &rules, now).await? {
            Rotation::Current { standing, how } => {
                let tokens = self.tokens_of(&standing, presented.scope.as_ref(), now)?;
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
        standing: &Standing,
        wanted: Option<&ScopeSet>,
        now: Time,
    ) -> Result<Tokens, RefreshError> {
        let Standing {
            session,
            user,
            client,
        } = standing;
        let catalog = self.catalog();
        let api = catalog.api(&session.audience)?;
        let nothing = ScopeSet::default();
        let allowed = client.allowed.get(&session.audience).unwrap_or(&nothing);
        let scope = wanted
            .unwrap_or(&session.scope)
            .intersection(&api.scope_set())
            .intersection(allowed)
            .intersection(&catalog.granted(&user.roles, &session.audience));
        let access = self.mint(api, Grantee::Session { session, user }, &scope, now)?;
        let refresh = Some(self.current_refresh_token(session));
        Ok(Tokens {
            access,
            refresh,
            scope,
            session: Some(session.id),
        })
    }
}
