//! How a token that a drill has signed may depart from the good one: in one thing, which makes it worth less to everybody.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use super::members::Members;
use crate::token::ACCESS_TOKEN_TYPE;

/// Reserved by RFC 2606 §2, so that nobody is called this.
const ELSEWHERE: &str = "https://elsewhere.example";

/// Beside the good ones in a token that names both twice: it has expired, and is for nobody.
const WRONG_TWINS: [(&str, &str); 2] = [("exp", "1"), ("aud", r#""https://elsewhere.example""#)];

/// A token of another kind, with what belongs to it. Each lacks something without which the real reader of that kind refuses it: an ID token
/// and a logout token the client in `aud`, an event its `position`, a status list its own address in `sub`.
struct OtherKind {
    typ: &'static str,
    /// Claims beyond the good token's, with their JSON.
    more: &'static [(&'static str, &'static str)],
    /// Claims of the good token that may be left out.
    less: &'static [&'static str],
}

const OTHER_KINDS: [OtherKind; 5] = [
    OtherKind {
        typ: "JWT",
        more: &[("nonce", r#""drill""#)],
        less: &["client_id", "scope"],
    },
    OtherKind {
        typ: "logout+jwt",
        more: &[(
            "events",
            r#"{"http://schemas.openid.net/event/backchannel-logout":{}}"#,
        )],
        less: &[],
    },
    OtherKind {
        typ: "secevent+jwt",
        more: &[(
            "events",
            r#"{"https://schemas.openid.net/secevent/caep/event-type/session-revoked":{}}"#,
        )],
        less: &[],
    },
    OtherKind {
        typ: "statuslist+jwt",
        more: &[("status_list", r#"{"bits":2,"lst":"eNrbuRgAAhcBXQ"}"#)],
        less: &[],
    },
    OtherKind {
        typ: "userinfo+jwt",
        more: &[("email", r#""drill@example.org""#)],
        less: &[],
    },
];

type Claims = Map<String, Value>;

/// What the table has to know of the issuer and of the API that is drilled.
#[derive(Debug)]
pub struct Table {
    pub issuer: String,
    /// Those that the API knows.
    pub scopes: BTreeSet<String>,
    /// What `aud` may say, because nobody is called so.
    pub nobody: BTreeSet<String>,
}

/// What a careless comparison takes for this audience, and what no comparison should.
pub fn audiences_near(audience: &str) -> BTreeSet<String> {
    let half = audience.chars().take(audience.chars().count() / 2);
    let mut near = BTreeSet::from([
        ELSEWHERE.to_owned(),
        String::new(),
        format!("{audience}/"),
        format!("{audience}.evil.example"),
        half.collect(),
        audience.to_uppercase(),
        "*".to_owned(),
        "null".to_owned(),
    ]);
    near.remove(audience);
    near
}

impl Table {
    /// `now` in seconds since 1970.
    pub fn permits(&self, good: &Claims, typ: &str, said: &Members, now: i64) -> bool {
        let Some(claims) = said.once() else {
            return typ == ACCESS_TOKEN_TYPE && is_good_beside_wrong_twins(good, said);
        };
        let changed = changed(good, &claims);
        if typ != ACCESS_TOKEN_TYPE {
            return OTHER_KINDS
                .iter()
                .any(|kind| kind.typ == typ && kind.explains(&changed, &claims));
        }
        let value = |name: &str| claims.get(name);
        match changed[..] {
            ["exp"] => is_over(value("exp"), now),
            ["exp", "iat"] => is_over(value("exp"), now) && is_over(value("iat"), now),
            ["nbf"] => value("nbf").and_then(Value::as_i64) > Some(now),
            ["aud"] => value("aud").is_none_or(|aud| self.names_nobody(aud)),
            ["iss"] => value("iss").and_then(Value::as_str) != Some(&self.issuer),
            ["cnf"] => !good.contains_key("cnf") && value("cnf").is_some_and(Value::is_object),
            ["scope"] => self.is_narrower(good, value("scope")),
            ["roles", "scope"] => {
                value("roles").is_none() && self.is_narrower(good, value("scope"))
            }
            _ => false,
        }
    }

    fn names_nobody(&self, value: &Value) -> bool {
        match value {
            Value::String(text) => self.nobody.contains(text),
            Value::Array(several) => several.iter().all(|one| self.names_nobody(one)),
            Value::Object(members) => members.is_empty(),
            Value::Null | Value::Bool(_) | Value::Number(_) => true,
        }
    }

    /// Words of the good token's scope, and such as the API does not know.
    fn is_narrower(&self, good: &Claims, scope: Option<&Value>) -> bool {
        let granted = good
            .get("scope")
            .and_then(Value::as_str)
            .unwrap_or_default();
        let adds_nothing = |word: &str| {
            granted.split(' ').any(|known| known == word) || !self.scopes.contains(word)
        };
        match scope {
            None => true,
            Some(scope) => scope
                .as_str()
                .is_some_and(|scope| scope.split(' ').all(adds_nothing)),
        }
    }
}

impl OtherKind {
    fn explains(&self, changed: &[&str], claims: &Claims) -> bool {
        changed.iter().all(|name| match claims.get(*name) {
            None => self.less.contains(name),
            Some(value) => self.more.iter().any(|(own, json)| {
                own == name && serde_json::from_str(json).is_ok_and(|own: Value| own == *value)
            }),
        })
    }
}

fn is_good_beside_wrong_twins(good: &Claims, said: &Members) -> bool {
    let rest = WRONG_TWINS
        .iter()
        .try_fold(said.clone(), |rest, (name, json)| {
            rest.less(name, &serde_json::from_str(json).ok()?)
        });
    rest.and_then(|rest| rest.once()).as_ref() == Some(good)
}

/// Names of the claims that are not as in the good token, in order.
fn changed<'c>(good: &'c Claims, said: &'c Claims) -> Vec<&'c str> {
    let names: BTreeSet<_> = good.keys().chain(said.keys()).collect();
    let differs = |name: &&String| good.get(*name) != said.get(*name);
    names
        .into_iter()
        .filter(differs)
        .map(String::as_str)
        .collect()
}

/// Whether no reader, however lax with types, can take it for a moment that is still to come.
fn is_over(value: Option<&Value>, now: i64) -> bool {
    let now_or_before = |number: Option<f64>| number.is_some_and(|number| number <= now as f64);
    match value {
        None | Some(Value::Null | Value::Bool(_)) => true,
        Some(Value::Number(number)) => now_or_before(number.as_f64()),
        Some(Value::String(text)) => match text.trim().parse::<f64>() {
            Ok(number) => now_or_before(Some(number)),
            Err(_) => text.chars().all(char::is_alphabetic),
        },
        Some(Value::Array(several)) => several.iter().all(|one| is_over(Some(one), now)),
        Some(Value::Object(members)) => members.is_empty(),
    }
}

#[cfg(test)]
mod tests;
