//! What a registration may not say, so that a client which cannot work is refused when it is registered and not when it is used.

use keywright_jwt::JwkSet;

use crate::client::{AuthMethod, ClientKind, FapiRefused, RedirectUri, Registration};

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RegistrationRefused {
    #[error("a public client proves nothing: leave token_endpoint_auth_method out, or say `none`")]
    PublicMethod,
    #[error(
        "a confidential client has to prove itself: token_endpoint_auth_method cannot be `none`"
    )]
    ConfidentialNone,
    #[error(
        "`client_secret_jwt` needs the secret in the clear, and only a hash of it is kept; use `private_key_jwt`"
    )]
    SecretJwt,
    #[error("clients cannot prove themselves by a certificate here")]
    Certificate,
    #[error("`private_key_jwt` needs jwks or jwks_uri")]
    NoKeys,
    #[error("jwks and jwks_uri exclude each other (RFC 7591 §2)")]
    TwoKeySets,
    #[error("jwks is no JWK set with a public key for signatures")]
    UnusableKeys,
    #[error("jwks_uri must be an https URL")]
    KeysAddress,
    #[error(transparent)]
    Fapi(#[from] FapiRefused),
}

impl Registration {
    pub(crate) fn check(&self, kind: ClientKind) -> Result<(), RegistrationRefused> {
        self.check_method(kind)?;
        self.check_keys()?;
        Ok(self.check_fapi(kind)?)
    }

    fn check_method(&self, kind: ClientKind) -> Result<(), RegistrationRefused> {
        match (kind, self.token_endpoint_auth_method) {
            (ClientKind::Public, None | Some(AuthMethod::None)) => Ok(()),
            (ClientKind::Public, Some(_)) => Err(RegistrationRefused::PublicMethod),
            (ClientKind::Confidential, Some(AuthMethod::None)) => {
                Err(RegistrationRefused::ConfidentialNone)
            }
            (
                ClientKind::Confidential,
                None | Some(AuthMethod::ClientSecretBasic | AuthMethod::ClientSecretPost),
            ) => Ok(()),
            (ClientKind::Confidential, Some(AuthMethod::PrivateKeyJwt)) => {
                let has_keys = self.jwks.is_some() || self.jwks_uri.is_some();
                has_keys.then_some(()).ok_or(RegistrationRefused::NoKeys)
            }
            (ClientKind::Confidential, Some(AuthMethod::ClientSecretJwt)) => {
                Err(RegistrationRefused::SecretJwt)
            }
            (
                ClientKind::Confidential,
                Some(AuthMethod::TlsClientAuth | AuthMethod::SelfSignedTlsClientAuth),
            ) => Err(RegistrationRefused::Certificate),
        }
    }

    fn check_keys(&self) -> Result<(), RegistrationRefused> {
        match (&self.jwks, &self.jwks_uri) {
            (Some(_), Some(_)) => Err(RegistrationRefused::TwoKeySets),
            (Some(jwks), None) => match JwkSet::parse(jwks.to_string().as_bytes()) {
                Ok(set) if !set.keys.is_empty() => Ok(()),
                Ok(_) | Err(_) => Err(RegistrationRefused::UnusableKeys),
            },
            (None, Some(uri)) => {
                // What may be redirected to over HTTP may be fetched from: TLS, or this machine.
                let is_http = uri.starts_with("https://") || uri.starts_with("http://");
                let is_safe = uri.parse::<RedirectUri>().is_ok();
                (is_http && is_safe)
                    .then_some(())
                    .ok_or(RegistrationRefused::KeysAddress)
            }
            (None, None) => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use keywright_jwt::{Algorithm, SigningKey};
    use serde_json::json;

    use super::*;

    fn check(kind: ClientKind, members: serde_json::Value) -> Result<(), RegistrationRefused> {
        serde_json::from_value::<Registration>(members)
            .unwrap()
            .check(kind)
    }

    #[test]
    fn a_client_is_registered_for_what_it_can_do() {
        use RegistrationRefused::*;
        let (key, private) = SigningKey::generate(Algorithm::Es256).unwrap();
        drop(private);
        let jwks = json!({"keys": [key.public_jwk().unwrap()]});
        let method = |name: &str| json!({"token_endpoint_auth_method": name});
        let by_key = |name: &str, value: serde_json::Value| {
            let mut members = method("private_key_jwt");
            members[name] = value;
            members
        };
        let mut two_sets = by_key("jwks", jwks.clone());
        two_sets["jwks_uri"] = json!("https://app.example/jwks");
        for (kind, members, outcome) in [
            (ClientKind::Public, json!({}), Ok(())),
            (ClientKind::Public, method("none"), Ok(())),
            (
                ClientKind::Public,
                method("client_secret_basic"),
                Err(PublicMethod),
            ),
            (ClientKind::Confidential, json!({}), Ok(())),
            (
                ClientKind::Confidential,
                method("client_secret_post"),
                Ok(()),
            ),
            (
                ClientKind::Confidential,
                method("none"),
                Err(ConfidentialNone),
            ),
            (
                ClientKind::Confidential,
                method("client_secret_jwt"),
                Err(SecretJwt),
            ),
            (
                ClientKind::Confidential,
                method("tls_client_auth"),
                Err(Certificate),
            ),
            (
                ClientKind::Confidential,
                method("private_key_jwt"),
                Err(NoKeys),
            ),
            (ClientKind::Confidential, by_key("jwks", jwks), Ok(())),
            (
                ClientKind::Confidential,
                by_key("jwks", json!({"keys": []})),
                Err(UnusableKeys),
            ),
            (
                ClientKind::Confidential,
                by_key("jwks", json!({"keys": [{"kty": "oct", "k": "AAAA"}]})),
                Err(UnusableKeys),
            ),
            (
                ClientKind::Confidential,
                by_key("jwks_uri", json!("https://app.example/jwks")),
                Ok(()),
            ),
            (
                ClientKind::Confidential,
                by_key("jwks_uri", json!("http://app.example/jwks")),
                Err(KeysAddress),
            ),
            (
                ClientKind::Confidential,
                by_key("jwks_uri", json!("com.example.app:/jwks")),
                Err(KeysAddress),
            ),
            (ClientKind::Confidential, two_sets, Err(TwoKeySets)),
        ] {
            assert_eq!(check(kind, members.clone()), outcome, "{kind:?} {members}");
        }
    }
}
