//! What a client says of itself: the members of RFC 7591 §2, OpenID Connect Registration §2 and their extensions that mean something
//! here. Others are ignored, as RFC 7591 §2 demands.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::access::ScopeSet;
use crate::client::{AuthMethod, Client, ClientKind, Grant, SubjectType};

macro_rules! metadata {
    ($($name:ident: $type:ty,)+) => {
        /// The members as they are written. What they may say is [`admit`](super::admit)'s business.
        #[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
        #[serde(default)]
        pub struct ClientMetadata {
            $(#[serde(skip_serializing_if = "Option::is_none")] pub $name: Option<$type>,)+
        }

        impl ClientMetadata {
            /// The names of all members.
            pub const MEMBERS: &'static [&'static str] = &[$(stringify!($name)),+];
        }
    };
}

metadata! {
    redirect_uris: Vec<String>,
    post_logout_redirect_uris: Vec<String>,
    grant_types: Vec<String>,
    response_types: Vec<String>,
    client_name: String,
    client_uri: String,
    logo_uri: String,
    policy_uri: String,
    tos_uri: String,
    scope: String,
    token_endpoint_auth_method: String,
    jwks: Value,
    jwks_uri: String,
    subject_type: SubjectType,
    sector_identifier_uri: String,
    id_token_signed_response_alg: String,
    userinfo_signed_response_alg: String,
    authorization_signed_response_alg: String,
    require_pushed_authorization_requests: bool,
    dpop_bound_access_tokens: bool,
    tls_client_certificate_bound_access_tokens: bool,
    tls_client_auth_subject_dn: String,
    tls_client_auth_san_dns: String,
    tls_client_auth_san_uri: String,
    tls_client_auth_san_ip: String,
    tls_client_auth_san_email: String,
    authorization_details_types: Vec<String>,
    backchannel_logout_uri: String,
    backchannel_logout_session_required: bool,
    frontchannel_logout_uri: String,
    frontchannel_logout_session_required: bool,
    software_statement: String,
}

impl ClientMetadata {
    /// What `client` is registered with, whatever it had asked for (RFC 7591 §3.2.1).
    pub fn of(client: &Client) -> Self {
        let registered = &client.registration;
        let texts = |uris: &[crate::client::RedirectUri]| {
            (!uris.is_empty()).then(|| uris.iter().map(ToString::to_string).collect())
        };
        let scope = client
            .allowed
            .values()
            .fold(registered.openid_scope.clone(), |all, own| all.union(own));
        let default_method = match client.kind {
            ClientKind::Public => AuthMethod::None,
            ClientKind::Confidential => AuthMethod::ClientSecretBasic,
        };
        let method = registered.token_endpoint_auth_method;
        let details = &registered.authorization_details_types;
        let yes = |flag: bool| flag.then_some(true);
        Self {
            redirect_uris: texts(&registered.redirect_uris),
            post_logout_redirect_uris: texts(&registered.post_logout_redirect_uris),
            grant_types: Some(grant_types(client)),
            response_types: Some(vec!["code".to_owned()]),
            client_name: Some(client.name.clone()),
            client_uri: registered.client_uri.clone(),
            logo_uri: registered.logo_uri.clone(),
            policy_uri: registered.policy_uri.clone(),
            tos_uri: registered.tos_uri.clone(),
            scope: (!ScopeSet::is_empty(&scope)).then(|| scope.to_string()),
            token_endpoint_auth_method: Some(method.unwrap_or(default_method).as_str().to_owned()),
            jwks: registered.jwks.clone(),
            jwks_uri: registered.jwks_uri.clone(),
            subject_type: Some(registered.subject_type),
            sector_identifier_uri: registered.sector_identifier_uri.clone(),
            id_token_signed_response_alg: registered
                .id_token_signed_response_alg
                .map(|algorithm| algorithm.as_str().to_owned()),
            userinfo_signed_response_alg: registered
                .userinfo_signed_response_alg
                .map(|algorithm| algorithm.as_str().to_owned()),
            authorization_signed_response_alg: registered
                .authorization_signed_response_alg
                .map(|algorithm| algorithm.as_str().to_owned()),
            require_pushed_authorization_requests: yes(
                registered.require_pushed_authorization_requests
            ),
            dpop_bound_access_tokens: yes(registered.dpop_bound_access_tokens),
            tls_client_certificate_bound_access_tokens: yes(
                registered.tls_client_certificate_bound_access_tokens
            ),
            tls_client_auth_subject_dn: registered.tls_client_auth_subject_dn.clone(),
            tls_client_auth_san_dns: registered.tls_client_auth_san_dns.clone(),
            tls_client_auth_san_uri: registered.tls_client_auth_san_uri.clone(),
            tls_client_auth_san_ip: registered.tls_client_auth_san_ip.clone(),
            tls_client_auth_san_email: registered.tls_client_auth_san_email.clone(),
            authorization_details_types: (!details.is_empty())
                .then(|| details.iter().map(ToString::to_string).collect()),
            backchannel_logout_uri: registered.backchannel_logout_uri.clone(),
            backchannel_logout_session_required: yes(registered.backchannel_logout_session_required),
            frontchannel_logout_uri: registered.frontchannel_logout_uri.clone(),
            frontchannel_logout_session_required: yes(
                registered.frontchannel_logout_session_required
            ),
            software_statement: None,
        }
    }
}

fn grant_types(client: &Client) -> Vec<String> {
    [Grant::AuthorizationCode, Grant::RefreshToken]
        .into_iter()
        .filter(|grant| client.grants.contains(grant))
        .map(|grant| grant.as_str().to_owned())
        .collect()
}
