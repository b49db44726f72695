//! The FAPI 2.0 Security Profile as one member of the registration: what it demands that is a choice otherwise.

use keywright_jwt::{Algorithm, JwkSet};

use crate::client::{AuthMethod, ClientKind, RedirectUri, Registration};

/// §5.4.1. RS256 is not among them.
pub(crate) const ALGORITHMS: [Algorithm; 3] =
    [Algorithm::Ps256, Algorithm::Es256, Algorithm::EdDsa];

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FapiRefused {
    #[error(
        "fapi demands a confidential client with `private_key_jwt`, `tls_client_auth` or `self_signed_tls_client_auth`"
    )]
    Method,
    #[error("fapi demands keys for PS256, ES256 or EdDSA")]
    Keys,
    #[error("fapi demands PKCE")]
    Pkce,
    #[error("fapi demands https redirect URIs")]
    RedirectUri,
    #[error(
        "fapi demands id_token_signed_response_alg PS256, ES256 or EdDSA; left out, it is RS256"
    )]
    IdToken,
    #[error(
        "fapi demands authorization_signed_response_alg PS256, ES256 or EdDSA, if there is one"
    )]
    Response,
    #[error("fapi demands userinfo_signed_response_alg PS256, ES256 or EdDSA, if there is one")]
    UserInfo,
}

impl Registration {
    /// RFC 9126 §6; FAPI 2.0 §5.3.2.2.
    pub(crate) fn must_push(&self) -> bool {
        self.fapi || self.require_pushed_authorization_requests
    }

    /// RFC 9449 §5.2; RFC 8705 §3.4; FAPI 2.0 §5.3.2.1.
    pub(crate) fn must_bind_tokens(&self) -> bool {
        self.fapi
            || self.dpop_bound_access_tokens
            || self.tls_client_certificate_bound_access_tokens
    }

    /// FAPI 2.0 §5.3.2.1: nobody else can present its refresh tokens, which takes its key and a proof of the token's, so that rotation would only
    /// lose sessions.
    pub(crate) fn keeps_refresh_tokens(&self) -> bool {
        self.fapi
    }

    /// What the client may sign with, by a key pair of its own: whoever can verify a symmetric signature could have made it.
    pub(crate) fn may_sign_with(&self, algorithm: Algorithm) -> bool {
        if self.fapi {
            ALGORITHMS.contains(&algorithm)
        } else {
            !algorithm.is_symmetric()
        }
    }

    pub(super) fn check_fapi(&self, kind: ClientKind) -> Result<(), FapiRefused> {
        if !self.fapi {
            return Ok(());
        }
        let method = self.token_endpoint_auth_method;
        let by_key =
            |method: AuthMethod| method == AuthMethod::PrivateKeyJwt || method.is_by_certificate();
        if kind != ClientKind::Confidential || !method.is_some_and(by_key) {
            return Err(FapiRefused::Method);
        }
        if !self.jwks.as_ref().is_none_or(has_usable_key) {
            return Err(FapiRefused::Keys);
        }
        if self.pkce_optional {
            return Err(FapiRefused::Pkce);
        }
        let is_https = |uri: &RedirectUri| uri.as_str().starts_with("https://");
        if !self.redirect_uris.iter().all(is_https) {
            return Err(FapiRefused::RedirectUri);
        }
        let id_token = self.id_token_signed_response_alg;
        let fits = id_token.is_some_and(|algorithm| ALGORITHMS.contains(&algorithm));
        if self.openid_scope.contains("openid") && !fits {
            return Err(FapiRefused::IdToken);
        }
        let response = self.authorization_signed_response_alg;
        if !response.is_none_or(|algorithm| ALGORITHMS.contains(&algorithm)) {
            return Err(FapiRefused::Response);
        }
        let userinfo = self.userinfo_signed_response_alg;
        if !userinfo.is_none_or(|algorithm| ALGORITHMS.contains(&algorithm)) {
            return Err(FapiRefused::UserInfo);
        }
        Ok(())
    }
}

fn has_usable_key(jwks: &serde_json::Value) -> bool {
    let set = JwkSet::parse(jwks.to_string().as_bytes()).unwrap_or_default();
    let mut algorithms = set.keys.iter().flat_map(|key| key.usable_algorithms());
    algorithms.any(|algorithm| ALGORITHMS.contains(&algorithm))
}

#[cfg(test)]
mod tests {
    use keywright_jwt::SigningKey;
    use serde_json::{Value, json};

    use super::*;

    fn good() -> Value {
        let (key, _) = SigningKey::generate(Algorithm::Es256).unwrap();
        json!({
            "fapi": true, "token_endpoint_auth_method": "private_key_jwt",
            "jwks": {"keys": [key.public_jwk().unwrap()]},
            "redirect_uris": ["https://app.example/cb"], "openid_scope": "openid",
            "id_token_signed_response_alg": "ES256",
        })
    }

    fn check(name: &str, value: Value) -> Result<(), FapiRefused> {
        let mut members = good();
        members[name] = value;
        let registration: Registration = serde_json::from_value(members).unwrap();
        registration.check_fapi(ClientKind::Confidential)
    }

    #[test]
    fn a_client_of_the_profile_is_registered_for_all_of_it() {
        let (es384, _) = SigningKey::generate(Algorithm::Es384).unwrap();
        let weak = json!({"keys": [es384.public_jwk().unwrap()]});
        for (name, value, outcome) in [
            ("fapi", json!(true), Ok(())),
            (
                "token_endpoint_auth_method",
                json!("client_secret_basic"),
                Err(FapiRefused::Method),
            ),
            (
                "token_endpoint_auth_method",
                json!("client_secret_jwt"),
                Err(FapiRefused::Method),
            ),
            (
                "token_endpoint_auth_method",
                json!("self_signed_tls_client_auth"),
                Ok(()),
            ),
            (
                "token_endpoint_auth_method",
                json!("tls_client_auth"),
                Ok(()),
            ),
            ("jwks", weak.clone(), Err(FapiRefused::Keys)),
            ("pkce_optional", json!(true), Err(FapiRefused::Pkce)),
            (
                "redirect_uris",
                json!(["http://127.0.0.1/cb"]),
                Err(FapiRefused::RedirectUri),
            ),
            (
                "id_token_signed_response_alg",
                json!("RS256"),
                Err(FapiRefused::IdToken),
            ),
            (
                "id_token_signed_response_alg",
                Value::Null,
                Err(FapiRefused::IdToken),
            ),
            ("openid_scope", json!(""), Ok(())),
            (
                "authorization_signed_response_alg",
                json!("ES384"),
                Err(FapiRefused::Response),
            ),
            ("authorization_signed_response_alg", json!("PS256"), Ok(())),
            (
                "userinfo_signed_response_alg",
                json!("RS256"),
                Err(FapiRefused::UserInfo),
            ),
            ("userinfo_signed_response_alg", json!("EdDSA"), Ok(())),
        ] {
            assert_eq!(check(name, value.clone()), outcome, "{name} {value}");
        }
        let public: Registration = serde_json::from_value(good()).unwrap();
        assert_eq!(
            public.check_fapi(ClientKind::Public),
            Err(FapiRefused::Method)
        );
        let mut other = good();
        other["fapi"] = json!(false);
        other["jwks"] = weak;
        let other: Registration = serde_json::from_value(other).unwrap();
        assert_eq!(other.check_fapi(ClientKind::Public), Ok(()));
    }

    #[test]
    fn the_profile_signs_with_three_algorithms_and_nobody_with_a_secret() {
        let registration = |fapi| Registration {
            fapi,
            ..Registration::default()
        };
        for algorithm in Algorithm::ALL {
            let asymmetric = !algorithm.is_symmetric();
            assert_eq!(registration(false).may_sign_with(algorithm), asymmetric);
            let named = ["PS256", "ES256", "EdDSA"].contains(&algorithm.as_str());
            assert_eq!(
                registration(true).may_sign_with(algorithm),
                named,
                "{algorithm}"
            );
        }
    }
}
