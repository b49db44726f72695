//! The `claims` parameter of an authorization request (OpenID Connect Core §5.5): single claims, asked for by name.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;
use serde_json::value::RawValue;

use super::standard_claims::scope_of;
use crate::access::{Scope, ScopeSet};
use crate::claims::unique_map;

/// What was asked for, as far as it means anything here: standard claims by name, and what the login itself must be. Whatever else
/// was named is ignored, as §5.5 demands, so what is kept is bounded by what is known.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ClaimsRequest {
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    userinfo: BTreeSet<String>,
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    id_token: BTreeSet<String>,
    /// One of these classes must be met, if any is named (§5.5.1.1).
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    acr: BTreeSet<String>,
    /// The person must be this one (§5.5.1).
    #[serde(skip_serializing_if = "Option::is_none")]
    sub: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the claims parameter is not as OpenID Connect Core §5.5 has it: {0}")]
pub struct MalformedClaimsRequest(String);

const LONGEST: usize = 4_096;

/// One of the places for claims: each by its name, with what is wanted of it.
#[derive(Default)]
struct Place(BTreeMap<String, Option<Object<Value>>>);

/// An object that names nothing twice, and nothing but an object: a list would be read as a structure's members in order.
struct Object<V>(BTreeMap<String, V>);

impl<'de, V: Deserialize<'de>> Deserialize<'de> for Object<V> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        unique_map(deserializer).map(Self)
    }
}

/// What is wanted of one claim.
#[derive(Default)]
struct Wanted {
    essential: bool,
    values: Vec<String>,
}

impl ClaimsRequest {
    /// # Errors
    /// What is no JSON object, names a member twice, is larger than 4 KiB, or asks for two different people.
    pub fn parse(text: &str) -> Result<Self, MalformedClaimsRequest> {
        if text.len() > LONGEST {
            return Err(MalformedClaimsRequest(format!(
                "longer than {LONGEST} bytes"
            )));
        }
        let all: Object<Box<RawValue>> = read(text)?;
        let (userinfo, id_token) = (Place::of(&all, "userinfo")?, Place::of(&all, "id_token")?);
        let mut request = Self {
            userinfo: userinfo.standard(),
            id_token: id_token.standard(),
            ..Self::default()
        };
        for place in [&userinfo, &id_token] {
            let acr = place.wanted("acr")?;
            if acr.essential {
                request.acr.extend(acr.values);
            }
            for sub in place.wanted("sub")?.values {
                if request.sub.as_ref().is_some_and(|other| *other != sub) {
                    return Err(MalformedClaimsRequest("two values of sub".to_owned()));
                }
                request.sub = Some(sub);
            }
        }
        Ok(request)
    }

    /// What of it the scopes `allowed` could have asked for.
    #[must_use]
    pub fn within(mut self, allowed: &ScopeSet) -> Self {
        let may = |name: &String| scope_of(name).is_some_and(|scope| allowed.contains(scope));
        self.userinfo.retain(may);
        self.id_token.retain(may);
        self
    }

    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Standard claims that userinfo shall tell, beyond those of the scopes.
    pub fn of_userinfo(&self) -> impl Iterator<Item = &str> {
        self.userinfo.iter().map(String::as_str)
    }

    /// Standard claims that the ID token shall carry.
    pub fn of_id_token(&self) -> impl Iterator<Item = &str> {
        self.id_token.iter().map(String::as_str)
    }

    /// The scopes that would have asked for the same: what a client must be registered for, and a person consent to.
    pub fn scopes(&self) -> ScopeSet {
        let names = self.of_userinfo().chain(self.of_id_token());
        let scopes: Vec<Scope> = names
            .filter_map(|name| scope_of(name)?.parse().ok())
            .collect();
        scopes.iter().collect()
    }

    /// Whether a login of class `acr` is good enough.
    pub fn admits_acr(&self, acr: Option<&str>) -> bool {
        self.acr.is_empty() || acr.is_some_and(|acr| self.acr.contains(acr))
    }

    /// Whether the person whom the client knows as `subject` may be who is asked for.
    pub fn admits_subject(&self, subject: &str) -> bool {
        self.sub.as_deref().is_none_or(|sub| sub == subject)
    }
}

impl Place {
    fn of(all: &Object<Box<RawValue>>, name: &str) -> Result<Self, MalformedClaimsRequest> {
        let Some(raw) = all.0.get(name) else {
            return Ok(Self::default());
        };
        let Object(claims) = read(raw.get())?;
        Ok(Self(claims))
    }

    fn standard(&self) -> BTreeSet<String> {
        let names = self.0.keys().filter(|name| scope_of(name).is_some());
        names.cloned().collect()
    }

    fn wanted(&self, name: &str) -> Result<Wanted, MalformedClaimsRequest> {
        match self.0.get(name) {
            None | Some(None) => Ok(Wanted::default()),
            Some(Some(Object(members))) => Wanted::of(members),
        }
    }
}

impl Wanted {
    fn of(members: &BTreeMap<String, Value>) -> Result<Self, MalformedClaimsRequest> {
        let malformed = |member: &str| MalformedClaimsRequest(format!("`{member}`"));
        let essential = members.get("essential").map(Value::as_bool);
        let several = members.get("values").map(Value::as_array);
        let several = several.map(|list| list.ok_or_else(|| malformed("values")));
        let values = members.get("value").into_iter();
        // What is not text is a value that no claim of ours has, and is kept as one that nothing equals.
        let text = |value: &Value| {
            value
                .as_str()
                .map_or_else(|| value.to_string(), str::to_owned)
        };
        Ok(Self {
            essential: essential
                .unwrap_or(Some(false))
                .ok_or_else(|| malformed("essential"))?,
            values: values
                .chain(several.transpose()?.into_iter().flatten())
                .map(text)
                .collect(),
        })
    }
}

fn read<'t, T: Deserialize<'t>>(text: &'t str) -> Result<T, MalformedClaimsRequest> {
    serde_json::from_str(text).map_err(|error| MalformedClaimsRequest(error.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> ClaimsRequest {
        ClaimsRequest::parse(text).unwrap()
    }

    #[test]
    fn the_example_of_the_specification_is_understood() {
        let request = parse(
            r#"{"userinfo": {"given_name": {"essential": true}, "nickname": null, "email": {"essential": true},
                "email_verified": {"essential": true}, "picture": null, "http://example.info/claims/groups": null},
                "id_token": {"auth_time": {"essential": true}, "acr": {"values": ["urn:mace:incommon:iap:silver"]}}}"#,
        );
        let userinfo: Vec<&str> = request.of_userinfo().collect();
        assert_eq!(
            userinfo,
            [
                "email",
                "email_verified",
                "given_name",
                "nickname",
                "picture"
            ]
        );
        assert_eq!(request.of_id_token().count(), 0);
        assert_eq!(request.scopes(), "email profile".parse().unwrap());
        assert!(request.admits_acr(None), "a voluntary acr demands nothing");
    }

    #[test]
    fn names_are_no_way_around_scopes() {
        let request = parse(r#"{"userinfo":{"email":null,"name":null},"id_token":{"name":null}}"#);
        let within = request.within(&"email openid".parse().unwrap());
        assert_eq!(within, parse(r#"{"userinfo":{"email":null}}"#));
    }

    #[test]
    fn an_essential_class_must_be_met() {
        for text in [
            r#"{"id_token":{"acr":{"essential":true,"values":["a","b"]}}}"#,
            r#"{"id_token":{"acr":{"essential":true,"value":"a"}}}"#,
        ] {
            let request = parse(text);
            assert!(request.admits_acr(Some("a")), "{text}");
            assert!(!request.admits_acr(Some("c")), "{text}");
            assert!(!request.admits_acr(None), "{text}");
        }
        assert!(parse(r#"{"id_token":{"acr":{"essential":true}}}"#).admits_acr(None));
    }

    #[test]
    fn a_named_person_is_the_only_one() {
        let request =
            parse(r#"{"id_token":{"sub":{"value":"ann"}},"userinfo":{"sub":{"value":"ann"}}}"#);
        assert!(request.admits_subject("ann"));
        assert!(!request.admits_subject("bob"));
        assert!(parse(r#"{"id_token":{"sub":null}}"#).admits_subject("bob"));
        assert!(!parse(r#"{"id_token":{"sub":{"value":7}}}"#).admits_subject("ann"));
    }

    #[test]
    fn what_has_two_meanings_is_refused() {
        for text in [
            "",
            "[]",
            "null",
            r#"{"userinfo":[]}"#,
            r#"{"userinfo":{"name":"Ann"}}"#,
            r#"{"userinfo":{"name":null,"name":null}}"#,
            r#"{"userinfo":{},"userinfo":{}}"#,
            r#"{"userinfo":{"name":[true]}}"#,
            r#"{"id_token":{"acr":{"essential":"yes"}}}"#,
            r#"{"id_token":{"acr":{"values":"a"}}}"#,
            r#"{"userinfo":{"sub":{"value":"ann"}},"id_token":{"sub":{"value":"bob"}}}"#,
            &format!(r#"{{"userinfo":{{"{}":null}}}}"#, "x".repeat(LONGEST)),
        ] {
            assert!(ClaimsRequest::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn what_is_stored_is_read_back_and_is_small() {
        let unknown = r#"{"userinfo":{"name":null,"made_up":null},"later":{"x":1}}"#;
        let stored = serde_json::to_string(&parse(unknown)).unwrap();
        assert_eq!(stored, r#"{"userinfo":["name"]}"#);
        assert_eq!(
            serde_json::from_str::<ClaimsRequest>(&stored).unwrap(),
            parse(unknown)
        );
        assert!(parse("{}").is_empty());
    }
}
