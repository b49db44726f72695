//! What a client is registered with beyond its name, its secret and its scopes. Members bear the names of RFC 7591 §2, OpenID
//! Connect Registration §2 and their extensions, in the database and in the admin API alike.

use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;

use keywright_jwt::Algorithm;
use serde::{Deserialize, Serialize};

use crate::access::{DetailTypeName, ScopeSet};
use crate::client::{ClientKind, host};

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

/// An absolute URI without a fragment (RFC 6749 §3.1.2): `https`, `http` to a loopback address, or an app's own scheme
/// with a dot in it (RFC 8252 §7.1). No user info, no wildcard, no control character, and a host that can exist.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct RedirectUri(String);

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{0}` cannot be redirected to: expected https://…, http:// to a loopback address, or a scheme of an app such as com.example.app:/…, without fragment, user info or wildcard, on a host that is a DNS name or an IP address"
)]
pub struct MalformedRedirectUri(String);

impl RedirectUri {
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether a web address names a host that can exist. RFC 3986 §3.2.2 lets `;`, `,` and quotes stand in a name, which no DNS name has
    /// and which mean something where hosts are listed (a content security policy).
    pub(super) fn is_on_a_host(&self) -> bool {
        host::authority_of_site(&self.0).is_none_or(host::is_host_and_port)
    }

    /// Whether a request that names `presented` means this URI. Byte for byte; only the port of a loopback address may
    /// differ, because an app on a desktop takes the one that is free (RFC 8252 §7.3).
    pub fn matches(&self, presented: &str) -> bool {
        self.0 == presented
            || match (loopback(&self.0), loopback(presented)) {
                (Some((host, path)), Some((theirs, their_path))) => {
                    host == theirs && path == their_path
                }
                _ => false,
            }
    }
}

/// Host and path of `http://127.0.0.1[:port]/path` or `http://[::1][:port]/path`; RFC 8252 §7.3 speaks of addresses, and
/// `localhost` is a name that may be somebody else's (§8.3).
fn loopback(uri: &str) -> Option<(&str, &str)> {
    let rest = uri.strip_prefix("http://")?;
    let end = rest.find(['/', '?']).unwrap_or(rest.len());
    let (authority, path) = rest.split_at(end);
    let host = ["127.0.0.1", "[::1]"]
        .into_iter()
        .find(|host| authority.starts_with(host))?;
    let port = &authority[host.len()..];
    let is_port = |digits: &str| digits.parse::<u16>().is_ok() && !digits.starts_with('+');
    (port.is_empty() || port.strip_prefix(':').is_some_and(is_port)).then_some((host, path))
}

fn is_redirect_uri(text: &str) -> bool {
    let plain = |b: u8| {
        b.is_ascii_graphic() && !matches!(b, b'#' | b'"' | b'<' | b'>' | b'\\' | b'*' | b'`')
    };
    let Some((scheme, rest)) = text.split_once(':') else {
        return false;
    };
    if text.len() > 2_048 || !text.bytes().all(plain) {
        return false;
    }
    let host = |rest: &str| {
        let authority = rest.strip_prefix("//")?;
        let end = authority.find(['/', '?']).unwrap_or(authority.len());
        let authority = &authority[..end];
        (!authority.is_empty() && !authority.contains('@')).then(|| authority.to_owned())
    };
    match scheme {
        "https" => host(rest).is_some(),
        "http" => host(rest).is_some_and(|authority| {
            loopback(text).is_some()
                || authority == "localhost"
                || authority.starts_with("localhost:")
        }),
        _ => {
            let word = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b"+-.".contains(&b);
            scheme.contains('.')
                && scheme.starts_with(|c: char| c.is_ascii_lowercase())
                && scheme.bytes().all(word)
                && !rest.is_empty()
        }
    }
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
}

impl Registration {
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

impl fmt::Display for RedirectUri {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for RedirectUri {
    type Err = MalformedRedirectUri;

    fn from_str(text: &str) -> Result<Self, MalformedRedirectUri> {
        let uri = Self::try_from(text.to_owned())?;
        if uri.is_on_a_host() {
            Ok(uri)
        } else {
            Err(MalformedRedirectUri::of(text))
        }
    }
}

/// For what is at rest: an older release looked at no host, and a client of those days must still be readable. It is looked at when the
/// client is registered ([`Registration::check`]).
impl TryFrom<String> for RedirectUri {
    type Error = MalformedRedirectUri;

    fn try_from(text: String) -> Result<Self, MalformedRedirectUri> {
        if is_redirect_uri(&text) {
            Ok(Self(text))
        } else {
            Err(MalformedRedirectUri::of(&text))
        }
    }
}

impl MalformedRedirectUri {
    fn of(text: &str) -> Self {
        Self(text.chars().take(200).collect())
    }
}

impl From<RedirectUri> for String {
    fn from(uri: RedirectUri) -> String {
        uri.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_may_be_redirected_to() {
        for good in [
            "https://app.example/cb",
            "https://app.example:8443/cb?tenant=1",
            "http://127.0.0.1/cb",
            "http://127.0.0.1:3000/cb",
            "http://[::1]:3000/cb",
            "http://localhost:3000/cb",
            "com.example.app:/oauth",
        ] {
            assert!(good.parse::<RedirectUri>().is_ok(), "{good}");
        }
        for bad in [
            "",
            "/cb",
            "http://app.example/cb",
            "http://127.0.0.1.evil.example/cb",
            "http://localhost.evil.example/cb",
            "http://localhost@evil.example/cb",
            "https://user@app.example/cb",
            "https://app.example;x/cb",
            "https://app.example,evil.example/cb",
            "https://app.example'/cb",
            "https://app.example:/cb",
            "https:///cb",
            "https://app.example/cb#fragment",
            "https://*.example/cb",
            "https://app.example/c b",
            "javascript:alert(1)",
            "data:text/html,x",
            "app:/cb",
            "com.example.app:",
        ] {
            assert!(bad.parse::<RedirectUri>().is_err(), "{bad}");
        }
    }

    #[test]
    fn only_the_port_of_a_loopback_address_may_differ() {
        for (registered, presented, is_match) in [
            ("https://app.example/cb", "https://app.example/cb", true),
            (
                "https://app.example/cb",
                "https://app.example:443/cb",
                false,
            ),
            ("https://app.example/cb", "https://APP.example/cb", false),
            ("https://app.example/cb", "https://app.example/cb/", false),
            (
                "https://app.example/cb",
                "https://app.example/cb?x=1",
                false,
            ),
            ("https://app.example/cb", "https://app.example/%63b", false),
            ("http://127.0.0.1/cb", "http://127.0.0.1:49152/cb", true),
            ("http://127.0.0.1:80/cb", "http://127.0.0.1/cb", true),
            ("http://127.0.0.1/cb", "http://127.0.0.1:1/other", false),
            (
                "http://127.0.0.1/cb",
                "http://127.0.0.1:1@evil.example/cb",
                false,
            ),
            ("http://127.0.0.1/cb", "http://[::1]:1/cb", false),
            ("http://localhost/cb", "http://localhost:1/cb", false),
        ] {
            let registered: RedirectUri = registered.parse().unwrap();
            assert_eq!(
                registered.matches(presented),
                is_match,
                "{registered} {presented}"
            );
        }
    }

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
