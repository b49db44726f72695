//! `POST /oauth2/par` (RFC 9126).

use axum::response::{IntoResponse, Response};
use http::header::CACHE_CONTROL;
use http::{HeaderValue, StatusCode};
use keywright_domain::audit::Origin;
use keywright_domain::authorize::{Parameters, PushRequest};
use serde::Serialize;
use utoipa::ToSchema;

use super::dpop::offer_nonce;
use super::error::{OAuthError, OAuthReason};
use crate::app::App;
use crate::door::ClientRequest;
use crate::extract::Json;
use crate::observe;

/// The form, for the reference: the parameters of the authorization endpoint, beside what proves the client.
#[derive(Serialize, ToSchema)]
pub struct PushedAuthorizationRequest {
    /// `code`.
    response_type: Option<String>,
    redirect_uri: Option<String>,
    scope: Option<String>,
    code_challenge: Option<String>,
    /// `S256`.
    code_challenge_method: Option<String>,
    state: Option<String>,
    /// All of these in one signed object (RFC 9101).
    request: Option<String>,
}

#[derive(Serialize, ToSchema)]
pub struct PushedBody {
    /// For the authorization endpoint, once, beside `client_id`.
    request_uri: String,
    /// Seconds.
    expires_in: i64,
}

/// What proves the client is not part of what it asks for (RFC 9126 §2.1).
const PROOFS: [&str; 3] = ["client_secret", "client_assertion", "client_assertion_type"];

pub async fn push_request(app: App, origin: Origin, request: ClientRequest) -> Response {
    let proves_a_key = request.proof_key.is_some();
    let response = match push(&app, origin, request).await {
        Ok(response) => response,
        Err(error) => error.into_response(),
    };
    if proves_a_key {
        offer_nonce(&app, response)
    } else {
        response
    }
}

async fn push(app: &App, origin: Origin, request: ClientRequest) -> Result<Response, OAuthError> {
    let asked = request.form.pairs();
    let asked = asked.filter(|(name, _)| !PROOFS.contains(name));
    let owned = asked.map(|(name, value)| (name.to_owned(), value.to_owned()));
    let push = PushRequest {
        parameters: Parameters::new(owned).map_err(|_| OAuthReason::NotAForm)?,
        client: request.client,
        proof_key: request.proof_key,
        origin,
    };
    let pushed = app.issuer().push_request(push).await;
    observe::push(app.metrics(), &pushed);
    let pushed = pushed?;
    let body = PushedBody {
        request_uri: pushed.request_uri,
        expires_in: pushed.expires_in.as_secs(),
    };
    let no_store = [(CACHE_CONTROL, HeaderValue::from_static("no-store"))];
    Ok((StatusCode::CREATED, no_store, Json(body)).into_response())
}
