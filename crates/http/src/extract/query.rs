//! Query strings, as strict as bodies.

use axum::extract::FromRequestParts;
use http::Uri;
use http::request::Parts;
use serde::de::DeserializeOwned;

use super::{field, urlencoded};
use crate::problem::Problem;
use crate::reason::Reason;

/// Every parameter known and given once.
pub struct Query<T>(pub T);

/// How many entries a list answers: 1 to 200, 50 unless said.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Deserialize)]
#[serde(try_from = "String")]
pub struct Limit(pub u32);

impl Limit {
    pub const MOST: u32 = 200;
}

impl Default for Limit {
    fn default() -> Self {
        Self(50)
    }
}

impl TryFrom<String> for Limit {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
            .ok()
            .filter(|limit| (1..=Self::MOST).contains(limit))
            .map(Self)
            .ok_or("a limit is a number from 1 to 200")
    }
}

/// A place in a numbered list; 0 is before its beginning.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Deserialize)]
#[serde(try_from = "String")]
pub struct Seq(pub i64);

impl TryFrom<String> for Seq {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        let number = text.parse().ok().filter(|number| *number >= 0);
        number.map(Self).ok_or("expected a whole number")
    }
}

/// No parameter at all.
#[derive(Debug, serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Nothing {}

/// For resources that take no query: an unknown parameter is refused by name, as it is where some are known.
pub fn no_query(uri: &Uri) -> Result<(), Problem> {
    match uri.query() {
        None => Ok(()),
        Some(query) => parse::<Nothing>(query).map(|Nothing {}| ()),
    }
}

impl<T: DeserializeOwned, S: Sync> FromRequestParts<S> for Query<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        parse(parts.uri.query().unwrap_or_default()).map(Self)
    }
}

fn parse<T: DeserializeOwned>(query: &str) -> Result<T, Problem> {
    let pairs = urlencoded::read(query.as_bytes()).map_err(|error| match error {
        urlencoded::NotUrlEncoded::Duplicate(name) => Problem::field(name, "it is given twice"),
        urlencoded::NotUrlEncoded::Malformed => {
            Problem::new(Reason::MalformedRequest).with_detail("the query string cannot be read")
        }
    })?;
    // As an object of strings: serde's own reader of pairs knows no optional members.
    let object: serde_json::Map<_, _> = pairs.into_iter().map(|(k, v)| (k, v.into())).collect();
    serde_path_to_error::deserialize(serde_json::Value::Object(object))
        .map_err(|error| field::problem(&error.path().to_string(), error.inner()))
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Paging {
        after: Option<String>,
        #[serde(default)]
        limit: Limit,
    }

    #[test]
    fn parameters_are_read_and_defaulted() {
        let paging: Paging = parse("after=a%2Fb&limit=7").unwrap();
        assert_eq!(
            (paging.after.as_deref(), paging.limit),
            (Some("a/b"), Limit(7))
        );
        assert_eq!(parse::<Paging>("").unwrap().limit, Limit(50));
    }

    #[test]
    fn what_does_not_fit_is_refused_by_name() {
        for query in [
            "limit=0",
            "limit=201",
            "limit=x",
            "limit=",
            "limit=1&limit=2",
            "limits=1",
        ] {
            let refused = parse::<Paging>(query).unwrap_err();
            assert_eq!(refused.reason(), Reason::InvalidField, "{query}");
        }
    }

    #[test]
    fn where_nothing_is_asked_for_nothing_is_taken() {
        let check = |uri: &'static str| no_query(&Uri::from_static(uri));
        assert!(check("/apis").is_ok() && check("/apis?").is_ok());
        assert_eq!(
            check("/apis?limt=1").unwrap_err().reason(),
            Reason::InvalidField
        );
    }
}
