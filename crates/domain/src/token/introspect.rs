//! What a token is worth now, told to a client (RFC 7662).
//!
//! A confidential client is told of its own tokens, and of access tokens for the APIs that are in its `allowed`: those it deals with. To
//! everybody else, and of everything that is not a living token, it is told the same: not active.

use serde_json::{Map, Value, json};

use crate::audit::Origin;
use crate::client::{Client, ClientKind, ClientRefused, PresentedClient};
use crate::secret::PlainSecret;
use crate::session::Standing;
use crate::token::own::OwnToken;
use crate::token::{Introspection, MintError};
use crate::{Issuer, Unavailable};

#[derive(Clone, Debug)]
pub struct Introspect {
    pub client: PresentedClient,
    pub token: PlainSecret,
    pub origin: Origin,
}

#[derive(Debug, thiserror::Error)]
pub enum IntrospectError {
    #[error(transparent)]
    Client(#[from] ClientRefused),
    #[error("a public client proves nothing, so it is told nothing")]
    PublicClient,
    #[error(transparent)]
    Mint(#[from] MintError),
    #[error(transparent)]
    Unavailable(#[from] Unavailable),
}

impl Issuer {
    pub async fn introspect(&self, asked: Introspect) -> Result<Introspection, IntrospectError> {
        let client = self
            .authenticate_client(&asked.client, &asked.origin)
            .await?;
        match client.kind {
            ClientKind::Confidential => {}
            ClientKind::Public => return Err(IntrospectError::PublicClient),
        }
        let members = match self.own_access_token(asked.token.expose()) {
            Some(token) => self.introspect_access_token(&client, &token).await?,
            None => self.introspect_refresh_token(&client, &asked.token).await?,
        };
        Ok(Introspection {
            client: client.id,
            members,
        })
    }

    async fn introspect_access_token(
        &self,
        client: &Client,
        token: &OwnToken,
    ) -> Result<Option<Map<String, Value>>, Unavailable> {
        if !may_see(client, token) || self.stands_on(token).await?.is_none() {
            return Ok(None);
        }
        let claims = token.claims();
        let mut members: Map<String, Value> = claims.deserialize().unwrap_or_default();
        let token_type = if claims.jkt().is_some() {
            "DPoP"
        } else {
            "Bearer"
        };
        members.insert("token_type".to_owned(), token_type.into());
        Ok(Some(members))
    }

    /// A refresh token is its client's alone. Only one that would be accepted now is active: looking at a superseded one says nothing and
    /// ends nothing.
    async fn introspect_refresh_token(
        &self,
        client: &Client,
        token: &PlainSecret,
    ) -> Result<Option<Map<String, Value>>, Unavailable> {
        let Some((token, key)) = self.known_refresh_token(token) else {
            return Ok(None);
        };
        let standing = self.outside.store.standing(token.session).await?;
        let now = self.now();
        let active = |standing: &Standing| {
            let family = &standing.session.family;
            standing.session.client == client.id
                && token.is_authentic(&family.salt, &key)
                && token.sequence >= family.current
                && standing.holds(now)
        };
        Ok(standing
            .filter(active)
            .map(|standing| self.of_refresh_token(&standing)))
    }

    fn of_refresh_token(&self, standing: &Standing) -> Map<String, Value> {
        let session = &standing.session;
        let expires = session.family.idle_until.min(session.family.absolute_until);
        let mut members = Map::new();
        for (name, value) in [
            ("iss", json!(self.policy().issuer.as_str())),
            ("sub", json!(self.subject(&standing.client, session.user))),
            ("client_id", json!(session.client.as_str())),
            ("sid", json!(session.id.to_string())),
            ("aud", json!(session.audience.as_str())),
            ("scope", json!(session.granted().as_str())),
            ("iat", json!(session.last_used_at.secs())),
            ("exp", json!(expires.secs())),
        ] {
            members.insert(name.to_owned(), value);
        }
        if !session.details.is_empty() {
            // RFC 9396 §9.2.
            let details = json!(session.details);
            members.insert("authorization_details".to_owned(), details);
        }
        if let Some(binding) = &session.binding {
            members.insert("cnf".to_owned(), json!(binding.confirmation()));
        }
        members
    }
}

fn may_see(client: &Client, token: &OwnToken) -> bool {
    let is_for = |audience: &str| client.allowed.keys().any(|own| own.as_str() == audience);
    token.client == client.id || token.claims().aud().any(|audience| is_for(&audience))
}
