//! What a request shows to prove which client sends it (RFC 6749 §2.3).

use crate::client::{AuthMethod, ClientId};
use crate::secret::PlainSecret;

#[derive(Clone, Debug)]
pub struct PresentedClient {
    pub id: ClientId,
    pub proof: ClientProof,
}

#[derive(Clone, Debug)]
pub enum ClientProof {
    /// Its name alone: all that a public client can show.
    None,
    Secret {
        secret: PlainSecret,
        how: SecretIn,
    },
}

/// RFC 6749 §2.3.1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SecretIn {
    Basic,
    Form,
}

impl ClientProof {
    pub fn method(&self) -> AuthMethod {
        match self {
            ClientProof::None => AuthMethod::None,
            ClientProof::Secret { how, .. } => match how {
                SecretIn::Basic => AuthMethod::ClientSecretBasic,
                SecretIn::Form => AuthMethod::ClientSecretPost,
            },
        }
    }

    pub(crate) fn secret(&self) -> Option<&PlainSecret> {
        match self {
            ClientProof::None => None,
            ClientProof::Secret { secret, .. } => Some(secret),
        }
    }
}
