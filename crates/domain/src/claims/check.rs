//! Whether a policy may be: asked when an API is configured, and by `check` of what is stored.

use std::borrow::Cow;

use keywright_jwt::{AccessClaims, StatusReference, is_reserved};
use serde_json::{Map, Value};

use super::budget::{BUDGETS, fits};
use super::{ClaimName, ClaimsPolicy, OverBudget, Source};

/// What is wrong with a policy.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Objection {
    #[error("the claim `{0}` has a meaning that verifiers rely on; choose another name")]
    Registered(ClaimName),
    #[error("`allow_personal` names `{0}`, and there is no such claim")]
    AllowsNothing(ClaimName),
    #[error("a budget is between {} and {} bytes", BUDGETS.start(), BUDGETS.end())]
    Budget,
    #[error("even the shortest token is too long: {0}")]
    OverBudget(OverBudget),
}

/// Names beside the issuer's own that libraries act upon (OpenID Connect Core §2, RFC 8417 §2.2, RFC 8693 §4.4, RFC 9200):
/// nobody may be made to believe that this is another kind of token.
const ACTED_UPON: [&str; 10] = [
    "nonce", "azp", "at_hash", "c_hash", "s_hash", "events", "toe", "txn", "sub_id", "may_act",
];

impl ClaimsPolicy {
    /// Everything that speaks against this policy for the tokens of `issuer` and `audience`.
    pub fn objections(&self, issuer: &str, audience: &str) -> Vec<Objection> {
        let registered = self.claims.keys().filter(|name| is_registered(name));
        let mut found: Vec<_> = registered.cloned().map(Objection::Registered).collect();
        let idle = self.allow_personal.iter();
        let idle = idle.filter(|name| !self.claims.contains_key(name));
        found.extend(idle.cloned().map(Objection::AllowsNothing));
        if !BUDGETS.contains(&self.max_bytes) {
            found.push(Objection::Budget);
        } else if let Err(over) = self.shortest(issuer, audience) {
            found.push(Objection::OverBudget(over));
        }
        found
    }

    /// Measures the shortest token of a user: no scope, no role, a client of one letter, and what every token carries.
    fn shortest(&self, issuer: &str, audience: &str) -> Result<(), OverBudget> {
        let uuid = "00000000-0000-0000-0000-000000000000";
        let extra = self
            .claims
            .iter()
            .filter_map(|(name, source)| match source {
                Source::Static(value) if !is_registered(name) => {
                    Some((name.as_str().to_owned(), value.clone()))
                }
                Source::Static(_) | Source::User(_) | Source::RoleNames | Source::ByRole(_) => None,
            });
        let extra: Map<String, Value> = extra.collect();
        let claims = AccessClaims {
            iss: issuer,
            sub: uuid,
            aud: &[audience],
            client_id: "c",
            exp: 1_000_000_000,
            iat: 1_000_000_000,
            jti: "0000000000000000000000",
            sid: Some(uuid),
            auth_time: Some(1_000_000_000),
            amr: &["pwd"],
            status: Some(StatusReference {
                idx: 0,
                uri: &format!("{issuer}/status/1"),
            }),
            extra: Some(&extra),
            ..AccessClaims::default()
        };
        // Fails for reserved names alone, and those were left out.
        claims
            .to_payload()
            .map_or(Ok(()), |payload| fits(&payload, self.max_bytes))
    }
}

fn is_registered(name: &ClaimName) -> bool {
    is_reserved(name.as_str()) || ACTED_UPON.contains(&name.as_str())
}

impl Objection {
    /// The member of the policy to change.
    pub fn member(&self) -> Cow<'static, str> {
        match self {
            Objection::Registered(name) => format!("claims.{name}").into(),
            Objection::AllowsNothing(_) => "allow_personal".into(),
            Objection::Budget | Objection::OverBudget(_) => "max_bytes".into(),
        }
    }
}
