//! The lint: finds passwords, secrets and personal data among claims, by what they are called and by what they carry.
//!
//! Hand-written scanners: a string is classified in one pass, and only detectors that can apply look at it. A claim that is
//! fine costs no allocation, because this runs at every mint.

mod bank;
mod digits;
mod finding;
mod name;
mod national;
mod network;
mod person;
mod phone;
mod place;
mod secret;
mod value;
mod vocabulary;

use serde_json::{Map, Value};

pub use finding::{Evidence, Finding, Kind};
use name::Hint;

/// Deeper values are not looked into; a policy that has any is refused.
pub const DEPTH: usize = 8;

/// What is not allowed in a claim.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// Secrets and personal data.
    All,
    /// Secrets alone: the operator has decided that this claim may be personal.
    Secrets,
}

/// The first thing in `value` that the claim `claim` should not carry.
pub fn inspect(claim: &str, value: &Value, scope: Scope) -> Option<Finding> {
    let mut finding = look(value, Hint::of(claim), scope, DEPTH)?;
    finding.claim = claim.to_owned();
    Some(finding)
}

/// What the name alone gives away, for a claim whose value is not known yet.
pub fn inspect_name(claim: &str) -> Option<Kind> {
    Hint::of(claim).kind
}

fn look(value: &Value, hint: Hint, scope: Scope, depth: usize) -> Option<Finding> {
    match value {
        Value::Null | Value::Bool(_) => None,
        Value::Number(number) => value::of_number(number, hint, scope).map(found),
        Value::String(text) => value::of_text(text, hint, scope).map(found),
        Value::Array(_) | Value::Object(_) if depth == 0 => None,
        Value::Array(items) => (0..).zip(items).find_map(|(at, item): (usize, _)| {
            below(look(item, hint, scope, depth - 1)?, &at.to_string())
        }),
        Value::Object(members) => of_members(members, hint, scope, depth - 1),
    }
}

fn of_members(
    members: &Map<String, Value>,
    of: Hint,
    scope: Scope,
    depth: usize,
) -> Option<Finding> {
    if secret::is_private_jwk(members) {
        return Some(found((Kind::PrivateKey, Evidence::Value)));
    }
    if scope == Scope::All && person::is_split_name(members) {
        return Some(found((Kind::PersonName, Evidence::Name)));
    }
    members.iter().find_map(|(name, value)| {
        below(look(value, Hint::of(name).within(of), scope, depth)?, name)
    })
}

fn found((kind, evidence): (Kind, Evidence)) -> Finding {
    Finding {
        claim: String::new(),
        path: String::new(),
        kind,
        evidence,
    }
}

/// Puts a step of a JSON pointer before the path.
fn below(mut finding: Finding, step: &str) -> Option<Finding> {
    let step = step.replace('~', "~0").replace('/', "~1");
    finding.path.insert_str(0, &format!("/{step}"));
    Some(finding)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_finding_says_where_why_and_how_to_opt_in_but_never_the_value() {
        let value = json!({ "people": [{ "a/b": "ann@example.org" }] });
        let told = inspect("team", &value, Scope::All).unwrap().to_string();
        assert_eq!(
            told,
            "the claim `team` (at /people/0/a~1b) carries what looks like an e-mail address; if its services must have it, \
             name `team` in `allow_personal`"
        );
        let told = inspect("pwd", &json!("hunter2"), Scope::All)
            .unwrap()
            .to_string();
        assert!(
            told.starts_with("the claim `pwd` is called like a password; ")
                && !told.contains("hunter2"),
            "{told}"
        );
    }

    #[test]
    fn members_without_a_name_of_their_own_take_that_of_their_object() {
        for value in [
            json!({ "value": "0171 1234567" }),
            json!([{ "number": "0171 1234567" }]),
        ] {
            assert_eq!(
                inspect("phone", &value, Scope::All).unwrap().kind,
                Kind::Phone
            );
        }
        assert_eq!(
            inspect("phone", &json!({ "type": "1234567" }), Scope::All),
            None
        );
    }

    #[test]
    fn whoever_opted_in_is_still_told_about_secrets() {
        assert_eq!(
            inspect("mail", &json!("ann@example.org"), Scope::Secrets),
            None
        );
        let token = json!("eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiIxIn0.c2ln");
        assert_eq!(
            inspect("mail", &token, Scope::Secrets).unwrap().kind,
            Kind::Token
        );
    }

    #[test]
    fn what_lies_too_deep_is_not_looked_at() {
        let nest = |depth| (0..depth).fold(json!("ann@example.org"), |inner, _| json!([inner]));
        assert!(inspect("c", &nest(DEPTH), Scope::All).is_some());
        assert!(inspect("c", &nest(DEPTH + 1), Scope::All).is_none());
    }
}
