//! `POST /oauth2/token` (RFC 6749 §3.2).

use axum::response::{IntoResponse, Response};
use keywright_domain::access::{Audience, ScopeSet};
use keywright_domain::audit::Origin;
use keywright_domain::client::Grant;
use keywright_domain::grant::device::ExchangeDeviceCode;
use keywright_domain::grant::{ClientCredentials, ExchangeCode, JwtBearer};
use keywright_domain::secret::PlainSecret;
use keywright_domain::session::Refresh;
use keywright_domain::session::rotation::PresentedBy;
use serde::Serialize;
use utoipa::ToSchema;

use super::dpop::offer_nonce;
use super::error::{OAuthError, OAuthReason};
use super::token_exchange::exchange_token;
use crate::app::App;
use crate::door::ClientRequest;
use crate::extract::form::Form;
use crate::observe;
use crate::tokens::TokensBody;

/// The form, for the reference; `client_id` and `client_secret` may come by Basic instead.
#[derive(Serialize, ToSchema)]
pub struct TokenRequest {
    /// One of the metadata's `grant_types_supported`.
    grant_type: String,
    client_id: Option<String>,
    client_secret: Option<String>,
    /// Scopes separated by spaces. Without it: all that may be had.
    scope: Option<String>,
    /// The API that the token is for. Without it: the client's default.
    audience: Option<String>,
    /// The same, by its name in RFC 8707.
    resource: Option<String>,
    /// RFC 9396, a JSON array. With a code or a refresh token: some of what was granted.
    authorization_details: Option<String>,
    refresh_token: Option<String>,
    /// What the authorization endpoint answered.
    code: Option<String>,
    /// As in the authorization request; a request with `code_verifier` may do without.
    redirect_uri: Option<String>,
    /// RFC 7636.
    code_verifier: Option<String>,
    /// RFC 8628.
    device_code: Option<String>,
    /// RFC 7523.
    assertion: Option<String>,
    /// RFC 8693.
    subject_token: Option<String>,
    subject_token_type: Option<String>,
    actor_token: Option<String>,
    actor_token_type: Option<String>,
    requested_token_type: Option<String>,
}

pub async fn issue_token(app: App, origin: Origin, request: ClientRequest) -> Response {
    let proves_a_key = request.proof_key.is_some();
    let answer = exchange(&app, origin, request).await;
    let response = match answer {
        Ok(tokens) => tokens.into_response(),
        Err(error) => error.into_response(),
    };
    if proves_a_key {
        offer_nonce(&app, response)
    } else {
        response
    }
}

/// Each grant's future is boxed by itself: together they are thousands of bytes, which every request would move about.
async fn exchange(
    app: &App,
    origin: Origin,
    request: ClientRequest,
) -> Result<TokensBody, OAuthError> {
    match request.form.value("grant_type") {
        Some(TOKEN_EXCHANGE | JWT_BEARER | DEVICE_CODE) if details(&request.form).is_some() => {
            Err(OAuthReason::InvalidDetails.into())
        }
        Some("authorization_code") => Box::pin(exchange_code(app, origin, request)).await,
        Some(TOKEN_EXCHANGE) => Box::pin(exchange_token(app, origin, request)).await,
        Some(JWT_BEARER) => Box::pin(exchange_assertion(app, origin, request)).await,
        Some(DEVICE_CODE) => Box::pin(exchange_device_code(app, origin, request)).await,
        Some(CLIENT_CREDENTIALS) => Box::pin(client_credentials(app, origin, request)).await,
        Some("refresh_token") => Box::pin(refresh(app, origin, request)).await,
        Some(_) => Err(OAuthReason::UnsupportedGrant.into()),
        None => Err(OAuthReason::MissingParameter.into()),
    }
}

async fn exchange_code(
    app: &App,
    origin: Origin,
    request: ClientRequest,
) -> Result<TokensBody, OAuthError> {
    let form = &request.form;
    let code = form.value("code").ok_or(OAuthReason::MissingParameter)?;
    let asked = ExchangeCode {
        code: PlainSecret::new(code),
        redirect_uri: form.value("redirect_uri").map(str::to_owned),
        code_verifier: form.value("code_verifier").map(PlainSecret::new),
        audience: audience(form)?,
        details: details(form),
        proof_key: request.proof_key,
        client: request.client,
        origin,
    };
    let exchanged = app.issuer().exchange_code(asked).await;
    observe::exchange_code(app.metrics(), &exchanged);
    Ok(exchanged?.into())
}

async fn exchange_device_code(
    app: &App,
    origin: Origin,
    request: ClientRequest,
) -> Result<TokensBody, OAuthError> {
    let code = request.form.value("device_code");
    let asked = ExchangeDeviceCode {
        device_code: PlainSecret::new(code.ok_or(OAuthReason::MissingParameter)?),
        proof_key: request.proof_key,
        client: request.client,
        origin,
    };
    let exchanged = app.issuer().exchange_device_code(asked).await;
    observe::exchange_device_code(app.metrics(), &exchanged);
    Ok(exchanged?.into())
}

async fn exchange_assertion(
    app: &App,
    origin: Origin,
    request: ClientRequest,
) -> Result<TokensBody, OAuthError> {
    let form = &request.form;
    let assertion = form.value("assertion");
    let asked = JwtBearer {
        assertion: PlainSecret::new(assertion.ok_or(OAuthReason::MissingParameter)?),
        audience: audience(form)?,
        scope: scope(form)?,
        proof_key: request.proof_key,
        client: request.client,
        origin,
    };
    let exchanged = app.issuer().exchange_assertion(asked).await;
    observe::exchange_assertion(app.metrics(), &exchanged);
    Ok(exchanged?.into())
}

async fn client_credentials(
    app: &App,
    origin: Origin,
    request: ClientRequest,
) -> Result<TokensBody, OAuthError> {
    let asked = ClientCredentials {
        audience: audience(&request.form)?,
        scope: scope(&request.form)?,
        details: details(&request.form),
        client: request.client,
        proof_key: request.proof_key,
        origin,
    };
    let granted = app.issuer().client_credentials(asked).await;
    observe::client_credentials(app.metrics(), &granted);
    Ok(granted?.into())
}

async fn refresh(
    app: &App,
    origin: Origin,
    request: ClientRequest,
) -> Result<TokensBody, OAuthError> {
    let token = request.form.value("refresh_token");
    let asked = Refresh {
        token: PlainSecret::new(token.ok_or(OAuthReason::MissingParameter)?),
        by: PresentedBy::Client(request.client.id.clone()),
        proof_key: request.proof_key,
        audience: audience(&request.form)?,
        scope: scope(&request.form)?,
        details: details(&request.form),
        origin,
    };
    let refreshed = app.issuer().refresh_by_client(&request.client, asked).await;
    observe::refresh_by_client(app.metrics(), &refreshed);
    Ok(refreshed?.tokens.into())
}

/// RFC 9396, a JSON array.
pub(super) fn details(form: &Form) -> Option<String> {
    form.value("authorization_details").map(str::to_owned)
}

pub(super) fn scope(form: &Form) -> Result<Option<ScopeSet>, OAuthError> {
    let scope = form.value("scope").map(str::parse).transpose();
    scope.map_err(|_| OAuthReason::InvalidScope.into())
}

pub(super) fn audience(form: &Form) -> Result<Option<Audience>, OAuthError> {
    let named = match (form.value("audience"), form.value("resource")) {
        (Some(audience), Some(resource)) if audience != resource => {
            return Err(OAuthReason::InvalidTarget.into());
        }
        (Some(named), _) | (None, Some(named)) => named,
        (None, None) => return Ok(None),
    };
    match named.parse() {
        Ok(audience) => Ok(Some(audience)),
        Err(_) => Err(OAuthReason::InvalidTarget.into()),
    }
}

/// The grants of this endpoint, as discovery advertises them.
pub const GRANTS: [Grant; 6] = [
    Grant::AuthorizationCode,
    Grant::ClientCredentials,
    Grant::RefreshToken,
    Grant::DeviceCode,
    Grant::TokenExchange,
    Grant::JwtBearer,
];

const CLIENT_CREDENTIALS: &str = Grant::ClientCredentials.as_str();
const TOKEN_EXCHANGE: &str = Grant::TokenExchange.as_str();
const JWT_BEARER: &str = Grant::JwtBearer.as_str();
const DEVICE_CODE: &str = Grant::DeviceCode.as_str();
