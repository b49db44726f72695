//! What came back.

use std::collections::BTreeMap;
use std::fmt;

use bytes::Bytes;
use http::{HeaderMap, StatusCode};
use serde_json::Value;

/// A response, read to its end.
#[derive(Clone, Debug)]
pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: Bytes,
}

/// Headers that a client acts upon; the others are asserted by the tests that are about them.
const SHOWN: [&str; 5] = [
    "www-authenticate",
    "retry-after",
    "location",
    "allow",
    "etag",
];

impl Answer {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .get(name)
            .map(|value| value.to_str().expect("a header in ASCII"))
    }

    pub fn text(&self) -> &str {
        std::str::from_utf8(&self.body).expect("a body in UTF-8")
    }

    #[track_caller]
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|_| panic!("no JSON: {self:?}"))
    }

    /// The text at a JSON pointer.
    #[track_caller]
    pub fn str(&self, pointer: &str) -> String {
        let json = self.json();
        let found = json.pointer(pointer).and_then(Value::as_str);
        found
            .unwrap_or_else(|| panic!("no text at {pointer}: {self}"))
            .to_owned()
    }

    /// Asserts the status and goes on.
    #[track_caller]
    pub fn is(self, status: u16) -> Self {
        assert_eq!(self.status.as_u16(), status, "{self}");
        self
    }

    /// Asserts a problem document of this status and code (RFC 9457).
    #[track_caller]
    pub fn is_problem(self, status: u16, code: &str) -> Self {
        let answer = self.is(status);
        assert_eq!(
            answer.header("content-type"),
            Some("application/problem+json"),
            "{answer}"
        );
        assert_eq!(answer.json()["status"], status, "{answer}");
        assert_eq!(answer.str("/code"), code, "{answer}");
        answer
    }

    /// The fields that a problem document blames.
    #[track_caller]
    pub fn blamed(&self) -> Vec<String> {
        let json = self.json();
        let errors = json["errors"].as_array().cloned().unwrap_or_default();
        errors
            .iter()
            .filter_map(|error| error["field"].as_str().map(str::to_owned))
            .collect()
    }

    /// All that an outsider can compare: everything but what is new in each answer.
    pub fn comparable(&self) -> String {
        let mut headers: Vec<String> = self
            .headers
            .iter()
            .filter(|(name, _)| !matches!(name.as_str(), "x-request-id" | "date"))
            .map(|(name, value)| format!("{name}: {}", value.to_str().unwrap()))
            .collect();
        headers.sort();
        format!("{}\n{}\n\n{}", self.status, headers.join("\n"), self.text())
    }
}

/// Status, telling headers and body, with everything that differs between runs named by its kind.
impl fmt::Display for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.status)?;
        for name in SHOWN {
            if let Some(value) = self.header(name) {
                write!(f, "\n{name}: {value}")?;
            }
        }
        match serde_json::from_slice::<Value>(&self.body) {
            Ok(mut json) => {
                // Whatever order of members the features of this build keep.
                json.sort_all_objects();
                write!(f, "\n{:#}", named(json))
            }
            Err(_) if self.body.is_empty() => Ok(()),
            Err(_) => write!(f, "\n{}", String::from_utf8_lossy(&self.body)),
        }
    }
}

fn named(value: Value) -> Value {
    match value {
        Value::String(text) => Value::String(kind_of(&text).map_or(text, str::to_owned)),
        Value::Array(items) => items.into_iter().map(named).collect(),
        Value::Object(members) => {
            // Whether a JSON library keeps the order of members is decided by whoever else uses it.
            let members: BTreeMap<_, _> = members.into_iter().collect();
            let members = members.into_iter();
            members.map(|(name, value)| (name, named(value))).collect()
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => value,
    }
}

fn kind_of(text: &str) -> Option<&'static str> {
    let is_uuid = text.len() == 36 && text.split('-').map(str::len).eq([8, 4, 4, 4, 12]);
    match text {
        _ if text.starts_with("eyJ") && text.split('.').count() == 3 => Some("[access token]"),
        _ if text.starts_with("kwr_") => Some("[refresh token]"),
        _ if text.starts_with("kwl_") => Some("[link token]"),
        _ if text.starts_with("kws_") => Some("[client secret]"),
        _ if is_uuid => Some("[id]"),
        _ => None,
    }
}
