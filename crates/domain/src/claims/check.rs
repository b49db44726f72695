//! Whether a policy may be: asked when an API is configured, and by `check` of what is stored.

use std::borrow::Cow;

use keywright_jwt::{AccessClaims, StatusReference, is_reserved};
use serde_json::{Map, Value};

use super::budget::{BUDGETS, fits};
use super::lint::{DEPTH, Evidence, Finding, Scope, inspect, inspect_name};
use super::{ClaimName, ClaimsPolicy, OverBudget, Source, UserAttribute};

/// What is wrong with a policy.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Objection {
    #[error("the claim `{0}` has a meaning that verifiers rely on; choose another name")]
    Registered(ClaimName),
    #[error("`allow_personal` names `{0}`, and there is no such claim")]
    AllowsNothing(ClaimName),
    #[error("{0}")]
    Finding(Finding),
    #[error("the claim `{0}` is nested more than {DEPTH} deep")]
    TooDeep(ClaimName),
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
        found.extend(self.claims.keys().flat_map(|name| self.objections_to(name)));
        if !BUDGETS.contains(&self.max_bytes) {
            found.push(Objection::Budget);
        } else if let Err(over) = self.shortest(issuer, audience) {
            found.push(Objection::OverBudget(over));
        }
        found
    }

    /// What the lint says of one claim, as far as its values are known.
    fn objections_to(&self, name: &ClaimName) -> Vec<Objection> {
        let scope = self.scope_of(name);
        let known: Vec<&Value> = match &self.claims[name] {
            Source::Static(value) => vec![value],
            Source::ByRole(values) => values.values().collect(),
            Source::User(attribute) => return self.objection_to_source(name, *attribute),
            // Role names are the operator's own words, and every token of a user carries them as `roles`.
            Source::RoleNames => vec![],
        };
        if known.iter().any(|value| is_deeper(value, DEPTH)) {
            return vec![Objection::TooDeep(name.clone())];
        }
        let findings = known
            .iter()
            .filter_map(|value| inspect(name.as_str(), value, scope));
        findings.map(Objection::Finding).take(1).collect()
    }

    /// An attribute is what its type says, whatever the claim is called; a secret's name promises what no attribute is.
    fn objection_to_source(&self, name: &ClaimName, attribute: UserAttribute) -> Vec<Objection> {
        let finding = |kind, evidence| {
            Objection::Finding(Finding {
                claim: name.to_string(),
                path: String::new(),
                kind,
                evidence,
            })
        };
        let by_name = inspect_name(name.as_str()).filter(|kind| kind.is_secret());
        let by_type = attribute
            .personal()
            .filter(|_| self.scope_of(name) == Scope::All);
        let named = by_name.map(|kind| finding(kind, Evidence::Name));
        named
            .or(by_type.map(|kind| finding(kind, Evidence::Source)))
            .into_iter()
            .collect()
    }

    pub(super) fn scope_of(&self, name: &ClaimName) -> Scope {
        if self.allow_personal.contains(name) {
            Scope::Secrets
        } else {
            Scope::All
        }
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

fn is_deeper(value: &Value, depth: usize) -> bool {
    match value {
        Value::Array(items) => depth == 0 || items.iter().any(|item| is_deeper(item, depth - 1)),
        Value::Object(members) => {
            depth == 0 || members.values().any(|member| is_deeper(member, depth - 1))
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => false,
    }
}

impl Objection {
    /// The member of the policy to change.
    pub fn member(&self) -> Cow<'static, str> {
        match self {
            Objection::Registered(name) | Objection::TooDeep(name) => {
                format!("claims.{name}").into()
            }
            Objection::Finding(finding) => format!("claims.{}", finding.claim).into(),
            Objection::AllowsNothing(_) => "allow_personal".into(),
            Objection::Budget | Objection::OverBudget(_) => "max_bytes".into(),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn objections(policy: Value) -> Vec<String> {
        let policy: ClaimsPolicy = serde_json::from_value(policy).unwrap();
        let found = policy.objections("https://id.example", "https://orders.example");
        found
            .iter()
            .map(|objection| format!("{}: {objection}", objection.member()))
            .collect()
    }

    #[test]
    fn policies_of_what_services_need_pass() {
        for policy in [
            json!({}),
            json!({ "claims": { "tenant": { "static": "acme" }, "groups": "role_names" } }),
            json!({ "claims": { "limits": { "by_role": { "admin": { "orders": 100 } } } } }),
            json!({ "claims": { "verified": { "user": "email_verified" }, "uid": { "user": "id" } } }),
            json!({ "claims": { "mail": { "user": "email" } }, "allow_personal": ["mail"] }),
            json!({ "claims": { "owner": { "static": "Anna Schmidt" } }, "allow_personal": ["owner"] }),
        ] {
            assert_eq!(objections(policy), Vec::<String>::new());
        }
    }

    #[test]
    fn each_objection_names_the_member_and_the_reason() {
        for (policy, told) in [
            (
                json!({ "claims": { "sub": { "static": "x" } } }),
                "claims.sub: the claim `sub` has a meaning",
            ),
            (
                json!({ "claims": { "nonce": { "static": "x" } } }),
                "claims.nonce: the claim `nonce` has a meaning",
            ),
            (
                json!({ "claims": { "c": { "user": "email" } } }),
                "claims.c: the claim `c` is an e-mail address; if its services",
            ),
            (
                json!({ "claims": { "c": { "static": { "a": ["x", "ann@example.org"] } } } }),
                "claims.c: the claim `c` (at /a/1) carries",
            ),
            (
                json!({ "claims": { "c": { "by_role": { "admin": "+4915112345678" } } } }),
                "claims.c: the claim `c` carries",
            ),
            (
                json!({ "claims": { "password": { "user": "id" } } }),
                "claims.password: the claim `password` is called like a password",
            ),
            (
                json!({ "allow_personal": ["mail"] }),
                "allow_personal: `allow_personal` names `mail`",
            ),
            (
                json!({ "max_bytes": 100 }),
                "max_bytes: a budget is between",
            ),
            (
                json!({ "claims": { "pad": { "static": "x".repeat(999) } }, "max_bytes": 1000 }),
                "max_bytes: even the shortest",
            ),
            (
                json!({ "claims": { "c": { "static": [[[[[[[[[1]]]]]]]]] } } }),
                "claims.c: the claim `c` is nested",
            ),
        ] {
            let found = objections(policy);
            assert!(
                matches!(&found[..], [one] if one.starts_with(told)),
                "{told}: {found:?}"
            );
        }
    }

    #[test]
    fn no_opt_in_lets_a_secret_through() {
        let policy = json!({
            "claims": { "key": { "static": "-----BEGIN PRIVATE KEY-----" }, "secret": { "user": "username" } },
            "allow_personal": ["key", "secret"],
        });
        assert_eq!(objections(policy).len(), 2);
    }

    #[test]
    fn a_claim_declared_twice_is_refused() {
        let twice = r#"{"claims":{"a":{"static":1},"a":{"static":2}}}"#;
        let error = serde_json::from_str::<ClaimsPolicy>(twice).unwrap_err();
        assert!(error.to_string().contains("duplicate field `a`"), "{error}");
    }
}
