//! Refreshing: a refresh token for a new access token and the family's current refresh token.

use std::sync::Arc;

use crate::access::{
    Api, Audience, AuthorizationDetails, Catalog, DetailsRefused, ScopeRefused, ScopeSet,
};
use crate::audit::Origin;
use crate::client::Grant;
use crate::keys::MacKey;
use crate::ledger::{Entry, GrantType};
use crate::limit::Limited;
use crate::secret::PlainSecret;
use crate::session::rotation::{Continued, Presented, PresentedBy, Refused, Rotation};
use crate::session::{RefreshToken, Standing};
use crate::status::StatusRef;
use crate::token::{Binding, Grantee, MintError, Minting, ProvedKey, Tokens, Told};
use crate::{Issuer, Time, Unavailable};

#[derive(Clone, Debug)]
pub struct Refresh {
    pub token: PlainSecret,
    pub by: PresentedBy,
    pub proof_key: Option<ProvedKey>,
    /// The API that the request names, if it names one.
    pub audience: Option<Audience>,
    /// RFC 9396 §6, as it was sent: those of the granted ones that this token carries.
    pub details: Option<String>,
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
    /// The policy refuses a refresh that is so unlike the last use. The session stands.
    #[error("the refresh was unlike the last use of the session; the user has to log in again")]
    StepUpRequired,
    /// The policy ends the session for it.
    #[error("the refresh was unlike the last use of the session; the session was ended")]
    EndedAsAnomalous,
    #[error(transparent)]
    Scope(#[from] ScopeRefused),
    #[error(transparent)]
    Details(#[from] DetailsRefused),
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
    /// Whether it was unlike the last use of the session, which is on record.
    pub noticed: bool,
}

impl Issuer {
    pub async fn refresh(&self, request: Refresh) -> Result<Refreshed, RefreshError> {
        let binding = request.proof_key.clone().map(Binding::from);
        self.refresh_bound(request, binding).await
    }

    /// The token that comes of it is bound to `binding`, and so must the session be if it is bound at all.
    pub(crate) async fn refresh_bound(
        &self,
        request: Refresh,
        binding: Option<Binding>,
    ) -> Result<Refreshed, RefreshError> {
        let now = self.now();
        let rules = self.policy().sessions.refresh;
        let minting = self.begin_minting(now)?;
        // Reserved in memory, and mostly given back.
        let free = self.free_entry(now).await?;
        let presented = self.present(request, binding, free.entry, now)?;
        let minting = minting
            .bound_to(presented.binding.clone())
            .narrowed_to(presented.details.clone());
        let wanted = presented.scope.as_ref();
        let entries = |standing: &Standing| {
            minting
                .entries_for::<RefreshError>(Asked::by_refresh(standing, wanted))
                .unwrap_or_default()
        };
        let rotating = self.outside.store.rotate(&presented, &rules, &entries, now);
        let rotation = rotating.await?;
        let is_moved = rotation.has_taken(free.entry);
        if is_moved {
            // The mark may be about roles or APIs that this node has not read yet, and the new entry carries no mark.
            self.refresh_catalog().await?;
        } else {
            self.give_back(free);
        }
        match rotation {
            Rotation::Current {
                standing,
                how,
                noticed,
            } => {
                let is_recorded = how != Continued::Repeated;
                let tokens = self
                    .tokens_of::<RefreshError>(
                        minting,
                        Asked::by_refresh(&standing, wanted),
                        is_recorded,
                    )
                    .await?;
                Ok(Refreshed {
                    tokens,
                    how,
                    noticed,
                })
            }
            Rotation::Refused(Refused::OtherAudience) => Err(ScopeRefused::OtherApi.into()),
            Rotation::Refused(Refused::DetailsExceeded) => Err(DetailsRefused::NotGranted.into()),
            Rotation::Refused(Refused::ScopeExceeded) => Err(ScopeRefused::NothingGranted.into()),
            Rotation::Refused(reason) => {
                self.count_failure(&presented.origin, now)?;
                Err(RefreshError::Refused(reason))
            }
            Rotation::Reused(_) => Err(RefreshError::Reused),
            Rotation::StepUp => {
                self.count_failure(&presented.origin, now)?;
                Err(RefreshError::StepUpRequired)
            }
            Rotation::EndedAsAnomalous(_) => Err(RefreshError::EndedAsAnomalous),
        }
    }

    fn present(
        &self,
        request: Refresh,
        binding: Option<Binding>,
        spare: StatusRef,
        now: Time,
    ) -> Result<Presented, RefreshError> {
        let details = request.details.as_deref();
        let details = details.map(AuthorizationDetails::read).transpose()?;
        let Some((token, key)) = self.known_refresh_token(&request.token) else {
            self.count_failure(&request.origin, now)?;
            return Err(RefreshError::Refused(Refused::Forged));
        };
        Ok(Presented {
            token,
            key,
            by: request.by,
            binding,
            audience: request.audience,
            scope: request.scope,
            details,
            origin: request.origin,
            places: self.outside.places.clone(),
            spare,
        })
    }

    /// A token of our shape with the server key of its version. Nothing in it is proved yet.
    pub(crate) fn known_refresh_token(
        &self,
        token: &PlainSecret,
    ) -> Option<(RefreshToken, Arc<MacKey>)> {
        let token = RefreshToken::parse(token).ok()?;
        let key = self.secrets.refresh.of(token.key_version)?.clone();
        Some((token, key))
    }

    /// Guesses are limited per network; what was already decided stays decided.
    pub(crate) fn count_failure(&self, origin: &Origin, now: Time) -> Result<(), Limited> {
        let (failures, quota) = self.failures_from(origin);
        self.limits.take(failures, quota, now)
    }

    /// An access token, the family's current refresh token, and an ID token if the scope `openid` is among what is granted. What went on record before the session was written counts only if
    /// APIs and roles are what they were; otherwise the token is another, and that goes on record now.
    pub(crate) async fn tokens_of<E>(
        &self,
        minting: Minting<'_>,
        asked: Asked<'_>,
        is_recorded: bool,
    ) -> Result<Tokens, E>
    where
        E: From<ScopeRefused> + From<MintError> + From<Unavailable>,
    {
        let minting = if is_recorded && minting.is_current() {
            minting
        } else {
            let anew = minting.anew();
            for entry in anew.entries_for::<E>(asked)? {
                self.outside.store.record_token(&entry).await?;
            }
            anew
        };
        let session = &asked.standing.session;
        let api = minting.catalog().api(&session.audience)?;
        let scope = asked.scope_in(minting.catalog(), api);
        let access = minting.sign(api, asked.grantee(), &scope)?;
        let details = minting.details_in(api, asked.grantee());
        let id_token = if minting.has_id_token(asked, &scope) {
            let claims = self.claims_of_id_token(asked.standing).await?;
            let told = Told {
                nonce: asked.nonce,
                access_token: &access.token,
                claims: &claims,
            };
            Some(minting.sign_id_token(api, asked.standing, &told)?)
        } else {
            None
        };
        Ok(Tokens {
            access,
            refresh: asked
                .may_refresh()
                .then(|| self.current_refresh_token(session)),
            id_token,
            scope,
            details,
            session: Some(session.id),
        })
    }
}

/// A token that is asked for in a session.
#[derive(Clone, Copy)]
pub(crate) struct Asked<'a> {
    pub standing: &'a Standing,
    /// `None`: all that the session may have.
    pub scope: Option<&'a ScopeSet>,
    pub grant: GrantType,
    /// The client's word out of the authorization request; a refreshed ID token has none (OpenID Connect Core §12.2).
    pub nonce: Option<&'a str>,
}

impl Minting<'_> {
    /// The records of the tokens that will be minted.
    pub(crate) fn entries_for<E>(&self, asked: Asked<'_>) -> Result<Vec<Entry>, E>
    where
        E: From<ScopeRefused> + From<MintError>,
    {
        let catalog = self.catalog();
        let api = catalog.api(&asked.standing.session.audience)?;
        let scope = asked.scope_in(catalog, api);
        let mut entries = vec![self.entry(api, asked.grantee(), &scope, asked.grant)?];
        if self.has_id_token(asked, &scope) {
            entries.push(self.id_entry(api, asked.standing, asked.grant)?);
        }
        Ok(entries)
    }

    /// A refresh goes on without one while no key may sign it (OpenID Connect Core §12.2 leaves it out freely): the session must not
    /// end because its client could not be answered in time.
    fn has_id_token(&self, asked: Asked<'_>, scope: &ScopeSet) -> bool {
        let dispensable = asked.grant == GrantType::RefreshToken;
        scope.contains("openid") && (!dispensable || self.may_sign_id_token(asked.standing))
    }
}

impl<'a> Asked<'a> {
    fn by_refresh(standing: &'a Standing, scope: Option<&'a ScopeSet>) -> Self {
        Self {
            standing,
            scope,
            grant: GrantType::RefreshToken,
            nonce: None,
        }
    }

    /// The identity API's clients always may; at the token endpoint it is a grant of its own.
    fn may_refresh(&self) -> bool {
        match self.grant {
            GrantType::Login | GrantType::RefreshToken => true,
            GrantType::AuthorizationCode
            | GrantType::ClientCredentials
            | GrantType::DeviceCode
            | GrantType::TokenExchange
            | GrantType::JwtBearer => self.standing.client.grants.contains(&Grant::RefreshToken),
        }
    }

    fn grantee(&self) -> Grantee<'a> {
        Grantee::Session {
            session: &self.standing.session,
            user: &self.standing.user,
            client: &self.standing.client,
        }
    }

    /// What the session has, or is wanted of it, as far as API, client and roles grant it now.
    fn scope_in(&self, catalog: &Catalog, api: &Api) -> ScopeSet {
        let Standing {
            session,
            user,
            client,
            stale: _,
        } = self.standing;
        let nothing = ScopeSet::default();
        let allowed = client.allowed.get(&session.audience).unwrap_or(&nothing);
        let of_api = self
            .scope
            .unwrap_or(&session.scope)
            .intersection(&session.scope)
            .intersection(&api.scope_set())
            .intersection(allowed)
            .intersection(&catalog.granted(&user.roles, &session.audience));
        if session.openid.is_empty() {
            return of_api;
        }
        let openid = self.scope.unwrap_or(&session.openid);
        of_api.union(&openid.intersection(&session.openid))
    }
}
