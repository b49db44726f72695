//! What Keywright's own APIs say about themselves (RFC 9728): a client that is refused finds here whom to ask for a token.

use axum::response::{IntoResponse, Response};
use http::HeaderValue;
use http::header::{CACHE_CONTROL, CONTENT_TYPE};
use keywright_domain::IssuerUrl;
use keywright_domain::access::ISSUER_SCOPES;
use serde::Serialize;
use utoipa::ToSchema;

use crate::app::App;

pub const PROTECTED_RESOURCE: &str = "/.well-known/oauth-protected-resource";

#[derive(Serialize, ToSchema)]
pub struct ResourceMetadata {
    /// The audience of the tokens.
    resource: String,
    authorization_servers: [String; 1],
    scopes_supported: Vec<&'static str>,
    bearer_methods_supported: [&'static str; 1],
    resource_name: &'static str,
    resource_documentation: String,
}

impl ResourceMetadata {
    fn of(issuer: &IssuerUrl) -> Self {
        Self {
            resource: issuer.as_str().to_owned(),
            authorization_servers: [issuer.as_str().to_owned()],
            scopes_supported: ISSUER_SCOPES.iter().map(|(scope, _)| *scope).collect(),
            bearer_methods_supported: ["header"],
            resource_name: "Keywright",
            resource_documentation: issuer.join("/openapi.json"),
        }
    }
}

pub async fn serve_protected_resource(app: App) -> Response {
    let document = ResourceMetadata::of(&app.issuer().policy().issuer);
    let headers = [
        (CONTENT_TYPE, HeaderValue::from_static("application/json")),
        (
            CACHE_CONTROL,
            HeaderValue::from_static("public, max-age=3600"),
        ),
    ];
    // Strings always serialise.
    let json = serde_json::to_vec(&document).unwrap_or_default();
    (headers, json).into_response()
}
