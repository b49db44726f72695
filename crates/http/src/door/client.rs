//! A client of the token endpoint. What it presents is taken out of the request here, once and in exactly one place (RFC 6749
//! §2.3); whether it proves anything is decided by the grant's use case, which authenticates before it does anything else.

use axum::body::Body;
use axum::extract::{FromRequestParts, Request};
use axum::response::{IntoResponse, Response};
use http::request::Parts;
use keywright_domain::client::PresentedClient;
use keywright_domain::token::ProvedKey;

use super::caller::admitted;
use super::{Authority, Door, Required};
use crate::app::App;
use crate::extract::bearer::certificate_of;
use crate::extract::form::Form;
use crate::oauth::{OAuthError, offer_nonce, presented_client, proof_key};
use crate::problem::Problem;

/// Client credentials, by Basic or in the form.
#[derive(Clone, Copy, Debug)]
pub struct AnyClient;

/// A form, and the client that sent it.
#[derive(Clone, Debug)]
pub struct ClientRequest {
    pub client: PresentedClient,
    /// RFC 9449 §5.
    pub proof_key: Option<ProvedKey>,
    pub form: Form,
}

impl Authority for AnyClient {
    fn required(&self) -> Required {
        Required::Client
    }

    async fn admit(&self, app: &App, request: Request) -> Result<Request, Response> {
        let (mut parts, body) = request.into_parts();
        let form = Form::read(&parts.headers, body).await;
        let form = form.map_err(|refused| OAuthError::from(refused).into_response())?;
        let client = presented_client(&parts.headers, &form);
        let client = PresentedClient {
            certificate: certificate_of(&parts.extensions).cloned(),
            ..client.map_err(IntoResponse::into_response)?
        };
        let proof_key = proof_key(app, &parts.headers, parts.uri.path())
            .map_err(|refused| offer_nonce(app, refused.into_response()))?;
        parts.extensions.insert(ClientRequest {
            client,
            proof_key,
            form,
        });
        Ok(Request::from_parts(parts, Body::empty()))
    }
}

impl FromRequestParts<Door<AnyClient>> for ClientRequest {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &Door<AnyClient>) -> Result<Self, Problem> {
        admitted(parts)
    }
}
