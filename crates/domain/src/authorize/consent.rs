//! What a person has granted to a client.

use std::collections::BTreeMap;

use crate::access::{Audience, ScopeSet};
use crate::authorize::AuthorizationRequest;
use crate::client::ClientId;
use crate::{Time, UserId};

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Consent {
    pub user: UserId,
    pub client: ClientId,
    /// Per API.
    pub scopes: BTreeMap<Audience, ScopeSet>,
    /// Of OpenID Connect's own scopes.
    pub openid: ScopeSet,
    /// The last time.
    pub given_at: Time,
}

impl Consent {
    /// To all that `request` asks for.
    pub(super) fn to(
        request: &AuthorizationRequest,
        client: &ClientId,
        user: UserId,
        now: Time,
    ) -> Self {
        Self {
            user,
            client: client.clone(),
            scopes: [(request.audience.clone(), request.scope.clone())].into(),
            openid: request.openid_told(),
            given_at: now,
        }
    }

    /// Both together. The store calls it on what it read, inside the write.
    #[must_use]
    pub fn and(mut self, earlier: Consent) -> Self {
        for (audience, scopes) in earlier.scopes {
            let own = self.scopes.entry(audience).or_default();
            *own = own.union(&scopes);
        }
        self.openid = self.openid.union(&earlier.openid);
        self
    }
}

/// What a person reads about a scope of OpenID Connect (Core §5.4, §11); `None` for a scope of an API.
pub fn openid_scope_says(scope: &str) -> Option<&'static str> {
    match scope {
        "openid" => Some("Know who you are"),
        "profile" => Some("See your name and profile"),
        "email" => Some("See your e-mail address"),
        "address" => Some("See your postal address"),
        "phone" => Some("See your phone number"),
        "offline_access" => Some("Keep access after you have logged out"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::access::OPENID_SCOPES;

    #[test]
    fn consents_add_up() {
        let at = |secs, scopes: &[(&str, &str)], openid: &str| Consent {
            user: UserId::new(Time::from_secs(0), [1; 10]),
            client: "app".parse().unwrap(),
            scopes: scopes
                .iter()
                .map(|(api, scopes)| (api.parse().unwrap(), scopes.parse().unwrap()))
                .collect(),
            openid: openid.parse().unwrap(),
            given_at: Time::from_secs(secs),
        };
        let earlier = at(1, &[("orders", "read"), ("mail", "send")], "openid email");
        let later = at(2, &[("orders", "write")], "openid profile");
        let both = at(
            2,
            &[("orders", "read write"), ("mail", "send")],
            "email openid profile",
        );
        assert_eq!(later.and(earlier), both);
    }

    #[test]
    fn every_scope_of_openid_can_be_read_by_people() {
        for scope in OPENID_SCOPES {
            assert!(openid_scope_says(scope).is_some(), "{scope}");
        }
    }
}
