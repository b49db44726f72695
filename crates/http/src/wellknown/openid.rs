//! What OpenID Connect adds to the metadata (OpenID Connect Discovery 1.0 §3).

use keywright_domain::IssuerUrl;
use keywright_domain::access::OPENID_SCOPES;
use keywright_domain::openid::{STANDARD_CLAIMS, acr};
use serde::Serialize;
use utoipa::ToSchema;

use crate::algorithms;

#[derive(Serialize, ToSchema)]
pub struct OpenIdMetadata {
    userinfo_endpoint: String,
    end_session_endpoint: String,
    backchannel_logout_supported: bool,
    backchannel_logout_session_supported: bool,
    frontchannel_logout_supported: bool,
    frontchannel_logout_session_supported: bool,
    subject_types_supported: [&'static str; 2],
    id_token_signing_alg_values_supported: Vec<&'static str>,
    userinfo_signing_alg_values_supported: Vec<&'static str>,
    acr_values_supported: [&'static str; 1],
    /// Those of OpenID Connect; what an API knows is the API's own matter.
    scopes_supported: [&'static str; 6],
    claim_types_supported: [&'static str; 1],
    claims_supported: Vec<&'static str>,
    claims_parameter_supported: bool,
}

/// What every ID token tells, whatever was asked for.
const OF_THE_LOGIN: [&str; 9] = [
    "iss",
    "sub",
    "aud",
    "exp",
    "iat",
    "auth_time",
    "acr",
    "amr",
    "sid",
];

impl OpenIdMetadata {
    pub fn of(issuer: &IssuerUrl) -> Self {
        let standard = STANDARD_CLAIMS.iter().flat_map(|(_, claims)| claims.iter());
        Self {
            userinfo_endpoint: issuer.join("/oauth2/userinfo"),
            end_session_endpoint: issuer.join("/oauth2/logout"),
            backchannel_logout_supported: true,
            backchannel_logout_session_supported: true,
            frontchannel_logout_supported: true,
            frontchannel_logout_session_supported: true,
            subject_types_supported: ["public", "pairwise"],
            id_token_signing_alg_values_supported: algorithms::asymmetric(),
            userinfo_signing_alg_values_supported: algorithms::asymmetric(),
            acr_values_supported: acr::SUPPORTED,
            scopes_supported: OPENID_SCOPES,
            claim_types_supported: ["normal"],
            claims_supported: OF_THE_LOGIN.iter().chain(standard).copied().collect(),
            claims_parameter_supported: true,
        }
    }
}
