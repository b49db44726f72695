//! What a registration may not say, so that a client which cannot work is refused when it is registered and not when it is used.

use keywright_jwt::JwkSet;

use crate::client::{
    AuthMethod, ClientCertificates, ClientKind, FapiRefused, RedirectUri, Registration,
};

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RegistrationRefused {
    #[error("a public client proves nothing: leave token_endpoint_auth_method out, or say `none`")]
    PublicMethod,
    #[error(
        "a confidential client has to prove itself: token_endpoint_auth_method cannot be `none`"
    )]
    ConfidentialNone,
    #[error(
        "such certificates do not arrive here: the operator says which do by tls.client_certificates, and by tls.client_roots whose names count"
    )]
    Certificate,
    #[error(
        "`tls_client_auth` needs one of tls_client_auth_subject_dn (RFC 4514, such as `CN=shop,O=Example`), tls_client_auth_san_dns, …_uri, …_ip and …_email"
    )]
    CertificateSubject,
    #[error(
        "dpop_bound_access_tokens and tls_client_certificate_bound_access_tokens exclude each other"
    )]
    TwoBindings,
    #[error("`private_key_jwt` and `self_signed_tls_client_auth` need jwks or jwks_uri")]
    NoKeys,
    #[error("jwks and jwks_uri exclude each other (RFC 7591 §2)")]
    TwoKeySets,
    #[error("jwks is no JWK set with a public key for signatures")]
    UnusableKeys,
    #[error("jwks_uri must be an https URL")]
    KeysAddress,
    #[error("backchannel_logout_uri must be an https URL")]
    BackchannelAddress,
    #[error(
        "frontchannel_logout_uri must be an https URL with scheme, host and port of one of the redirect_uris (OpenID Connect Front-Channel Logout §2)"
    )]
    FrontchannelAddress,
    #[error("the host of a redirect URI is neither a DNS name nor an IP address")]
    Host,
    #[error(transparent)]
    Fapi(#[from] FapiRefused),
}

impl Registration {
    pub(crate) fn check(&self, kind: ClientKind) -> Result<(), RegistrationRefused> {
        self.check_hosts()?;
        self.check_method(kind)?;
        self.check_keys()?;
        self.check_logout()?;
        if self.dpop_bound_access_tokens && self.tls_client_certificate_bound_access_tokens {
            return Err(RegistrationRefused::TwoBindings);
        }
        Ok(self.check_fapi(kind)?)
    }

    fn check_hosts(&self) -> Result<(), RegistrationRefused> {
        let (back, after) = (&self.redirect_uris, &self.post_logout_redirect_uris);
        let mut all = back.iter().chain(after);
        let are_hosts = all.all(RedirectUri::is_on_a_host);
        are_hosts.then_some(()).ok_or(RegistrationRefused::Host)
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
                None
                | Some(
                    AuthMethod::ClientSecretBasic
                    | AuthMethod::ClientSecretPost
                    | AuthMethod::ClientSecretJwt,
                ),
            ) => Ok(()),
            (
                ClientKind::Confidential,
                Some(AuthMethod::PrivateKeyJwt | AuthMethod::SelfSignedTlsClientAuth),
            ) => {
                let has_keys = self.jwks.is_some() || self.jwks_uri.is_some();
                has_keys.then_some(()).ok_or(RegistrationRefused::NoKeys)
            }
            (ClientKind::Confidential, Some(AuthMethod::TlsClientAuth)) => {
                let subject = self.certificate_subject();
                let subject = subject.ok_or(RegistrationRefused::CertificateSubject);
                subject.map(drop)
            }
        }
    }

    /// Whether what the registration needs arrives here.
    pub(crate) fn check_certificates(
        &self,
        taken: ClientCertificates,
    ) -> Result<(), RegistrationRefused> {
        let method = self.token_endpoint_auth_method;
        let by_certificate = method.filter(|method| method.is_by_certificate());
        let works = by_certificate.is_none_or(|method| taken.methods().contains(&method));
        let binds = self.tls_client_certificate_bound_access_tokens;
        if !works || (binds && !taken.are_taken()) {
            return Err(RegistrationRefused::Certificate);
        }
        Ok(())
    }

    fn check_keys(&self) -> Result<(), RegistrationRefused> {
        match (&self.jwks, &self.jwks_uri) {
            (Some(_), Some(_)) => Err(RegistrationRefused::TwoKeySets),
            (Some(jwks), None) => match JwkSet::parse(jwks.to_string().as_bytes()) {
                Ok(set) if !set.keys.is_empty() => Ok(()),
                Ok(_) | Err(_) => Err(RegistrationRefused::UnusableKeys),
            },
            (None, Some(uri)) => is_site(uri)
                .then_some(())
                .ok_or(RegistrationRefused::KeysAddress),
            (None, None) => Ok(()),
        }
    }

    fn check_logout(&self) -> Result<(), RegistrationRefused> {
        let is_site_or_none = |uri: &Option<String>| uri.as_deref().is_none_or(is_site);
        if !is_site_or_none(&self.backchannel_logout_uri) {
            return Err(RegistrationRefused::BackchannelAddress);
        }
        // A page of ours loads it: it must be the client's own, whoever wrote the registration.
        let is_own = |uri: &String| {
            let mut own = self.redirect_uris.iter();
            is_site(uri) && own.any(|own| origin(own.as_str()) == origin(uri))
        };
        if !self.frontchannel_logout_uri.as_ref().is_none_or(is_own) {
            return Err(RegistrationRefused::FrontchannelAddress);
        }
        Ok(())
    }
}

/// What may be redirected to over HTTP may be called: TLS, or this machine.
fn is_site(uri: &str) -> bool {
    let is_http = uri.starts_with("https://") || uri.starts_with("http://");
    is_http && uri.parse::<RedirectUri>().is_ok()
}

/// Scheme, host and port of a URL of a site.
pub fn origin(url: &str) -> &str {
    let authority = url.find("://").map_or(0, |at| at + "://".len());
    let end = url[authority..].find(['/', '?']);
    &url[..end.map_or(url.len(), |end| authority + end)]
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
    fn only_sites_are_told_of_logouts_and_only_own_ones_are_framed() {
        use RegistrationRefused::{BackchannelAddress, FrontchannelAddress};
        let good = "https://app.example/out?x=1";
        for (name, uri, outcome) in [
            ("backchannel_logout_uri", good, Ok(())),
            ("backchannel_logout_uri", "https://api.app.example", Ok(())),
            (
                "backchannel_logout_uri",
                "http://app.example/out",
                Err(BackchannelAddress),
            ),
            (
                "backchannel_logout_uri",
                "com.example.app:/out",
                Err(BackchannelAddress),
            ),
            ("frontchannel_logout_uri", good, Ok(())),
            (
                "frontchannel_logout_uri",
                "https://app.example:8443/out",
                Err(FrontchannelAddress),
            ),
            (
                "frontchannel_logout_uri",
                "https://evil.example/out",
                Err(FrontchannelAddress),
            ),
            (
                "frontchannel_logout_uri",
                "javascript:alert(1)",
                Err(FrontchannelAddress),
            ),
        ] {
            let mut members = json!({"redirect_uris": ["https://app.example/cb"]});
            members[name] = json!(uri);
            assert_eq!(check(ClientKind::Public, members), outcome, "{name} {uri}");
        }
    }

    #[test]
    fn what_is_registered_is_on_a_host_and_what_was_registered_is_read_all_the_same() {
        for name in ["redirect_uris", "post_logout_redirect_uris"] {
            for (uri, outcome) in [
                ("https://app.example/cb", Ok(())),
                ("com.example.app:/cb", Ok(())),
                (
                    "https://app;script-src.example/cb",
                    Err(RegistrationRefused::Host),
                ),
                ("https://app,example/cb", Err(RegistrationRefused::Host)),
            ] {
                let checked = check(ClientKind::Public, json!({ name: [uri] }));
                assert_eq!(checked, outcome, "{name} {uri}");
            }
        }
    }

    #[test]
    fn a_client_of_certificates_is_named_once_and_where_they_arrive() {
        use ClientCertificates::{Off, Unverified, Verified};
        use RegistrationRefused::*;
        let check = |more: serde_json::Value, taken| {
            let mut members = json!({"token_endpoint_auth_method": "tls_client_auth"});
            for (name, value) in more.as_object().unwrap() {
                members[name] = value.clone();
            }
            let registration: Registration = serde_json::from_value(members).unwrap();
            registration.check(ClientKind::Confidential)?;
            registration.check_certificates(taken)
        };
        let named = json!({"tls_client_auth_subject_dn": "CN=shop,O=Example"});
        assert_eq!(check(named.clone(), Verified), Ok(()));
        assert_eq!(check(named.clone(), Unverified), Err(Certificate));
        assert_eq!(check(named, Off), Err(Certificate));
        let dns = json!({"tls_client_auth_san_dns": "shop.example"});
        assert_eq!(check(dns, Verified), Ok(()));
        for (name, value) in [
            ("tls_client_auth_subject_dn", "shop"),
            ("tls_client_auth_subject_dn", ""),
            ("tls_client_auth_san_ip", "shop.example"),
        ] {
            let outcome = check(json!({ name: value }), Verified);
            assert_eq!(outcome, Err(CertificateSubject), "{name} {value}");
        }
        let twice = json!({"tls_client_auth_san_dns": "a", "tls_client_auth_san_email": "b"});
        assert_eq!(check(twice, Verified), Err(CertificateSubject));
        let by_secret = json!({
            "token_endpoint_auth_method": "client_secret_basic",
            "tls_client_certificate_bound_access_tokens": true,
        });
        assert_eq!(check(by_secret.clone(), Unverified), Ok(()));
        assert_eq!(check(by_secret.clone(), Off), Err(Certificate));
        let mut both = by_secret;
        both["dpop_bound_access_tokens"] = json!(true);
        assert_eq!(check(both, Verified), Err(TwoBindings));
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
                Ok(()),
            ),
            (
                ClientKind::Confidential,
                method("tls_client_auth"),
                Err(CertificateSubject),
            ),
            (
                ClientKind::Confidential,
                method("self_signed_tls_client_auth"),
                Err(NoKeys),
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
