//! What a successful login, refresh or grant answers (RFC 6749 §5.1).

use axum::response::{IntoResponse, Response};
use http::HeaderValue;
use http::header::CACHE_CONTROL;
use keywright_domain::access::AuthorizationDetails;
use keywright_domain::token::Tokens;
use serde::Serialize;
use utoipa::ToSchema;

use crate::extract::Json;

#[derive(Serialize, ToSchema)]
#[schema(as = Tokens)]
pub struct TokensBody {
    /// A JWT by RFC 9068.
    access_token: String,
    /// `Bearer`, or `DPoP` if the token is bound to a key.
    token_type: &'static str,
    /// Seconds.
    expires_in: i64,
    /// Opaque, single use. Absent for client_credentials.
    #[serde(skip_serializing_if = "Option::is_none")]
    refresh_token: Option<String>,
    /// Who logged in, for the client itself (OpenID Connect Core §2); where `openid` was granted.
    #[serde(skip_serializing_if = "Option::is_none")]
    id_token: Option<String>,
    /// What was granted, separated by spaces.
    scope: String,
    /// What was granted beyond scopes (RFC 9396 §7).
    #[serde(skip_serializing_if = "AuthorizationDetails::is_empty")]
    #[schema(value_type = Vec<Object>)]
    authorization_details: AuthorizationDetails,
    #[serde(skip_serializing_if = "Option::is_none")]
    session_id: Option<String>,
    /// What kind of token it is, for a token exchange (RFC 8693 §2.2.1).
    #[serde(skip_serializing_if = "Option::is_none")]
    issued_token_type: Option<&'static str>,
}

impl TokensBody {
    pub(crate) fn issued(self, token_type: &'static str) -> Self {
        Self {
            issued_token_type: Some(token_type),
            ..self
        }
    }
}

impl From<Tokens> for TokensBody {
    fn from(tokens: Tokens) -> Self {
        Self {
            access_token: tokens.access.token,
            token_type: if tokens.access.is_dpop {
                "DPoP"
            } else {
                "Bearer"
            },
            expires_in: tokens.access.expires_in.as_secs(),
            refresh_token: tokens.refresh.as_ref().map(|t| t.expose().to_owned()),
            id_token: tokens.id_token,
            scope: tokens.scope.to_string(),
            authorization_details: tokens.details,
            session_id: tokens.session.map(|id| id.to_string()),
            issued_token_type: None,
        }
    }
}

impl IntoResponse for TokensBody {
    fn into_response(self) -> Response {
        let no_store = HeaderValue::from_static("no-store");
        ([(CACHE_CONTROL, no_store)], Json(self)).into_response()
    }
}
