//! What a client of browser flows must be registered with, so that one that cannot work is refused when it is registered and not when a
//! person stands before an error page.

use crate::client::{Client, ClientKind, Grant};

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FlowRefused {
    #[error("the grant authorization_code needs a redirect URI")]
    NoRedirectUri,
    /// RFC 9700 §2.1.1: it has nothing else that keeps injected codes out.
    #[error("a public client may not do without PKCE")]
    PublicWithoutPkce,
}

impl Client {
    pub(super) fn check_flow(&self) -> Result<(), FlowRefused> {
        let registration = &self.registration;
        let has_flow = self.grants.contains(&Grant::AuthorizationCode);
        if has_flow && registration.redirect_uris.is_empty() {
            return Err(FlowRefused::NoRedirectUri);
        }
        if registration.pkce_optional && self.kind == ClientKind::Public {
            return Err(FlowRefused::PublicWithoutPkce);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::client::{Registration, fixtures};

    fn check(kind: ClientKind, registration: &str) -> Result<(), FlowRefused> {
        let registration: Registration = serde_json::from_str(registration).unwrap();
        let client = Client {
            kind,
            grants: [Grant::AuthorizationCode].into(),
            registration,
            ..fixtures::client("app")
        };
        client.check_flow()
    }

    #[test]
    fn a_client_of_browser_flows_is_registered_for_what_it_can_do() {
        let (public, confidential) = (ClientKind::Public, ClientKind::Confidential);
        let with = |more: &str| format!(r#"{{"redirect_uris":["https://app.example/cb"]{more}}}"#);
        for (kind, registration, outcome) in [
            (public, with(""), Ok(())),
            (public, "{}".to_owned(), Err(FlowRefused::NoRedirectUri)),
            (
                public,
                with(r#","pkce_optional":true"#),
                Err(FlowRefused::PublicWithoutPkce),
            ),
            (confidential, with(r#","pkce_optional":true"#), Ok(())),
        ] {
            assert_eq!(
                check(kind, &registration),
                outcome,
                "{kind:?} {registration}"
            );
        }
    }
}
