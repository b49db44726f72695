//! What a client is told about a person, at the userinfo endpoint and in an ID token (OpenID Connect Core §5.3, §5.5).

use serde_json::{Map, Value};

use super::standard_claims::claims_of;
use super::{Person, Profile};
use crate::client::Client;
use crate::keys::RingId;
use crate::session::{Caller, Standing};
use crate::token::MintError;
use crate::{Issuer, Unavailable, UserId};

/// As the client registered it.
#[derive(Clone, Debug, PartialEq)]
pub enum UserInfo {
    Plain(Map<String, Value>),
    /// A JWT.
    Signed(String),
}

#[derive(Debug, thiserror::Error)]
pub enum UserInfoError {
    #[error("the access token lacks the scope openid")]
    NotOpenId,
    #[error(transparent)]
    Mint(#[from] MintError),
    #[error(transparent)]
    Unavailable(#[from] Unavailable),
}

impl Issuer {
    /// What the caller's client may know of the caller: the claims of the scopes that the access token carries, and those that were
    /// asked for by name when the session was opened.
    pub async fn user_info(&self, caller: &Caller) -> Result<UserInfo, UserInfoError> {
        let Standing {
            session,
            user,
            client,
            stale: _,
        } = &caller.standing;
        // A session that was granted none has no such scope, whatever an API calls its own.
        let scope = caller.scope.intersection(&session.openid);
        if !scope.contains("openid") {
            return Err(UserInfoError::NotOpenId);
        }
        let profile = self.profile(user.id).await?;
        let person = Person {
            user,
            profile: &profile,
        };
        let of_scopes = claims_of(&scope).map(|name| -> &str { name });
        let asked = of_scopes.chain(session.claims.of_userinfo());
        let mut claims = person.claims(client, asked);
        claims.insert("sub".to_owned(), self.subject(client, user.id).into());
        self.rendered(client, claims)
    }

    /// §5.3.2: a signed answer says who says it, and to whom.
    fn rendered(
        &self,
        client: &Client,
        mut claims: Map<String, Value>,
    ) -> Result<UserInfo, UserInfoError> {
        let Some(algorithm) = client.registration.userinfo_signed_response_alg else {
            return Ok(UserInfo::Plain(claims));
        };
        claims.insert("iss".to_owned(), self.policy().issuer.as_str().into());
        claims.insert("aud".to_owned(), client.id.as_str().into());
        let held = self.held();
        let signer = held.ring.active(&RingId::public(algorithm));
        let signer = signer.map_err(MintError::from)?;
        let payload = Value::Object(claims).to_string();
        let signed = signer.sign("JWT", payload.as_bytes());
        Ok(UserInfo::Signed(signed.map_err(MintError::from)?))
    }

    /// Standard claims that the session's client asked its ID tokens to carry. Nothing is read where nothing was asked for.
    pub(crate) async fn claims_of_id_token(
        &self,
        standing: &Standing,
    ) -> Result<Map<String, Value>, Unavailable> {
        let asked = &standing.session.claims;
        if asked.of_id_token().next().is_none() {
            return Ok(Map::new());
        }
        let profile = self.profile(standing.user.id).await?;
        let person = Person {
            user: &standing.user,
            profile: &profile,
        };
        Ok(person.claims(&standing.client, asked.of_id_token()))
    }

    /// Empty for who has told nothing, or is gone.
    pub(super) async fn profile(&self, user: UserId) -> Result<Profile, Unavailable> {
        let stored = self.outside.store.profile(user).await?;
        Ok(stored.unwrap_or_default())
    }
}
