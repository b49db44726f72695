//! An assertion of a trusted issuer for a session (RFC 7523 §2.1): another system has proved who somebody is, and says so once.

use crate::access::{Audience, ScopeSet};
use crate::audit::Origin;
use crate::client::{ClientRefused, Grant, PresentedClient};
use crate::ledger::GrantType;
use crate::secret::PlainSecret;
use crate::token::{ProvedKey, Tokens};
use crate::trust::{PresentedAs, TrustError, TrustRefused, TrustedGrant};
use crate::{Issuer, Unavailable};

#[derive(Clone, Debug)]
pub struct JwtBearer {
    pub client: PresentedClient,
    pub assertion: PlainSecret,
    /// `None`: the client's default API.
    pub audience: Option<Audience>,
    pub scope: Option<ScopeSet>,
    pub proof_key: Option<ProvedKey>,
    pub origin: Origin,
}

#[derive(Debug, thiserror::Error)]
pub enum JwtBearerError {
    #[error(transparent)]
    Client(#[from] ClientRefused),
    #[error(transparent)]
    Trust(#[from] TrustError),
    #[error(transparent)]
    Unavailable(#[from] Unavailable),
}

impl Issuer {
    /// The client is authenticated before the assertion is looked at, so that a stolen one alone spends nothing.
    pub async fn exchange_assertion(&self, request: JwtBearer) -> Result<Tokens, JwtBearerError> {
        let origin = &request.origin;
        let client = self
            .authenticate_for(Grant::JwtBearer, &request.client, origin)
            .await?;
        let binding = client.binding(request.proof_key, &request.client)?;
        let Some(trusted) = self.claimed_issuer(&request.assertion) else {
            self.count_failure(origin, self.now())
                .map_err(TrustError::from)?;
            return Err(TrustError::from(TrustRefused::UnknownIssuer).into());
        };
        let asked = TrustedGrant {
            client: &client,
            token: &request.assertion,
            presented_as: PresentedAs::Assertion,
            grant: GrantType::JwtBearer,
            audience: request.audience,
            scope: request.scope,
            binding,
            origin,
        };
        Ok(self.open_by_trust(&trusted, asked).await?)
    }
}
