//! Access tokens by RFC 9068.

use std::sync::Arc;

use keywright_jwt::{AccessClaims, Algorithm, StatusReference};

use crate::access::{Api, AuthorizationDetails, Catalog, RoleName, ScopeSet};
use crate::account::User;
use crate::claims::{self, ClaimsRefused};
use crate::client::{Client, ClientId, fapi};
use crate::issuer::Held;
use crate::keys::{MacKey, NoSigningKey};
use crate::ledger::{Entry, GrantType, Jti, TokenClass, TokenKind};
use crate::ports::{SignError, Signer};
use crate::secret::PlainSecret;
use crate::session::Session;
use crate::status::StatusRef;
use crate::token::Binding;
use crate::token::delegation::{Delegation, with_actors};
use crate::{Issuer, Period, Policy, SessionId, Time};

/// RFC 9068 §2.1.
pub(crate) const ACCESS_TOKEN_TYPE: &str = "at+jwt";

/// For whom and for what a token is minted.
#[derive(Clone, Copy, Debug)]
pub enum Grantee<'a> {
    /// A user's session.
    Session {
        session: &'a Session,
        user: &'a User,
        client: &'a Client,
    },
    /// A client on its own behalf.
    Client {
        client: &'a Client,
        details: &'a AuthorizationDetails,
    },
}

#[derive(Clone, Debug)]
pub struct Minted {
    pub token: String,
    pub expires_in: Period,
    pub algorithm: Algorithm,
    /// Bound to a key that each request proves, so that it is no bearer token.
    pub is_dpop: bool,
}

/// What a successful login, refresh or grant answers.
#[derive(Clone, Debug)]
pub struct Tokens {
    pub access: Minted,
    pub refresh: Option<PlainSecret>,
    /// Where the scope `openid` was granted (OpenID Connect Core §3.1.3.3).
    pub id_token: Option<String>,
    pub scope: ScopeSet,
    /// As the access token carries them (RFC 9396 §7).
    pub details: AuthorizationDetails,
    pub session: Option<SessionId>,
}

#[derive(Debug, thiserror::Error)]
pub enum MintError {
    #[error(transparent)]
    NoSigningKey(#[from] NoSigningKey),
    #[error("the claims cannot be written: {0}")]
    Claims(#[from] keywright_jwt::PayloadError),
    #[error("the claims that the API declares are refused: {0}")]
    Refused(#[from] ClaimsRefused),
    /// FAPI 2.0 §5.4.1. Its registration is refused for such an API; the API may have changed since.
    #[error(
        "the client is registered for the FAPI profile, and the API's tokens are signed by {0}"
    )]
    Fapi(Algorithm),
    #[error("signing failed: {0}")]
    Sign(#[from] SignError),
}

impl Grantee<'_> {
    fn status(&self) -> Option<StatusRef> {
        match self {
            Grantee::Session { session, .. } => session.status,
            Grantee::Client { client, .. } => client.status,
        }
    }
}

/// One access token to be, perhaps with an ID token. It goes on record first and is signed then, and in between keys and catalog may
/// change: both steps see what was held when it began.
pub(crate) struct Minting<'i> {
    pub(super) issuer: &'i Issuer,
    pub(super) policy: Arc<Policy>,
    pub(super) held: Arc<Held>,
    jti: Jti,
    binding: Option<Binding>,
    pub(super) id_jti: Jti,
    delegation: Option<Delegation>,
    details: Option<AuthorizationDetails>,
    pub(super) now: Time,
}

impl Issuer {
    /// Refused while a vault that keeps keys does not answer: what a grant spends (a refresh token, a code) must not be spent on a token
    /// that cannot be signed.
    pub(crate) fn begin_minting(&self, now: Time) -> Result<Minting<'_>, MintError> {
        let minting = self.minting(now);
        minting.held.ring.ready()?;
        Ok(minting)
    }

    fn minting(&self, now: Time) -> Minting<'_> {
        // Drawn together: each draw has a cost of its own.
        let random: [u8; 20] = self.random();
        let (of_access, of_id) = halves(random);
        Minting {
            issuer: self,
            policy: self.policy(),
            held: self.held(),
            jti: Jti::new(now, of_access),
            id_jti: Jti::new(now, of_id),
            binding: None,
            delegation: None,
            details: None,
            now,
        }
    }
}

fn halves(random: [u8; 20]) -> ([u8; 10], [u8; 10]) {
    let mut halves = ([0; 10], [0; 10]);
    halves.0.copy_from_slice(&random[..10]);
    halves.1.copy_from_slice(&random[10..]);
    halves
}

impl Minting<'_> {
    /// The token will be worth nothing without this.
    #[must_use]
    pub(crate) fn bound_to(self, binding: Option<Binding>) -> Self {
        Self { binding, ..self }
    }

    /// The token will be another client's, because of a token that it presented.
    #[must_use]
    pub(crate) fn delegated(self, delegation: Delegation) -> Self {
        let delegation = Some(delegation);
        Self { delegation, ..self }
    }

    /// The token will carry these, of those that its session was granted.
    #[must_use]
    pub(crate) fn narrowed_to(self, details: Option<AuthorizationDetails>) -> Self {
        Self { details, ..self }
    }

    fn lifetime(&self, api: &Api) -> Period {
        let of_api = api.access_lifetime;
        let delegation = self.delegation.as_ref();
        delegation.map_or(of_api, |delegation| delegation.lifetime(of_api))
    }

    /// Who is named as the token's client.
    fn client<'a>(&'a self, grantee: Grantee<'a>) -> &'a ClientId {
        match (&self.delegation, grantee) {
            (Some(delegation), _) => &delegation.client,
            (None, Grantee::Session { session, .. }) => &session.client,
            (None, Grantee::Client { client, .. }) => &client.id,
        }
    }

    /// Another token like this one, which sees what is held now.
    pub(crate) fn anew(&self) -> Self {
        Self {
            binding: self.binding.clone(),
            delegation: self.delegation.clone(),
            details: self.details.clone(),
            ..self.issuer.minting(self.now)
        }
    }

    /// Whether the APIs and roles that it sees are those that are held now.
    pub(crate) fn is_current(&self) -> bool {
        Arc::ptr_eq(&self.held.catalog, &self.issuer.held().catalog)
    }

    pub(crate) fn catalog(&self) -> &Catalog {
        &self.held.catalog
    }

    /// The record of the token: durable before [`Minting::sign`] lets it out.
    pub(crate) fn entry(
        &self,
        api: &Api,
        grantee: Grantee<'_>,
        scope: &ScopeSet,
        grant: GrantType,
    ) -> Result<Entry, MintError> {
        let session = match grantee {
            Grantee::Session { session, .. } => Some(session.id),
            Grantee::Client { .. } => None,
        };
        let class = TokenClass {
            client: self.client(grantee).clone(),
            audience: api.audience.clone(),
            scope: scope.clone(),
            kid: self.signer(api, grantee)?.kid().to_owned(),
            grant,
            kind: TokenKind::AccessToken,
            lifetime: self.lifetime(api),
        };
        Ok(Entry::new(self.jti, class, session, self.ledger_key()))
    }

    /// The token, for `api`, with exactly `scope`.
    pub(crate) fn sign(
        &self,
        api: &Api,
        grantee: Grantee<'_>,
        scope: &ScopeSet,
    ) -> Result<Minted, MintError> {
        let signer = self.signer(api, grantee)?;
        let payload = self.payload(api, grantee, scope)?;
        let fits = claims::fits(&payload, api.claims.max_bytes);
        self.issuer.noted(&api.audience, fits)?;
        Ok(Minted {
            token: signer.sign(ACCESS_TOKEN_TYPE, &payload)?,
            expires_in: self.lifetime(api),
            algorithm: signer.algorithm(),
            is_dpop: self.binding.as_ref().is_some_and(Binding::is_dpop),
        })
    }

    /// What the token carries of what was granted. It is for the client that was granted it: a token that another got in exchange carries
    /// none, because nobody was asked for that.
    pub(crate) fn details_in(&self, api: &Api, grantee: Grantee<'_>) -> AuthorizationDetails {
        match (&self.delegation, grantee) {
            (Some(_), _) => AuthorizationDetails::default(),
            (
                None,
                Grantee::Session {
                    session, client, ..
                },
            ) => self
                .details
                .as_ref()
                .unwrap_or(&session.details)
                .within(api, client),
            (None, Grantee::Client { details, .. }) => details.clone(),
        }
    }

    pub(super) fn ledger_key(&self) -> &MacKey {
        &self.issuer.secrets.ledger
    }

    fn signer(&self, api: &Api, grantee: Grantee<'_>) -> Result<&Arc<dyn Signer>, MintError> {
        let public = self.policy.keys.public_ring();
        let signer = self.held.ring.signer(api, &public)?;
        let delegation = self.delegation.as_ref();
        let fapi = delegation.map_or(grantee.client().registration.fapi, |to| to.fapi);
        let algorithm = signer.algorithm();
        if fapi && !fapi::ALGORITHMS.contains(&algorithm) {
            return Err(MintError::Fapi(algorithm));
        }
        Ok(signer)
    }

    fn payload(
        &self,
        api: &Api,
        grantee: Grantee<'_>,
        scope: &ScopeSet,
    ) -> Result<Vec<u8>, MintError> {
        let jti = self.jti.to_string();
        let details = self.details_in(api, grantee);
        let extra = api.claims.compose(grantee.user());
        let extra = self.issuer.noted(&api.audience, extra)?;
        let entry = grantee.status();
        let list = entry.map(|entry| self.policy.issuer.join(&format!("/status/{}", entry.list)));
        let status = entry
            .zip(list.as_deref())
            .map(|(entry, uri)| StatusReference {
                idx: entry.index.into(),
                uri,
            });
        let common = AccessClaims {
            status,
            iss: self.policy.issuer.as_str(),
            aud: &[api.audience.as_str()],
            iat: self.now.secs(),
            exp: (self.now + self.lifetime(api)).secs(),
            jti: &jti,
            client_id: self.client(grantee).as_str(),
            scope: scope.as_str(),
            cnf: self.binding.as_ref().map(Binding::confirmation),
            authorization_details: details.as_slice(),
            extra: Some(&extra),
            ..AccessClaims::default()
        };
        let delegation = self.delegation.as_ref();
        let acts = delegation.map(|delegation| delegation.acts.as_slice());
        with_actors(acts.unwrap_or_default(), None, &|act| {
            self.written(grantee, AccessClaims { act, ..common })
        })
    }

    fn written(
        &self,
        grantee: Grantee<'_>,
        common: AccessClaims<'_>,
    ) -> Result<Vec<u8>, MintError> {
        Ok(match grantee {
            Grantee::Client { client, .. } => AccessClaims {
                sub: client.id.as_str(),
                ..common
            }
            .to_payload()?,
            Grantee::Session {
                session,
                user,
                client,
            } => {
                let sub = self.issuer.subject(client, session.user);
                let sid = session.id.to_string();
                let roles: Vec<&str> = user.roles.iter().map(RoleName::as_str).collect();
                let amr: Vec<&str> = session.amr.iter().map(String::as_str).collect();
                AccessClaims {
                    sub: &sub,
                    sid: Some(&sid),
                    roles: &roles,
                    amr: &amr,
                    auth_time: Some(session.authenticated_at.secs()),
                    ..common
                }
                .to_payload()?
            }
        })
    }
}

impl<'a> Grantee<'a> {
    fn client(&self) -> &'a Client {
        match self {
            Grantee::Session { client, .. } | Grantee::Client { client, .. } => client,
        }
    }

    fn user(&self) -> Option<&'a User> {
        match self {
            Grantee::Session { user, .. } => Some(user),
            Grantee::Client { .. } => None,
        }
    }
}
