//! The documents of client registration: metadata on its way in, and the client's information on its way out (RFC 7591 §3).

use axum::body::Body;
use axum::response::{IntoResponse, Response};
use http::header::CACHE_CONTROL;
use http::{HeaderMap, HeaderValue};
use keywright_domain::IssuerUrl;
use keywright_domain::client::dynamic::{ClientMetadata, RegisteredClient};
use serde::Serialize;
use serde::de::DeserializeOwned;
use utoipa::ToSchema;

use crate::extract::{Json, body};
use crate::oauth::error::{OAuthError, OAuthReason};

/// The metadata of RFC 7591 §2 that means something here, for the reference; other members are ignored.
#[derive(Serialize, ToSchema)]
#[schema(as = ClientMetadata)]
pub struct ClientMetadataBody {
    redirect_uris: Vec<String>,
    post_logout_redirect_uris: Option<Vec<String>>,
    /// `authorization_code`, and `refresh_token` beside it; others are left out of what is registered.
    grant_types: Option<Vec<String>>,
    /// `code`.
    response_types: Option<Vec<String>>,
    client_name: Option<String>,
    client_uri: Option<String>,
    logo_uri: Option<String>,
    policy_uri: Option<String>,
    tos_uri: Option<String>,
    /// Separated by spaces. Without it: all that whoever registers may ask for.
    scope: Option<String>,
    /// One of `token_endpoint_auth_methods_supported`.
    token_endpoint_auth_method: Option<String>,
    jwks: Option<serde_json::Value>,
    jwks_uri: Option<String>,
    /// `public` or `pairwise`.
    subject_type: Option<String>,
    sector_identifier_uri: Option<String>,
    id_token_signed_response_alg: Option<String>,
    userinfo_signed_response_alg: Option<String>,
    authorization_signed_response_alg: Option<String>,
    require_pushed_authorization_requests: Option<bool>,
    dpop_bound_access_tokens: Option<bool>,
    tls_client_certificate_bound_access_tokens: Option<bool>,
    /// Of these five (RFC 8705 §2.1.2), one names the client of `tls_client_auth`.
    tls_client_auth_subject_dn: Option<String>,
    tls_client_auth_san_dns: Option<String>,
    tls_client_auth_san_uri: Option<String>,
    tls_client_auth_san_ip: Option<String>,
    tls_client_auth_san_email: Option<String>,
    /// Those that are not open to whoever registers are left out.
    authorization_details_types: Option<Vec<String>>,
    backchannel_logout_uri: Option<String>,
    backchannel_logout_session_required: Option<bool>,
    frontchannel_logout_uri: Option<String>,
    frontchannel_logout_session_required: Option<bool>,
    /// Refused: nobody's statements are trusted here.
    software_statement: Option<String>,
}

/// What a client is told of itself (RFC 7591 §3.2.1).
#[derive(Serialize, ToSchema)]
pub struct ClientInformation {
    client_id: String,
    client_id_issued_at: i64,
    /// Shown when it is made, and then never again.
    #[serde(skip_serializing_if = "Option::is_none")]
    client_secret: Option<String>,
    /// `0`: it does not expire.
    #[serde(skip_serializing_if = "Option::is_none")]
    client_secret_expires_at: Option<i64>,
    registration_access_token: String,
    registration_client_uri: String,
    #[serde(flatten)]
    #[schema(value_type = ClientMetadataBody)]
    metadata: ClientMetadata,
}

impl ClientInformation {
    pub(super) fn of(registered: &RegisteredClient, issuer: &IssuerUrl) -> Self {
        let client = &registered.client;
        let secret = registered.secret.as_ref();
        Self {
            client_id: client.id.to_string(),
            client_id_issued_at: client.created_at.secs(),
            client_secret: secret.map(|secret| secret.expose().to_owned()),
            client_secret_expires_at: secret.map(|_| 0),
            registration_access_token: registered.access_token.expose().to_owned(),
            registration_client_uri: issuer.join(&format!("/oauth2/register/{}", client.id)),
            metadata: ClientMetadata::of(client),
        }
    }
}

impl IntoResponse for ClientInformation {
    fn into_response(self) -> Response {
        let no_store = HeaderValue::from_static("no-store");
        ([(CACHE_CONTROL, no_store)], Json(self)).into_response()
    }
}

/// The body, whole: it is read more than once.
pub(super) async fn bytes(headers: &HeaderMap, body: Body) -> Result<bytes::Bytes, OAuthError> {
    let read = body::read(headers, body, "application/json").await;
    read.map_err(|_| OAuthReason::InvalidClientMetadata.into())
}

/// One object; a member of another type than its own is named.
pub(super) fn read<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, OAuthError> {
    let refused = OAuthError::from(OAuthReason::InvalidClientMetadata);
    // serde's derived readers take an array for an object, member by member.
    if !bytes.trim_ascii_start().starts_with(b"{") {
        return Err(refused);
    }
    let mut reader = serde_json::Deserializer::from_slice(bytes);
    let document = serde_path_to_error::deserialize(&mut reader);
    let document = document.map_err(|error| {
        let path = error.path().to_string();
        let first = path.split(['.', '[']).next().unwrap_or_default();
        let member = ClientMetadata::MEMBERS.iter().find(|name| **name == first);
        member.map_or(refused, |member| {
            OAuthError::about(OAuthReason::InvalidClientMetadata, member)
        })
    })?;
    reader.end().map_err(|_| refused)?;
    Ok(document)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_reference_names_the_members_that_are_read() {
        let names = |value: serde_json::Value| -> Vec<String> {
            value["properties"]
                .as_object()
                .unwrap()
                .keys()
                .cloned()
                .collect()
        };
        let document = serde_json::to_value(crate::openapi()).unwrap();
        let mut described = names(document["components"]["schemas"]["ClientMetadata"].clone());
        let mut read: Vec<&str> = ClientMetadata::MEMBERS.to_vec();
        described.sort_unstable();
        read.sort_unstable();
        assert_eq!(described, read);
    }

    #[test]
    fn what_is_not_one_object_is_refused_and_the_member_at_fault_is_named() {
        for (text, about) in [
            ("[]", None),
            ("", None),
            ("{", None),
            ("{} {}", None),
            ("null", None),
            (
                r#"{"redirect_uris":"https://app.example/cb"}"#,
                Some("redirect_uris"),
            ),
            (r#"{"redirect_uris":[7]}"#, Some("redirect_uris")),
            (r#"{"client_name":["x"]}"#, Some("client_name")),
            (r#"{"subject_type":"secret"}"#, Some("subject_type")),
            (r#"{"scope":"a","scope":"b"}"#, None),
        ] {
            let refused = read::<ClientMetadata>(text.as_bytes()).unwrap_err();
            let expected = match about {
                Some(member) => OAuthError::about(OAuthReason::InvalidClientMetadata, member),
                None => OAuthReason::InvalidClientMetadata.into(),
            };
            assert_eq!(refused, expected, "{text}");
        }
        let odd = read::<ClientMetadata>(br#"{"x":{"y":[]},"contacts":["a@b"]}"#);
        assert_eq!(odd, Ok(ClientMetadata::default()), "RFC 7591 section 2");
    }
}
