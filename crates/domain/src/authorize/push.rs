//! Pushing a request (RFC 9126 §2): the client proves itself and is told at once what is wrong, and what the browser carries shows
//! nothing and can be changed by nobody.

use crate::audit::Origin;
use crate::authorize::check::{self, Asked};
use crate::authorize::pushed::{LIFETIME, PushedId, PushedRequest};
use crate::authorize::{Objection, Parameters};
use crate::client::{Client, ClientKind, ClientRefused, PresentedClient};
use crate::limit::{LimitKey, Limited, Network, Quota};
use crate::token::ProvedKey;
use crate::{Issuer, Period, Unavailable};

/// Anybody can push in the name of a public client, and each push is a row: so many from one network, far more than its people log in.
const OF_ANYBODY: Quota = Quota {
    burst: 300,
    interval: Period::secs(1),
};

#[derive(Clone, Debug)]
pub struct PushRequest {
    pub client: PresentedClient,
    /// As they were sent, without what proves the client.
    pub parameters: Parameters,
    /// The code is bound to it (RFC 9449 §10.1).
    pub proof_key: Option<ProvedKey>,
    pub origin: Origin,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pushed {
    pub request_uri: String,
    pub expires_in: Period,
}

#[derive(Debug, thiserror::Error)]
pub enum PushError {
    #[error(transparent)]
    Client(#[from] ClientRefused),
    #[error("the redirect_uri is missing, or not one that is registered for the client")]
    RedirectUri,
    #[error("{}", .0.says())]
    Objection(Objection),
    #[error(transparent)]
    Limited(#[from] Limited),
    #[error(transparent)]
    Unavailable(#[from] Unavailable),
}

impl Issuer {
    pub async fn push_request(&self, push: PushRequest) -> Result<Pushed, PushError> {
        let client = self.authenticate_client(&push.client, &push.origin).await?;
        client.check_proof(push.proof_key.as_ref())?;
        if client.kind == ClientKind::Public {
            let from = LimitKey::PushedFrom(Network::from(push.origin.address));
            self.limits.take(from, OF_ANYBODY, self.now())?;
        }
        let id = PushedId(self.random());
        let request_uri = id.uri(&self.secrets.link);
        let parameters = self.parameters_pushed(&client, push).await?;
        // The name goes along: by it, the code is issued once.
        let parameters = parameters.with("request_uri", &request_uri);
        self.check_pushed(&client, &parameters)?;
        let request = PushedRequest {
            id,
            client: client.id,
            parameters,
            expires_at: self.now() + LIFETIME,
        };
        self.outside.store.push(&request).await?;
        Ok(Pushed {
            request_uri,
            expires_in: LIFETIME,
        })
    }

    async fn parameters_pushed(
        &self,
        client: &Client,
        push: PushRequest,
    ) -> Result<Parameters, PushError> {
        let sent = push.parameters;
        // RFC 9126 §2.1: a name of another request is no request.
        if sent.contains("request_uri") {
            return Err(PushError::Objection(Objection::RequestUri));
        }
        let parameters = match sent.value("request") {
            Some(object) => self
                .read_request_object(client, object)
                .await
                .map_err(|refused| PushError::Objection(refused.into()))?,
            None => sent,
        };
        let parameters = parameters.with("client_id", client.id.as_str());
        match (push.proof_key, parameters.value("dpop_jkt")) {
            // RFC 9449 §10.1: the two must be one key.
            (Some(proved), Some(named)) if proved.thumbprint != named => {
                Err(PushError::Objection(Objection::ProofKeyContradicts))
            }
            (Some(proved), _) => Ok(parameters.with("dpop_jkt", &proved.thumbprint)),
            (None, _) => Ok(parameters),
        }
    }

    fn check_pushed(&self, client: &Client, parameters: &Parameters) -> Result<(), PushError> {
        let catalog = self.catalog();
        let hint = self.hint_in(parameters);
        let asked = Asked {
            parameters,
            client,
            catalog: &catalog,
            hint: hint.as_ref(),
        };
        // FAPI 2.0 Security Profile §5.3.2.2 wants it named, though there may be only one.
        let is_named = !client.registration.fapi || parameters.contains("redirect_uri");
        if !is_named || check::destination(&asked).is_none() {
            return Err(PushError::RedirectUri);
        }
        let own = self.policy().issuer_audience();
        let own = own.ok_or_else(|| Unavailable::new("policy", "the issuer is no audience"))?;
        check::request(&asked, own)
            .map(drop)
            .map_err(PushError::Objection)
    }
}
