//! Access tokens by RFC 9068.

use keywright_jwt::{AccessClaims, Algorithm};

use crate::access::{Api, RoleName, ScopeSet};
use crate::account::User;
use crate::claims::{self, OverBudget};
use crate::client::ClientId;
use crate::keys::NoSigningKey;
use crate::secret::PlainSecret;
use crate::session::Session;
use crate::{Issuer, Period, SessionId, Time};

/// RFC 9068 §2.1.
const ACCESS_TOKEN_TYPE: &str = "at+jwt";

/// For whom and for what a token is minted.
#[derive(Clone, Copy, Debug)]
pub enum Grantee<'a> {
    /// A user's session.
    Session {
        session: &'a Session,
        user: &'a User,
    },
    /// A client on its own behalf.
    Client(&'a ClientId),
}

#[derive(Clone, Debug)]
pub struct Minted {
    pub token: String,
    pub expires_in: Period,
    pub algorithm: Algorithm,
}

/// What a successful login, refresh or grant answers.
#[derive(Clone, Debug)]
pub struct Tokens {
    pub access: Minted,
    pub refresh: Option<PlainSecret>,
    pub scope: ScopeSet,
    pub session: Option<SessionId>,
}

#[derive(Debug, thiserror::Error)]
pub enum MintError {
    #[error(transparent)]
    NoSigningKey(#[from] NoSigningKey),
    #[error("the claims cannot be written: {0}")]
    Claims(#[from] keywright_jwt::PayloadError),
    #[error("the claims are refused: {0}")]
    OverBudget(#[from] OverBudget),
    #[error("signing failed: {0}")]
    Sign(#[from] keywright_jwt::SignError),
}

impl Issuer {
    /// Mints one access token for `api` with exactly `scope`.
    pub(crate) fn mint(
        &self,
        api: &Api,
        grantee: Grantee<'_>,
        scope: &ScopeSet,
        now: Time,
    ) -> Result<Minted, MintError> {
        let policy = self.policy();
        let held = self.held();
        let signer = held.ring.signer(api, &policy.keys.public_ring())?;
        let jti = base64_simd::URL_SAFE_NO_PAD.encode_to_string(self.random::<16>());
        let extra = api.claims.compose(grantee.user());
        let common = AccessClaims {
            iss: policy.issuer.as_str(),
            aud: &[api.audience.as_str()],
            iat: now.secs(),
            exp: (now + api.access_lifetime).secs(),
            jti: &jti,
            scope: scope.as_str(),
            extra: Some(&extra),
            ..AccessClaims::default()
        };
        let payload = match grantee {
            Grantee::Client(client) => AccessClaims {
                sub: client.as_str(),
                client_id: client.as_str(),
                ..common
            }
            .to_payload()?,
            Grantee::Session { session, user } => {
                let (sub, sid) = (session.user.to_string(), session.id.to_string());
                let roles: Vec<&str> = user.roles.iter().map(RoleName::as_str).collect();
                let amr: Vec<&str> = session.amr.iter().map(String::as_str).collect();
                AccessClaims {
                    sub: &sub,
                    client_id: session.client.as_str(),
                    sid: Some(&sid),
                    roles: &roles,
                    amr: &amr,
                    auth_time: Some(session.created_at.secs()),
                    ..common
                }
                .to_payload()?
            }
        };
        claims::fits(&payload, api.claims.max_bytes)?;
        let token = signer.sign(ACCESS_TOKEN_TYPE, &payload)?;
        Ok(Minted {
            token,
            expires_in: api.access_lifetime,
            algorithm: signer.algorithm(),
        })
    }
}

impl<'a> Grantee<'a> {
    fn user(&self) -> Option<&'a User> {
        match self {
            Grantee::Session { user, .. } => Some(user),
            Grantee::Client(_) => None,
        }
    }
}
