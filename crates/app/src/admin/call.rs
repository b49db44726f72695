//! A request, named as its row in the route table is named: method, path and the scope that it needs are written there, once.

use anyhow::{Context as _, Result, bail};
use axum::http::Method;
use keywright_http::{Required, Route};
use serde_json::Value;

/// One call of the admin API.
#[derive(Clone, Debug)]
pub struct Call {
    operation: &'static str,
    place: Option<String>,
    query: Vec<(&'static str, String)>,
    body: Option<Value>,
}

/// The same, as it travels.
pub struct Request {
    pub method: Method,
    /// Path and query.
    pub target: String,
    pub body: Option<String>,
    /// What a token must carry to be let through.
    pub scope: &'static str,
}

impl Call {
    /// By its operation id in the reference, such as `disable_user`.
    pub const fn to(operation: &'static str) -> Self {
        Self {
            operation,
            place: None,
            query: Vec::new(),
            body: None,
        }
    }

    /// What stands in the path's one variable segment.
    #[must_use]
    pub fn at(mut self, place: impl ToString) -> Self {
        self.place = Some(place.to_string());
        self
    }

    #[must_use]
    pub fn query(mut self, name: &'static str, value: impl ToString) -> Self {
        self.query.push((name, value.to_string()));
        self
    }

    /// The same, if there is a value.
    #[must_use]
    pub fn maybe(self, name: &'static str, value: Option<impl ToString>) -> Self {
        match value {
            Some(value) => self.query(name, value),
            None => self,
        }
    }

    #[must_use]
    pub fn json(mut self, body: Value) -> Self {
        self.body = Some(body);
        self
    }

    pub(super) fn request(&self, rows: &[Route]) -> Result<Request> {
        let row = rows.iter().find(|row| row.name == self.operation);
        let row = row.with_context(|| format!("there is no operation {}", self.operation))?;
        let Required::Scope(scope) = row.required else {
            bail!("{} is no operation of administrators", self.operation);
        };
        Ok(Request {
            method: row.method.clone(),
            target: self.target(row.path),
            body: self.body.as_ref().map(Value::to_string),
            scope,
        })
    }

    fn target(&self, template: &str) -> String {
        let segments = template.split('/').map(|segment| match &self.place {
            Some(place) if segment.starts_with('{') => escaped(place),
            Some(_) | None => segment.to_owned(),
        });
        let mut target = segments.collect::<Vec<_>>().join("/");
        if !self.query.is_empty() {
            target.push('?');
            target.push_str(&form(&self.query));
        }
        target
    }
}

/// `name=value&…`, as queries and forms are written.
pub fn form(pairs: &[(&str, impl AsRef<str>)]) -> String {
    let pairs = pairs
        .iter()
        .map(|(name, value)| format!("{name}={}", escaped(value.as_ref())));
    pairs.collect::<Vec<_>>().join("&")
}

/// Percent-encoded but for the characters that never need it (RFC 3986 §2.3).
pub fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use keywright_http::routes;
    use serde_json::json;

    use super::*;

    #[test]
    fn a_call_becomes_what_its_row_says() {
        let call = Call::to("put_api")
            .at("https://a.example/ü")
            .json(json!({}));
        let request = call.request(&routes()).unwrap();
        assert_eq!(request.method, Method::PUT);
        assert_eq!(
            request.target,
            "/admin/v1/apis/https%3A%2F%2Fa.example%2F%C3%BC"
        );
        assert_eq!(
            (request.scope, request.body.as_deref()),
            ("apis:write", Some("{}"))
        );
    }

    #[test]
    fn a_query_is_escaped_and_absent_parameters_stay_away() {
        let call = Call::to("list_users")
            .query("limit", 7)
            .maybe("after", Some("a&b=c"));
        let call = call.maybe("more", None::<&str>);
        let request = call.request(&routes()).unwrap();
        assert_eq!(request.target, "/admin/v1/users?limit=7&after=a%26b%3Dc");
    }

    #[test]
    fn only_administration_is_called() {
        for operation in ["log_in", "no_such_operation"] {
            assert!(
                Call::to(operation).request(&routes()).is_err(),
                "{operation}"
            );
        }
    }
}
