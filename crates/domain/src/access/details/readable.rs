//! A detail as a person reads it.

use serde_json::Value;

use super::granted::{AuthorizationDetails, type_of};
use super::kind::{LOCATIONS, TYPE};
use crate::access::Api;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReadableDetail {
    pub kind: String,
    /// The words of the type.
    pub says: String,
    /// Each value with its place, such as `amount.currency`.
    pub members: Vec<(String, String)>,
}

impl AuthorizationDetails {
    /// All of it: nothing is granted that was not shown.
    pub fn readable(&self, api: &Api) -> Vec<ReadableDetail> {
        let details = self.as_slice().iter();
        let readable = details.map(|detail| {
            let kind = type_of(detail).unwrap_or_default();
            let known = api.details.get(kind);
            let mut members = Vec::new();
            for (name, value) in detail {
                // Both were compared with what the page names anyway.
                if name != TYPE && name != LOCATIONS {
                    spread(name, value, &mut members);
                }
            }
            ReadableDetail {
                kind: kind.to_owned(),
                says: known.map_or(kind, |known| &known.description).to_owned(),
                members,
            }
        });
        readable.collect()
    }
}

fn spread(place: &str, value: &Value, members: &mut Vec<(String, String)>) {
    match value {
        Value::Object(inner) => {
            for (name, value) in inner {
                spread(&format!("{place}.{name}"), value, members);
            }
        }
        Value::Array(items) => {
            for (number, item) in (1..).zip(items) {
                let number: usize = number;
                spread(&format!("{place} {number}"), item, members);
            }
        }
        Value::String(text) => members.push((place.to_owned(), text.clone())),
        Value::Null | Value::Bool(_) | Value::Number(_) => {
            members.push((place.to_owned(), value.to_string()));
        }
    }
}
