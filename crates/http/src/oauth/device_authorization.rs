//! `POST /oauth2/device_authorization` (RFC 8628 §3.1).

use axum::response::{IntoResponse, Response};
use http::HeaderValue;
use http::header::CACHE_CONTROL;
use keywright_domain::IssuerUrl;
use keywright_domain::audit::Origin;
use keywright_domain::grant::device::{DeviceCodes, RequestDeviceCode};
use serde::Serialize;
use utoipa::ToSchema;

use super::error::OAuthError;
use super::token::{audience, details, scope};
use crate::app::App;
use crate::door::ClientRequest;
use crate::extract::Json;
use crate::observe;

/// The form, for the reference; `client_id` and `client_secret` may come by Basic instead.
#[derive(Serialize, ToSchema)]
pub struct DeviceAuthorizationRequest {
    client_id: Option<String>,
    client_secret: Option<String>,
    /// Scopes separated by spaces. Without it: all that may be had.
    scope: Option<String>,
    /// The API that the device wants to call. Without it: the client's default.
    audience: Option<String>,
    /// The same, by its name in RFC 8707.
    resource: Option<String>,
    /// RFC 9396, a JSON array.
    authorization_details: Option<String>,
}

/// What the device shows, and what it asks with (RFC 8628 §3.2).
#[derive(Serialize, ToSchema)]
pub struct DeviceAuthorization {
    device_code: String,
    /// Eight letters, such as `WDJB-MJHT`.
    user_code: String,
    verification_uri: String,
    /// The same with the code in it, for those who can scan it.
    verification_uri_complete: String,
    /// Seconds.
    expires_in: i64,
    /// Seconds between two questions at the token endpoint.
    interval: i64,
}

impl DeviceAuthorization {
    fn of(codes: &DeviceCodes, issuer: &IssuerUrl) -> Self {
        let page = issuer.join("/device");
        Self {
            device_code: codes.device_code.expose().to_owned(),
            user_code: codes.user_code.to_string(),
            verification_uri_complete: format!("{page}?user_code={}", codes.user_code),
            verification_uri: page,
            expires_in: codes.expires_in.as_secs(),
            interval: codes.interval.as_secs(),
        }
    }
}

pub async fn authorize_device(app: App, origin: Origin, request: ClientRequest) -> Response {
    match codes(&app, origin, request).await {
        Ok(answer) => {
            let no_store = HeaderValue::from_static("no-store");
            ([(CACHE_CONTROL, no_store)], Json(answer)).into_response()
        }
        Err(error) => error.into_response(),
    }
}

async fn codes(
    app: &App,
    origin: Origin,
    request: ClientRequest,
) -> Result<DeviceAuthorization, OAuthError> {
    let asked = RequestDeviceCode {
        audience: audience(&request.form)?,
        scope: scope(&request.form)?,
        details: details(&request.form),
        client: request.client,
        origin,
    };
    let codes = app.issuer().request_device_code(asked).await;
    observe::device_codes(app.metrics(), &codes);
    Ok(DeviceAuthorization::of(
        &codes?,
        &app.issuer().policy().issuer,
    ))
}
