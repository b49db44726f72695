//! The request as it arrived.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// Decoded parameters by name. All of them are kept, also those that nobody knows: a request that waits for the person is checked
/// again as it was sent.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Parameters(BTreeMap<String, Vec<String>>);

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "the request has more than {MOST} parameters, or they are longer than {LONGEST} bytes together"
)]
pub struct MalformedParameters;

/// More than any request has.
const MOST: usize = 64;
/// In bytes. Together they must fit, sealed, into the form of a page.
const LONGEST: usize = 32 * 1024;

/// The one parameter that may be given more than once (RFC 8707 §2).
pub(super) const RESOURCE: &str = "resource";

impl Parameters {
    /// Those of a query or a form. A parameter without a value counts as absent (RFC 6749 §3.1).
    pub fn new(
        pairs: impl IntoIterator<Item = (String, String)>,
    ) -> Result<Self, MalformedParameters> {
        let mut parameters: BTreeMap<String, Vec<String>> = BTreeMap::new();
        let (mut count, mut bytes) = (0, 0);
        for (name, value) in pairs {
            count += 1;
            bytes += name.len() + value.len();
            if count > MOST || bytes > LONGEST {
                return Err(MalformedParameters);
            }
            if !value.is_empty() {
                parameters.entry(name).or_default().push(value);
            }
        }
        Ok(Self(parameters))
    }

    /// With this value, in place of any other of the name.
    #[must_use]
    pub(super) fn with(mut self, name: &str, value: &str) -> Self {
        self.0.insert(name.to_owned(), vec![value.to_owned()]);
        self
    }

    /// The value of a parameter that is given once; what is given twice has none.
    pub fn value(&self, name: &str) -> Option<&str> {
        match self.0.get(name)?.as_slice() {
            [value] => Some(value),
            _ => None,
        }
    }

    pub fn all(&self, name: &str) -> &[String] {
        self.0.get(name).map_or(&[], Vec::as_slice)
    }

    pub fn contains(&self, name: &str) -> bool {
        self.0.contains_key(name)
    }

    pub(crate) fn is_repeated(&self, name: &str) -> bool {
        self.all(name).len() > 1
    }

    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(pairs: &[(&str, &str)]) -> Result<Parameters, MalformedParameters> {
        let owned = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
        Parameters::new(pairs.iter().map(owned))
    }

    #[test]
    fn what_is_given_twice_has_no_value_and_what_is_empty_is_absent() {
        let read = read(&[
            ("state", "a"),
            ("state", "b"),
            ("nonce", ""),
            ("scope", "x"),
        ])
        .unwrap();
        assert_eq!(read.value("state"), None);
        assert!(read.is_repeated("state") && !read.contains("nonce"));
        assert_eq!(read.value("scope"), Some("x"));
    }

    #[test]
    fn a_request_is_bounded() {
        let long = "x".repeat(LONGEST);
        assert_eq!(read(&[("state", &long)]), Err(MalformedParameters));
        assert_eq!(read(&vec![("a", "b"); MOST + 1]), Err(MalformedParameters));
        assert!(read(&vec![("a", "b"); MOST]).is_ok());
    }
}
