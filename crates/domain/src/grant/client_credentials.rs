//! Service to service: a client's own token (RFC 6749 §4.4). No refresh token: the client can simply ask again.

use crate::access::{Audience, AuthorizationDetails, DetailsRefused, ScopeRefused, ScopeSet};
use crate::audit::Origin;
use crate::client::{ClientRefused, Grant, PresentedClient};
use crate::ledger::GrantType;
use crate::token::{Grantee, MintError, ProvedKey, Tokens};
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

impl Issuer {
    pub async fn client_credentials(
        &self,
        request: ClientCredentials,
    ) -> Result<Tokens, ClientCredentialsError> {
        let client = self
            .authenticate_for(Grant::ClientCredentials, &request.client, &request.origin)
            .await?;
        let binding = client.binding(request.proof_key, &request.client)?;
        let now = self.now();
        let client = self
            .with_entry(client, now)
            .await?
            .ok_or(ClientRefused::Unknown)?;
        let minting = self.begin_minting(now).bound_to(binding);
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
            Some(text) => AuthorizationDetails::asked(text, api, &client)?,
            None => AuthorizationDetails::default(),
        };
        let grantee = Grantee::Client {
            client: &client,
            details: &details,
        };
        let entry = minting.entry(api, grantee, &scope, GrantType::ClientCredentials)?;
        self.outside.store.record_token(&entry).await?;
        let access = minting.sign(api, grantee, &scope)?;
        Ok(Tokens {
            access,
            refresh: None,
            id_token: None,
            scope,
            details,
            session: None,
        })
    }
}
