//! Service to service: a client's own token (RFC 6749 §4.4). No refresh token: the client can simply ask again.

use std::sync::Arc;

use crate::access::{Audience, AuthorizationDetails, DetailsRefused, ScopeRefused, ScopeSet};
use crate::audit::Origin;
use crate::client::{Client, ClientRefused, Grant, PresentedClient};
use crate::issuer::Held;
use crate::ledger::{Entry, GrantType};
use crate::token::{Grantee, MintError, Minting, ProvedKey, Tokens};
use crate::{Issuer, Unavailable};

#[derive(Clone, Debug)]
pub struct ClientCredentials {
    pub client: PresentedClient,
    /// RFC 8707 `resource`, or `audience`; `None`: the client's default API.
    pub audience: Option<Audience>,
    pub scope: Option<ScopeSet>,
    /// RFC 9396, as it was sent.
    pub details: Option<String>,
    /// The token is to be bound to it (RFC 9449 §5).
    pub proof_key: Option<ProvedKey>,
    pub origin: Origin,
}

#[derive(Debug, thiserror::Error)]
pub enum ClientCredentialsError {
    #[error(transparent)]
    Client(#[from] ClientRefused),
    #[error(transparent)]
    Scope(#[from] ScopeRefused),
    #[error(transparent)]
    Details(#[from] DetailsRefused),
    #[error(transparent)]
    Mint(#[from] MintError),
    #[error(transparent)]
    Unavailable(#[from] Unavailable),
}

/// A token to be, which is signed once it is on record.
struct OwnToken<'i> {
    minting: Minting<'i>,
    scope: ScopeSet,
    details: AuthorizationDetails,
    entry: Entry,
}

impl Issuer {
    pub async fn client_credentials(
        &self,
        request: ClientCredentials,
    ) -> Result<Tokens, ClientCredentialsError> {
        let held = self.held();
        if let Some(tokens) = self.tokens_of_proven(&request, &held).await {
            return Ok(tokens);
        }
        let grant = Grant::ClientCredentials;
        let client = self
            .authenticate_for(grant, &request.client, &request.origin)
            .await?;
        let now = self.now();
        let client = self
            .with_entry(client, now)
            .await?
            .ok_or(ClientRefused::Unknown)?;
        let own = OwnToken::prepare(&client, &request, self.begin_minting(now)?)?;
        self.outside.store.record_token(&own.entry).await?;
        let tokens = own.sign(&client)?;
        held.clients.keep(Arc::new(client));
        Ok(tokens)
    }

    /// Without a look at the stored client. `None`: it is unknown, has changed, or is refused, which is for the stored one to say.
    async fn tokens_of_proven(&self, request: &ClientCredentials, held: &Held) -> Option<Tokens> {
        let grant = Grant::ClientCredentials;
        let client = self.proven_client(held, grant, &request.client, &request.origin)?;
        let minting = self.begin_minting(self.now()).ok()?;
        let own = OwnToken::prepare(&client, request, minting).ok()?;
        let version = held.versions.catalog;
        let store = &self.outside.store;
        if !store.record_token_at(&own.entry, version).await.ok()? {
            held.clients.give_up();
            return None;
        }
        own.sign(&client).ok()
    }
}

impl<'i> OwnToken<'i> {
    fn prepare(
        client: &Client,
        request: &ClientCredentials,
        minting: Minting<'i>,
    ) -> Result<Self, ClientCredentialsError> {
        let binding = client.binding(request.proof_key.clone(), &request.client)?;
        let minting = minting.bound_to(binding);
        let catalog = minting.catalog();
        let audience = request
            .audience
            .as_ref()
            .or(client.default_audience.as_ref())
            .ok_or(ScopeRefused::NoApi)?;
        let api = catalog.api(audience)?;
        let allowed = client
            .allowed
            .get(audience)
            .filter(|allowed| !allowed.is_empty())
            .ok_or(ScopeRefused::NothingGranted)?;
        let scope = catalog.narrow(api, request.scope.as_ref(), &[allowed])?;
        let details = match &request.details {
            Some(text) => AuthorizationDetails::asked(text, api, client)?,
            None => AuthorizationDetails::default(),
        };
        let grantee = Grantee::Client {
            client,
            details: &details,
        };
        let entry = minting.entry(api, grantee, &scope, GrantType::ClientCredentials)?;
        Ok(Self {
            minting,
            scope,
            details,
            entry,
        })
    }

    fn sign(self, client: &Client) -> Result<Tokens, ClientCredentialsError> {
        let api = self.minting.catalog().api(&self.entry.class.audience)?;
        let grantee = Grantee::Client {
            client,
            details: &self.details,
        };
        Ok(Tokens {
            access: self.minting.sign(api, grantee, &self.scope)?,
            refresh: None,
            id_token: None,
            scope: self.scope,
            details: self.details,
            session: None,
        })
    }
}
