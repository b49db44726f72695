//! Proving to be a client (RFC 6749 §2.3).

use keywright_jwt::Algorithm;

use crate::audit::{Actor, Effects, Event, EventKind, Origin};
use crate::client::{
    AssertionRefused, AuthMethod, CertificateRefused, Client, ClientKind, ClientProof, Grant,
    PresentedClient,
};
use crate::limit::Limited;
use crate::{Issuer, Unavailable};

#[derive(Debug, thiserror::Error)]
pub enum ClientRefused {
    /// Unknown or disabled.
    #[error("there is no such client")]
    Unknown,
    #[error("the client secret is wrong or missing")]
    WrongSecret,
    /// It is registered for another method than the request uses.
    #[error("the client is not registered for {}", .0.as_str())]
    WrongMethod(AuthMethod),
    #[error("the assertion is refused: {0}")]
    Assertion(AssertionRefused),
    #[error("the certificate is refused: {0}")]
    Certificate(#[from] CertificateRefused),
    #[error(
        "the client has only tokens that are bound to a key, and the request proves possession of none"
    )]
    KeyNotProved,
    #[error("the client is registered for the FAPI profile, and its DPoP proof is signed by {0}")]
    ProofAlgorithm(Algorithm),
    #[error(
        "the client has only tokens that are bound to its certificate, and the connection showed none"
    )]
    CertificateMissing,
    #[error("the client may not use this grant")]
    GrantNotAllowed,
    #[error(transparent)]
    Limited(#[from] Limited),
    #[error(transparent)]
    Unavailable(#[from] Unavailable),
}

impl Issuer {
    /// The client that `presented` proves, if it is registered for `grant`. It is proved first: nobody else is told what it may do.
    pub(crate) async fn authenticate_for(
        &self,
        grant: Grant,
        presented: &PresentedClient,
        origin: &Origin,
    ) -> Result<Client, ClientRefused> {
        let client = self.authenticate_client(presented, origin).await?;
        if client.grants.contains(&grant) {
            Ok(client)
        } else {
            Err(ClientRefused::GrantNotAllowed)
        }
    }

    /// The client that `presented` proves.
    pub async fn authenticate_client(
        &self,
        presented: &PresentedClient,
        origin: &Origin,
    ) -> Result<Client, ClientRefused> {
        let now = self.now();
        let quota = self.policy().limits.account();
        let key = presented.guesses(origin);
        self.limits.check(key, quota, now)?;
        let found = self
            .outside
            .store
            .client(&presented.id)
            .await?
            .filter(|client| !client.disabled);
        let Some(client) = found else {
            self.limits.charge(key, quota, now);
            return Err(ClientRefused::Unknown);
        };
        let refused = match self.prove_client(&client, presented).await {
            Ok(()) => return Ok(client),
            Err(ClientRefused::Unavailable(down)) => return Err(down.into()),
            Err(refused) => refused,
        };
        self.limits.charge(key, quota, now);
        let event = Event::new(EventKind::ClientAuthenticationFailed, Actor::Anonymous, now)
            .client(&client.id)
            .detail(presented.method(&client).as_str())
            .from(origin);
        self.outside.store.record(&Effects::from(event)).await?;
        Err(refused)
    }

    async fn prove_client(
        &self,
        client: &Client,
        presented: &PresentedClient,
    ) -> Result<(), ClientRefused> {
        let method = presented.method(client);
        if !client.proves_itself_by(method) {
            return Err(ClientRefused::WrongMethod(method));
        }
        let proved = match &presented.proof {
            ClientProof::None => match &presented.certificate {
                Some(certificate) if method.is_by_certificate() => {
                    return Ok(self.check_certificate(client, method, certificate).await?);
                }
                Some(_) | None => true,
            },
            ClientProof::Secret { secret, .. } => self.is_secret_of(client, secret),
            ClientProof::Assertion(assertion) => {
                return Ok(self.check_assertion(client, assertion).await?);
            }
        };
        proved.then_some(()).ok_or(ClientRefused::WrongSecret)
    }
}

impl From<AssertionRefused> for ClientRefused {
    /// That our own store does not answer is no fault of the assertion.
    fn from(refused: AssertionRefused) -> Self {
        if let AssertionRefused::Unavailable(down) = refused {
            return ClientRefused::Unavailable(down);
        }
        ClientRefused::Assertion(refused)
    }
}

impl Client {
    /// RFC 9449 §5: a confidential client proves itself at each refresh, and may change its key between two of them. Of a public one,
    /// the key is all that a thief of the refresh token lacks.
    pub(crate) fn binds_sessions(&self) -> bool {
        self.kind == ClientKind::Public
    }

    /// A client that is registered for one method is refused by every other: a secret that leaked from a configuration must not
    /// open the door of a client that proves itself by a key. Without a registered method, a confidential client sends its
    /// secret in Basic or in the form. A public client has nothing to prove, and must not present a secret either: that is a client
    /// that believes to be protected and is not.
    pub(crate) fn proves_itself_by(&self, method: AuthMethod) -> bool {
        match (self.kind, self.registration.token_endpoint_auth_method) {
            (ClientKind::Public, _) => method == AuthMethod::None,
            (ClientKind::Confidential, Some(registered)) => {
                method == registered && method != AuthMethod::None
            }
            (ClientKind::Confidential, None) => matches!(
                method,
                AuthMethod::ClientSecretBasic | AuthMethod::ClientSecretPost
            ),
        }
    }
}
