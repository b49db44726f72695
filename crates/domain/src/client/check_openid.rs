//! What of a registration for OpenID Connect cannot be kept.

use keywright_jwt::Algorithm;

use crate::access::OPENID_SCOPES;
use crate::client::{Client, SubjectType};
use crate::openid::sector;

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum OpenIdRefused {
    #[error("`{0}` is no scope of OpenID Connect")]
    UnknownScope(String),
    #[error("scopes of OpenID Connect are granted together with `openid` alone")]
    NoOpenId,
    /// HS* would take the client's secret for a key, and of most clients nothing is kept that could be one.
    #[error("`{0}` takes a shared secret: choose an algorithm with a public key")]
    Symmetric(Algorithm),
    #[error(
        "redirect URIs on several hosts need a sector_identifier_uri, or a person would be known by several names (OpenID Connect Core §8.1)"
    )]
    SeveralSectors,
}

pub(super) fn check_openid(client: &Client) -> Result<(), OpenIdRefused> {
    let registered = &client.registration;
    let scope = &registered.openid_scope;
    let unknown = scope.iter().find(|word| !OPENID_SCOPES.contains(word));
    if let Some(unknown) = unknown {
        return Err(OpenIdRefused::UnknownScope(unknown.to_owned()));
    }
    // `offline_access` alone means a refresh token to plain OAuth clients as well.
    let needs_openid = scope
        .iter()
        .any(|word| !matches!(word, "openid" | "offline_access"));
    if needs_openid && !scope.contains("openid") {
        return Err(OpenIdRefused::NoOpenId);
    }
    let chosen = [
        registered.id_token_signed_response_alg,
        registered.userinfo_signed_response_alg,
        registered.authorization_signed_response_alg,
    ];
    let symmetric = chosen.into_iter().flatten().find(|one| one.is_symmetric());
    if let Some(algorithm) = symmetric {
        return Err(OpenIdRefused::Symmetric(algorithm));
    }
    match registered.subject_type {
        SubjectType::Pairwise if sector(client).is_none() => Err(OpenIdRefused::SeveralSectors),
        SubjectType::Pairwise | SubjectType::Public => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::client::{ClientKind, Registration, fixtures};

    fn check(registration: &str) -> Result<(), OpenIdRefused> {
        let registration: Registration = serde_json::from_str(registration).unwrap();
        check_openid(&Client {
            kind: ClientKind::Public,
            registration,
            ..fixtures::client("app")
        })
    }

    #[test]
    fn what_cannot_be_kept_is_refused() {
        use OpenIdRefused::*;
        let two_hosts = r#""redirect_uris":["https://a.example/cb","https://b.example/cb"]"#;
        let pairwise = r#""subject_type":"pairwise""#;
        for (registration, expected) in [
            ("{}", Ok(())),
            (
                r#"{"openid_scope":"openid profile offline_access"}"#,
                Ok(()),
            ),
            (r#"{"openid_scope":"offline_access"}"#, Ok(())),
            (
                r#"{"openid_scope":"openid admin"}"#,
                Err(UnknownScope("admin".to_owned())),
            ),
            (r#"{"openid_scope":"profile"}"#, Err(NoOpenId)),
            (r#"{"id_token_signed_response_alg":"PS256"}"#, Ok(())),
            (
                r#"{"id_token_signed_response_alg":"HS256"}"#,
                Err(Symmetric(Algorithm::Hs256)),
            ),
            (
                r#"{"userinfo_signed_response_alg":"HS512"}"#,
                Err(Symmetric(Algorithm::Hs512)),
            ),
            (
                r#"{"authorization_signed_response_alg":"HS256"}"#,
                Err(Symmetric(Algorithm::Hs256)),
            ),
            (&format!("{{{two_hosts}}}"), Ok(())),
            (&format!("{{{two_hosts},{pairwise}}}"), Err(SeveralSectors)),
            (
                &format!(
                    r#"{{{two_hosts},{pairwise},"sector_identifier_uri":"https://a.example/s.json"}}"#
                ),
                Ok(()),
            ),
        ] {
            assert_eq!(check(registration), expected, "{registration}");
        }
    }
}
