//! A refresh at the token endpoint (RFC 6749 §6): the same rotation as the identity API's, by a client that names itself.

use crate::Issuer;
use crate::client::{ClientRefused, Grant, PresentedClient};
use crate::session::rotation::PresentedBy;
use crate::session::{Refresh, RefreshError, Refreshed};

#[derive(Debug, thiserror::Error)]
pub enum RefreshGrantError {
    #[error(transparent)]
    Client(#[from] ClientRefused),
    #[error(transparent)]
    Refresh(#[from] RefreshError),
}

impl Issuer {
    /// The client is authenticated before the token is looked at, so that a stolen token alone spends nothing. Whoever
    /// `request` says that it is presented by, it is presented by this client.
    pub async fn refresh_by_client(
        &self,
        client: &PresentedClient,
        request: Refresh,
    ) -> Result<Refreshed, RefreshGrantError> {
        let authenticated = self
            .authenticate_for(Grant::RefreshToken, client, &request.origin)
            .await?;
        let binding = authenticated.binding(request.proof_key.clone(), client)?;
        let by = PresentedBy::Client(authenticated.id);
        let refreshed = self.refresh_bound(Refresh { by, ..request }, binding);
        Ok(refreshed.await?)
    }
}
