//! What a request shows to prove which client sends it (RFC 6749 §2.3).

use crate::audit::Origin;
use crate::client::assertion::subject_of;
use crate::client::{AuthMethod, Client, ClientCertificate, ClientId, MalformedClientId};
use crate::limit::{LimitKey, Network};
use crate::secret::PlainSecret;

#[derive(Clone, Debug)]
pub struct PresentedClient {
    pub id: ClientId,
    pub proof: ClientProof,
    /// What its connection showed, whether or not it is there to prove the client.
    pub certificate: Option<ClientCertificate>,
}

#[derive(Clone, Debug)]
pub enum ClientProof {
    /// Its name alone: all that a public client can show in a request. A certificate is shown by the connection.
    None,
    Secret {
        secret: PlainSecret,
        how: SecretIn,
    },
    /// A signed JWT (RFC 7523 §2.2). Until it is used it opens the door like a password, so it is kept from logs like one.
    Assertion(PlainSecret),
}

/// RFC 6749 §2.3.1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SecretIn {
    Basic,
    Form,
}

impl PresentedClient {
    /// The client that an assertion speaks of, which needs no other name beside it (RFC 7521 §4.2).
    pub fn by_assertion(assertion: PlainSecret) -> Result<Self, MalformedClientId> {
        Ok(Self {
            id: subject_of(&assertion)?,
            proof: ClientProof::Assertion(assertion),
            certificate: None,
        })
    }

    /// What failed attempts to be this client are counted by.
    pub(super) fn guesses(&self, origin: &Origin) -> LimitKey<'_> {
        LimitKey::Client(self.id.as_str(), Network::from(origin.address))
    }

    /// How the client proves itself. On the wire, a certificate looks like the request of a public client (RFC 8705 §2), and an assertion
    /// does not say by what kind of key it is signed: what they are for is in the registration.
    pub(super) fn method(&self, client: &Client) -> AuthMethod {
        let registered = client.registration.token_endpoint_auth_method;
        match &self.proof {
            ClientProof::None => registered
                .filter(|method| method.is_by_certificate() && self.certificate.is_some())
                .unwrap_or(AuthMethod::None),
            ClientProof::Secret { how, .. } => match how {
                SecretIn::Basic => AuthMethod::ClientSecretBasic,
                SecretIn::Form => AuthMethod::ClientSecretPost,
            },
            ClientProof::Assertion(_) => registered
                .filter(|method| *method == AuthMethod::ClientSecretJwt)
                .unwrap_or(AuthMethod::PrivateKeyJwt),
        }
    }
}

impl ClientProof {
    pub(crate) fn secret(&self) -> Option<&PlainSecret> {
        match self {
            ClientProof::None | ClientProof::Assertion(_) => None,
            ClientProof::Secret { secret, .. } => Some(secret),
        }
    }
}
