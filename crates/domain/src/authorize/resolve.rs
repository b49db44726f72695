//! What a request says, wherever it says it: in its own parameters, in a request that was pushed before (RFC 9126 §4), or in a signed
//! object (RFC 9101 §5).

use std::borrow::Cow;

use crate::authorize::pushed::PushedId;
use crate::authorize::{Objection, Parameters, check};
use crate::{Issuer, Unavailable};

/// What counts of a request.
pub(super) struct Resolved<'a> {
    pub parameters: Cow<'a, Parameters>,
    /// Why what the request points to does not count; the parameters are then those of the request itself, so that its client can be
    /// told where it can be.
    pub objection: Option<Objection>,
}

impl Issuer {
    /// Once a request points elsewhere, nothing counts but what is there: what stands beside it in the address can be changed by whoever
    /// holds the browser (RFC 9101 §6.3).
    pub(super) async fn resolve<'a>(
        &self,
        sent: &'a Parameters,
    ) -> Result<Resolved<'a>, Unavailable> {
        let found = match (sent.value("request_uri"), sent.value("request")) {
            (Some(uri), None) => self.pushed_parameters(sent, uri).await?,
            (None, Some(object)) => self.object_parameters(sent, object).await?,
            // Neither, or both, which a check refuses.
            (None, None) | (Some(_), Some(_)) => {
                return Ok(Resolved {
                    parameters: Cow::Borrowed(sent),
                    objection: None,
                });
            }
        };
        Ok(match found {
            Ok(parameters) => Resolved {
                parameters: Cow::Owned(parameters),
                objection: None,
            },
            Err(objection) => Resolved {
                parameters: Cow::Borrowed(sent),
                objection: Some(objection),
            },
        })
    }

    /// It is bound to the client that pushed it (RFC 9126 §2.2), and stays until a code is issued for it: people reload pages.
    async fn pushed_parameters(
        &self,
        sent: &Parameters,
        uri: &str,
    ) -> Result<Result<Parameters, Objection>, Unavailable> {
        let Some(id) = PushedId::of_uri(uri, &self.secrets.link) else {
            return Ok(Err(Objection::RequestUri));
        };
        let client = check::client_id(sent);
        let pushed = self.outside.store.pushed(id).await?.filter(|pushed| {
            self.now() < pushed.expires_at && client.as_ref() == Some(&pushed.client)
        });
        Ok(pushed
            .map(|pushed| pushed.parameters)
            .ok_or(Objection::RequestUriOver))
    }

    async fn object_parameters(
        &self,
        sent: &Parameters,
        object: &str,
    ) -> Result<Result<Parameters, Objection>, Unavailable> {
        let client = match check::client_id(sent) {
            Some(id) => self.outside.store.client(&id).await?,
            None => None,
        };
        // Nobody asks: that is told before anything of the object.
        let Some(client) = check::usable(client) else {
            return Ok(Ok(sent.clone()));
        };
        let read = self.read_request_object(&client, object).await;
        Ok(read.map_err(Objection::from))
    }

    /// Whether a code may be issued for this request. One that was pushed is used up by it, once for all nodes and browsers; any other
    /// can be repeated at will.
    pub(super) async fn use_up(&self, parameters: &Parameters) -> Result<bool, Unavailable> {
        let uri = parameters.value("request_uri");
        match uri.and_then(|uri| PushedId::of_uri(uri, &self.secrets.link)) {
            Some(id) => self.outside.store.take_pushed(id).await,
            None => Ok(true),
        }
    }
}
