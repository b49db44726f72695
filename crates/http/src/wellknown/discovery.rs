//! Metadata of the authorization server (RFC 8414, OpenID Connect Discovery 1.0 §3). It advertises what works and nothing
//! else.

use std::convert::Infallible;

use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use http::HeaderValue;
use http::header::{CACHE_CONTROL, CONTENT_TYPE};
use keywright_domain::access::Catalog;
use keywright_domain::authorize::RESPONSE_MODES;
use keywright_domain::client::{AuthMethod, Grant};
use keywright_domain::policy::RegistrationDoor;
use keywright_domain::{IssuerUrl, Policy};
use serde::Serialize;
use utoipa::ToSchema;

use super::openid::OpenIdMetadata;
use crate::algorithms;
use crate::app::App;
use crate::derived::Derived;
use crate::oauth::GRANTS;

#[derive(Serialize, ToSchema)]
pub struct Metadata {
    issuer: String,
    authorization_endpoint: String,
    token_endpoint: String,
    device_authorization_endpoint: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    registration_endpoint: Option<String>,
    client_id_metadata_document_supported: bool,
    pushed_authorization_request_endpoint: String,
    introspection_endpoint: String,
    revocation_endpoint: String,
    jwks_uri: String,
    status_list_aggregation_endpoint: String,
    grant_types_supported: Vec<&'static str>,
    token_endpoint_auth_methods_supported: Vec<&'static str>,
    introspection_endpoint_auth_methods_supported: Vec<&'static str>,
    introspection_endpoint_auth_signing_alg_values_supported: Vec<&'static str>,
    revocation_endpoint_auth_methods_supported: Vec<&'static str>,
    revocation_endpoint_auth_signing_alg_values_supported: Vec<&'static str>,
    token_endpoint_auth_signing_alg_values_supported: Vec<&'static str>,
    /// RFC 9101 §10.5: by value. Nothing is fetched from elsewhere, which OpenID Connect Discovery §3 would have be the case unless said.
    request_parameter_supported: bool,
    request_uri_parameter_supported: bool,
    request_object_signing_alg_values_supported: Vec<&'static str>,
    /// RFC 9449 §5.1.
    dpop_signing_alg_values_supported: Vec<&'static str>,
    /// RFC 8705 §3.3.
    tls_client_certificate_bound_access_tokens: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    mtls_endpoint_aliases: Option<MtlsAliases>,
    response_types_supported: [&'static str; 1],
    response_modes_supported: [&'static str; RESPONSE_MODES.len()],
    /// JARM §4.
    authorization_signing_alg_values_supported: Vec<&'static str>,
    code_challenge_methods_supported: [&'static str; 1],
    authorization_response_iss_parameter_supported: bool,
    prompt_values_supported: [&'static str; 4],
    /// RFC 9396 §10.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    authorization_details_types_supported: Vec<String>,
    #[serde(flatten)]
    openid: OpenIdMetadata,
    service_documentation: String,
}

/// RFC 8705 §5: the endpoints where a certificate counts.
#[derive(Serialize, ToSchema)]
struct MtlsAliases {
    token_endpoint: String,
    device_authorization_endpoint: String,
    pushed_authorization_request_endpoint: String,
    introspection_endpoint: String,
    revocation_endpoint: String,
    userinfo_endpoint: String,
}

impl MtlsAliases {
    fn of(base: &IssuerUrl) -> Self {
        Self {
            token_endpoint: base.join("/oauth2/token"),
            device_authorization_endpoint: base.join("/oauth2/device_authorization"),
            pushed_authorization_request_endpoint: base.join("/oauth2/par"),
            introspection_endpoint: base.join("/oauth2/introspect"),
            revocation_endpoint: base.join("/oauth2/revoke"),
            userinfo_endpoint: base.join("/oauth2/userinfo"),
        }
    }
}

/// How a client proves itself: by a certificate only where one would arrive.
fn proved_methods(policy: &Policy) -> Vec<&'static str> {
    let always = [
        AuthMethod::ClientSecretBasic,
        AuthMethod::ClientSecretPost,
        AuthMethod::ClientSecretJwt,
        AuthMethod::PrivateKeyJwt,
    ];
    let by_certificate = policy.client_certificates.methods().iter().copied();
    let methods = always.into_iter().chain(by_certificate);
    methods.map(AuthMethod::as_str).collect()
}

/// The same, and `none`: a public client refreshes and revokes by its name alone; its refresh token is the proof.
fn client_methods(policy: &Policy) -> Vec<&'static str> {
    let mut methods = proved_methods(policy);
    methods.push(AuthMethod::None.as_str());
    methods
}

impl Metadata {
    pub fn of(policy: &Policy, catalog: &Catalog) -> Self {
        let details = catalog.detail_types().into_iter();
        let issuer = &policy.issuer;
        let registers = policy.self_registration.door != RegistrationDoor::Closed;
        Self {
            issuer: issuer.as_str().to_owned(),
            authorization_endpoint: issuer.join("/oauth2/authorize"),
            token_endpoint: issuer.join("/oauth2/token"),
            device_authorization_endpoint: issuer.join("/oauth2/device_authorization"),
            registration_endpoint: registers.then(|| issuer.join("/oauth2/register")),
            client_id_metadata_document_supported: policy.self_registration.documents,
            pushed_authorization_request_endpoint: issuer.join("/oauth2/par"),
            introspection_endpoint: issuer.join("/oauth2/introspect"),
            revocation_endpoint: issuer.join("/oauth2/revoke"),
            jwks_uri: issuer.join("/.well-known/jwks.json"),
            status_list_aggregation_endpoint: issuer.join("/status"),
            grant_types_supported: grants(policy),
            token_endpoint_auth_methods_supported: client_methods(policy),
            introspection_endpoint_auth_methods_supported: proved_methods(policy),
            introspection_endpoint_auth_signing_alg_values_supported: algorithms::all(),
            revocation_endpoint_auth_methods_supported: client_methods(policy),
            revocation_endpoint_auth_signing_alg_values_supported: algorithms::all(),
            token_endpoint_auth_signing_alg_values_supported: algorithms::all(),
            request_parameter_supported: true,
            request_uri_parameter_supported: false,
            request_object_signing_alg_values_supported: algorithms::asymmetric(),
            dpop_signing_alg_values_supported: algorithms::asymmetric(),
            tls_client_certificate_bound_access_tokens: policy.client_certificates.are_taken(),
            mtls_endpoint_aliases: policy.mtls_url.as_ref().map(MtlsAliases::of),
            response_types_supported: ["code"],
            response_modes_supported: RESPONSE_MODES,
            authorization_signing_alg_values_supported: algorithms::asymmetric(),
            code_challenge_methods_supported: ["S256"],
            authorization_response_iss_parameter_supported: true,
            prompt_values_supported: ["none", "login", "consent", "select_account"],
            authorization_details_types_supported: details.map(ToString::to_string).collect(),
            openid: OpenIdMetadata::of(issuer),
            service_documentation: issuer.join("/openapi.json"),
        }
    }

    pub fn to_bytes(&self) -> Bytes {
        // Strings always serialise.
        serde_json::to_vec(self).unwrap_or_default().into()
    }
}

/// Where nobody is trusted, no assertion is taken.
fn grants(policy: &Policy) -> Vec<&'static str> {
    let works = |grant: &Grant| *grant != Grant::JwtBearer || !policy.trusted_issuers.is_empty();
    let working = GRANTS.into_iter().filter(works);
    working.map(Grant::as_str).collect()
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
    let policy = app.issuer().policy();
    let Ok(of_policy) = app
        .published()
        .metadata
        .of(policy.clone(), |_| Ok::<_, Infallible>(Derived::new()));
    let Ok(document) = of_policy.of(app.issuer().catalog(), |catalog| {
        Ok::<_, Infallible>(Metadata::of(&policy, catalog).to_bytes())
    });
    (headers, Bytes::clone(&document)).into_response()
}
