//! Metadata of the authorization server (RFC 8414, OpenID Connect Discovery 1.0 §3). It advertises what works and nothing
//! else: there is no authorization endpoint here, so no response type, and no ID token.

use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use http::HeaderValue;
use http::header::{CACHE_CONTROL, CONTENT_TYPE};
use keywright_domain::IssuerUrl;
use serde::Serialize;
use utoipa::ToSchema;

use crate::app::App;
use crate::oauth::GRANTS;

#[derive(Serialize, ToSchema)]
pub struct Metadata {
    issuer: String,
    token_endpoint: String,
    jwks_uri: String,
    status_list_aggregation_endpoint: String,
    grant_types_supported: Vec<&'static str>,
    token_endpoint_auth_methods_supported: [&'static str; 3],
    response_types_supported: [&'static str; 0],
    subject_types_supported: [&'static str; 1],
    id_token_signing_alg_values_supported: [&'static str; 0],
    service_documentation: String,
}

impl Metadata {
    pub fn of(issuer: &IssuerUrl) -> Self {
        Self {
            issuer: issuer.as_str().to_owned(),
            token_endpoint: issuer.join("/oauth2/token"),
            jwks_uri: issuer.join("/.well-known/jwks.json"),
            status_list_aggregation_endpoint: issuer.join("/status"),
            grant_types_supported: GRANTS.iter().map(|grant| grant.as_str()).collect(),
            // `none`: a public client refreshes by its name alone; its refresh token is the proof.
            token_endpoint_auth_methods_supported: [
                "client_secret_basic",
                "client_secret_post",
                "none",
            ],
            response_types_supported: [],
            subject_types_supported: ["public"],
            id_token_signing_alg_values_supported: [],
            service_documentation: issuer.join("/openapi.json"),
        }
    }

    pub fn to_bytes(&self) -> Bytes {
        // Strings always serialise.
        serde_json::to_vec(self).unwrap_or_default().into()
    }
}

pub async fn serve_openid_configuration(app: App) -> Response {
    serve(&app)
}

pub async fn serve_authorization_server(app: App) -> Response {
    serve(&app)
}

fn serve(app: &App) -> Response {
    let headers = [
        (CONTENT_TYPE, HeaderValue::from_static("application/json")),
        (
            CACHE_CONTROL,
            HeaderValue::from_static("public, max-age=3600"),
        ),
    ];
    (headers, app.published().metadata.clone()).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_names_the_endpoints_below_the_issuer() {
        let issuer = "https://id.example/tenant".parse().unwrap();
        let document: serde_json::Value =
            serde_json::from_slice(&Metadata::of(&issuer).to_bytes()).unwrap();
        assert_eq!(document["issuer"], "https://id.example/tenant");
        assert_eq!(
            document["token_endpoint"],
            "https://id.example/tenant/oauth2/token"
        );
        assert!(document.get("authorization_endpoint").is_none());
        assert_eq!(
            document["grant_types_supported"],
            serde_json::json!(["client_credentials", "refresh_token"])
        );
    }
}
