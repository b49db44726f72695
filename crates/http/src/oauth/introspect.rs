//! `POST /oauth2/introspect` (RFC 7662), in JSON or as a signed JWT (RFC 9701).

use axum::response::{IntoResponse, Response};
use http::header::{ACCEPT, CACHE_CONTROL, CONTENT_TYPE};
use http::{HeaderMap, HeaderValue};
use keywright_domain::audit::Origin;
use keywright_domain::secret::PlainSecret;
use keywright_domain::token::Introspect;
use serde::Serialize;
use utoipa::ToSchema;

use super::error::{OAuthError, OAuthReason};
use crate::app::App;
use crate::door::ClientRequest;
use crate::observe;

const SIGNED: &str = "application/token-introspection+jwt";

/// The form, for the reference; beside it, what proves the client.
#[derive(Serialize, ToSchema)]
pub struct IntrospectionRequest {
    /// An access token or a refresh token.
    token: String,
    /// Not needed: tokens tell what they are.
    token_type_hint: Option<String>,
}

/// The claims of an access token, or what a refresh token stands for, beside `active`; or `active: false` and no more.
#[derive(Serialize, ToSchema)]
#[schema(as = Introspection)]
pub struct IntrospectionBody {
    active: bool,
    /// `Bearer` or `DPoP`; access tokens alone.
    token_type: Option<String>,
    iss: Option<String>,
    sub: Option<String>,
    client_id: Option<String>,
    aud: Option<String>,
    scope: Option<String>,
    /// RFC 9396 §9.2.
    #[schema(value_type = Option<Vec<Object>>)]
    authorization_details: Option<serde_json::Value>,
    exp: Option<i64>,
    iat: Option<i64>,
}

pub async fn introspect_token(
    app: App,
    origin: Origin,
    headers: HeaderMap,
    request: ClientRequest,
) -> Result<Response, OAuthError> {
    let token = request.form.value("token");
    let asked = Introspect {
        token: PlainSecret::new(token.ok_or(OAuthReason::MissingParameter)?),
        client: request.client,
        origin,
    };
    let answer = app.issuer().introspect(asked).await;
    observe::introspection(app.metrics(), &answer);
    let answer = answer?;
    let (content_type, body) = if wants_jwt(&headers) {
        (SIGNED, app.issuer().sign_introspection(&answer)?)
    } else {
        ("application/json", answer.document().to_string())
    };
    let headers = [
        (CONTENT_TYPE, HeaderValue::from_static(content_type)),
        (CACHE_CONTROL, HeaderValue::from_static("no-store")),
    ];
    Ok((headers, body).into_response())
}

/// Whoever names the type wants it; a list of what else would do changes nothing.
fn wants_jwt(headers: &HeaderMap) -> bool {
    let values = headers.get_all(ACCEPT).iter();
    let mut types = values
        .filter_map(|value| value.to_str().ok())
        .flat_map(|text| text.split(','))
        .map(|range| range.split(';').next().unwrap_or_default().trim());
    types.any(|named| named.eq_ignore_ascii_case(SIGNED))
}
