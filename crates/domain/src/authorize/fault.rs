//! What a request is answered that is at fault, or that fails here.

use crate::authorize::authorize::{Authorization, AuthorizeError};
use crate::authorize::check::Asked;
use crate::authorize::response::Destination;
use crate::authorize::{AuthorizationResponse, Objection};
use crate::client::Client;
use crate::{Issuer, Unavailable};

/// A request at fault, of a client that nobody here vouches for.
#[derive(Clone, Debug)]
pub struct Fault {
    pub client_name: String,
    pub objection: Objection,
    /// What the client is told if the person goes on to it.
    pub answer: AuthorizationResponse,
}

impl Issuer {
    /// For a request that a check objects to.
    ///
    /// RFC 9700 §4.11.2: anybody can register an address, and a request that is wrong on purpose would lead from ours to theirs before
    /// the person has seen anything. So a stranger's fault is shown to the person, who may go on. An administrator's client is sent back at once.
    pub(super) async fn answer_fault(
        &self,
        asked: &Asked<'_>,
        to: &Destination,
        objection: Objection,
    ) -> Result<Authorization, Unavailable> {
        let answer = self.refusal(to, objection)?;
        if self.is_sent_back(asked).await? {
            return Ok(Authorization::Answer(answer));
        }
        Ok(Authorization::Fault(Fault {
            client_name: asked.client.name.clone(),
            objection,
            answer,
        }))
    }

    /// For a request whose answer failed here. What cannot be found out now counts for nobody.
    pub(super) async fn tell_failure(
        &self,
        asked: &Asked<'_>,
        to: &Destination,
        cause: Unavailable,
    ) -> AuthorizeError {
        let is_sent_back = self.is_sent_back(asked).await.unwrap_or(false);
        match self.refusal(to, Objection::Unavailable) {
            Ok(answer) if is_sent_back => AuthorizeError::Failed { answer, cause },
            Ok(_) | Err(_) => AuthorizeError::Unavailable(cause),
        }
    }

    /// Answers the client, of a person who has logged in or a request that wants no page.
    pub(super) fn refuse(
        &self,
        to: &Destination,
        objection: Objection,
    ) -> Result<Authorization, Unavailable> {
        self.refusal(to, objection).map(Authorization::Answer)
    }

    fn refusal(
        &self,
        to: &Destination,
        objection: Objection,
    ) -> Result<AuthorizationResponse, Unavailable> {
        let response = to.refuse(objection, &self.policy().issuer);
        self.seal_response(to, response)
    }

    /// `prompt=none` asks for no page, and gets none (OpenID Connect Core §3.1.2.1).
    async fn is_sent_back(&self, asked: &Asked<'_>) -> Result<bool, Unavailable> {
        let is_silent = asked.parameters.value("prompt") == Some("none");
        Ok(is_silent || !self.is_stranger(asked.client).await?)
    }

    /// Whether no administrator made the client.
    async fn is_stranger(&self, client: &Client) -> Result<bool, Unavailable> {
        let has_document = client.id.document_host().is_some();
        let store = &self.outside.store;
        Ok(has_document || store.dynamic_client(&client.id).await?.is_some())
    }
}
