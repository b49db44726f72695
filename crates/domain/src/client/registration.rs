//! What a client is registered with beyond its name, its secret and its scopes. Members bear the names of RFC 7591 §2, OpenID
//! Connect Registration §2 and their extensions, in the database and in the admin API alike.

use std::collections::BTreeSet;

use keywright_jwt::Algorithm;
use serde::{Deserialize, Serialize};

use crate::access::{DetailTypeName, ScopeSet};
use crate::client::{ClientKind, RedirectUri};

/// What a client that is registered with nothing of this has: it takes no part in browser flows.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Registration {
    /// Where authorization responses may go: compared byte for byte (invariant 12).
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub redirect_uris: Vec<RedirectUri>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub post_logout_redirect_uris: Vec<RedirectUri>,
    /// How the client proves itself. `None`: by its secret, in Basic or in the form; a public client by nothing.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub token_endpoint_auth_method: Option<AuthMethod>,
    /// The client's public keys, for assertions and signed requests.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub jwks: Option<serde_json::Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub jwks_uri: Option<String>,
    /// Of [`OPENID_SCOPES`](crate::access::OPENID_SCOPES), those that it may ask for.
    #[serde(skip_serializing_if = "ScopeSet::is_empty")]
    pub openid_scope: ScopeSet,
    /// The authorization details that it may ask for (RFC 9396 §10).
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    pub authorization_details_types: BTreeSet<DetailTypeName>,
    /// `None`: RS256, which OpenID Connect Registration §2 makes the default.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id_token_signed_response_alg: Option<Algorithm>,
    /// `None`: userinfo answers plain JSON.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub userinfo_signed_response_alg: Option<Algorithm>,
    /// JARM §3. `None`: RS256, if that is signed for the client anyway.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub authorization_signed_response_alg: Option<Algorithm>,
    #[serde(skip_serializing_if = "is_default")]
    pub subject_type: SubjectType,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sector_identifier_uri: Option<String>,
    /// Of the operator's own house: people are not asked whether they consent.
    #[serde(skip_serializing_if = "is_default")]
    pub first_party: bool,
    /// An old library of a confidential client that sends a nonce may do without PKCE. `check` reports it.
    #[serde(skip_serializing_if = "is_default")]
    pub pkce_optional: bool,
    /// RFC 9126 §6.
    #[serde(skip_serializing_if = "is_default")]
    pub require_pushed_authorization_requests: bool,
    /// RFC 9449 §5.2.
    #[serde(skip_serializing_if = "is_default")]
    pub dpop_bound_access_tokens: bool,
    /// RFC 8705 §3.4.
    #[serde(skip_serializing_if = "is_default")]
    pub tls_client_certificate_bound_access_tokens: bool,
    /// RFC 8705 §2.1.2: of these five, one names the client of `tls_client_auth`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tls_client_auth_subject_dn: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tls_client_auth_san_dns: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tls_client_auth_san_uri: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tls_client_auth_san_ip: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tls_client_auth_san_email: Option<String>,
    /// The FAPI 2.0 Security Profile, whole.
    #[serde(skip_serializing_if = "is_default")]
    pub fapi: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub backchannel_logout_uri: Option<String>,
    /// Kept as it was said: `sid` is in every logout token.
    #[serde(skip_serializing_if = "is_default")]
    pub backchannel_logout_session_required: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub frontchannel_logout_uri: Option<String>,
    /// Kept as it was said: `iss` and `sid` are in every request.
    #[serde(skip_serializing_if = "is_default")]
    pub frontchannel_logout_session_required: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub client_uri: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub logo_uri: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub policy_uri: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tos_uri: Option<String>,
}

/// RFC 7591 §2, OpenID Connect Core §9, RFC 8705 §2.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AuthMethod {
    None,
    ClientSecretBasic,
    ClientSecretPost,
    ClientSecretJwt,
    PrivateKeyJwt,
    TlsClientAuth,
    SelfSignedTlsClientAuth,
}

/// OpenID Connect Core §8.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SubjectType {
    #[default]
    Public,
    Pairwise,
}

impl Registration {
    /// What ID tokens are signed with.
    pub fn id_token_algorithm(&self) -> Algorithm {
        self.id_token_signed_response_alg
            .unwrap_or(Algorithm::Rs256)
    }

    /// Everything that the client is answered with signatures of.
    pub fn algorithms(&self) -> BTreeSet<Algorithm> {
        let is_openid = self.openid_scope.contains("openid");
        let all = [
            Some(self.id_token_algorithm()).filter(|_| is_openid),
            self.userinfo_signed_response_alg.filter(|_| is_openid),
            self.authorization_signed_response_alg,
        ];
        all.into_iter().flatten().collect()
    }

    /// What authorization responses are signed with. `None`: no key is kept for it. JARM has RS256 for the default, and a client that has
    /// no part in OpenID Connect may be of an issuer without an RSA key.
    pub fn response_algorithm(&self) -> Option<Algorithm> {
        let default = Some(Algorithm::Rs256).filter(|default| self.algorithms().contains(default));
        self.authorization_signed_response_alg.or(default)
    }

    /// Whether a client of this kind proves itself by a secret.
    pub(crate) fn needs_secret(&self, kind: ClientKind) -> bool {
        let method = self.token_endpoint_auth_method;
        kind == ClientKind::Confidential && method.is_none_or(AuthMethod::needs_secret)
    }
}

fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

impl AuthMethod {
    pub const fn as_str(self) -> &'static str {
        match self {
            AuthMethod::None => "none",
            AuthMethod::ClientSecretBasic => "client_secret_basic",
            AuthMethod::ClientSecretPost => "client_secret_post",
            AuthMethod::ClientSecretJwt => "client_secret_jwt",
            AuthMethod::PrivateKeyJwt => "private_key_jwt",
            AuthMethod::TlsClientAuth => "tls_client_auth",
            AuthMethod::SelfSignedTlsClientAuth => "self_signed_tls_client_auth",
        }
    }

    /// RFC 8705 §2.
    pub(crate) const fn is_by_certificate(self) -> bool {
        matches!(
            self,
            AuthMethod::TlsClientAuth | AuthMethod::SelfSignedTlsClientAuth
        )
    }

    /// Whether the client that is registered for it is given a secret.
    const fn needs_secret(self) -> bool {
        match self {
            AuthMethod::ClientSecretBasic
            | AuthMethod::ClientSecretPost
            | AuthMethod::ClientSecretJwt => true,
            AuthMethod::None
            | AuthMethod::PrivateKeyJwt
            | AuthMethod::TlsClientAuth
            | AuthMethod::SelfSignedTlsClientAuth => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_stored_is_what_was_registered() {
        let text = r#"{"redirect_uris":["https://app.example/cb"],"openid_scope":"openid","subject_type":"pairwise"}"#;
        let read: Registration = serde_json::from_str(text).unwrap();
        assert_eq!(serde_json::to_string(&read).unwrap(), text);
        assert_eq!(
            serde_json::to_string(&Registration::default()).unwrap(),
            "{}"
        );
    }
}
