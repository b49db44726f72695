//! Errors on the wire, except at the OAuth endpoints: `application/problem+json` (RFC 9457).

use std::borrow::Cow;

use axum::response::{IntoResponse, Response};
use http::header::{CONTENT_TYPE, RETRY_AFTER, WWW_AUTHENTICATE};
use http::{HeaderMap, HeaderValue};
use keywright_domain::Period;
use serde::Serialize;
use utoipa::ToSchema;

use crate::reason::Reason;

/// What a refused request answers. Nothing in it comes from inside: the reason is constant, and details speak of what the
/// caller sent.
#[derive(Clone, Debug)]
pub struct Problem {
    reason: Reason,
    detail: Option<Cow<'static, str>>,
    errors: Vec<FieldError>,
    retry_after: Option<Period>,
    challenge: Option<String>,
}

/// One member of the request that is not acceptable.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct FieldError {
    /// Where it is, such as `email` or `grants[0]`.
    pub field: String,
    pub message: String,
}

/// The document.
#[derive(Serialize, ToSchema)]
#[schema(as = Problem)]
pub(crate) struct ProblemBody<'a> {
    /// A URN that ends in the code.
    r#type: String,
    title: &'static str,
    status: u16,
    /// Stable; programs compare this.
    code: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    detail: Option<&'a str>,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    errors: &'a [FieldError],
}

impl Problem {
    pub const fn new(reason: Reason) -> Self {
        Self {
            reason,
            detail: None,
            errors: Vec::new(),
            retry_after: None,
            challenge: None,
        }
    }

    /// A member of the request is not acceptable.
    pub fn field(field: impl Into<String>, message: impl ToString) -> Self {
        Self::new(Reason::InvalidField).with_field(field, message)
    }

    /// Says more about this occurrence, in terms of what the caller sent.
    #[must_use]
    pub fn with_detail(mut self, detail: impl Into<Cow<'static, str>>) -> Self {
        self.detail = Some(detail.into());
        self
    }

    #[must_use]
    pub fn with_field(mut self, field: impl Into<String>, message: impl ToString) -> Self {
        self.errors.push(FieldError {
            field: field.into(),
            message: message.to_string(),
        });
        self
    }

    #[must_use]
    pub const fn with_retry_after(mut self, period: Period) -> Self {
        self.retry_after = Some(period);
        self
    }

    /// The `WWW-Authenticate` value of a 401 or 403 (RFC 6750 §3).
    #[must_use]
    pub fn with_challenge(mut self, challenge: impl ToString) -> Self {
        self.challenge = Some(challenge.to_string());
        self
    }

    pub const fn reason(&self) -> Reason {
        self.reason
    }

    /// What the reason alone does not say.
    pub fn detail(&self) -> Option<&str> {
        self.detail.as_deref()
    }

    /// The members at fault.
    pub fn errors(&self) -> &[FieldError] {
        &self.errors
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let problem = self.clone();
        let body = ProblemBody {
            r#type: format!("urn:keywright:problem:{}", self.reason.code()),
            title: self.reason.says(),
            status: self.reason.status().as_u16(),
            code: self.reason.code(),
            detail: self.detail.as_deref(),
            errors: &self.errors,
        };
        // Strings and numbers always serialise; an empty body would still carry the status.
        let json = serde_json::to_vec(&body).unwrap_or_default();
        let mut headers = HeaderMap::with_capacity(3);
        headers.insert(
            CONTENT_TYPE,
            HeaderValue::from_static("application/problem+json"),
        );
        if let Some(period) = self.retry_after {
            headers.insert(RETRY_AFTER, retry_after(period));
        }
        if let Some(value) = self
            .challenge
            .and_then(|text| HeaderValue::try_from(text).ok())
        {
            headers.insert(WWW_AUTHENTICATE, value);
        }
        let mut response = (self.reason.status(), headers, json).into_response();
        // At a page, the row makes a page of it (`web/error.rs`).
        response.extensions_mut().insert(problem);
        response
    }
}

/// Whole seconds, rounded up: who comes back a moment early is refused again.
pub(crate) fn retry_after(period: Period) -> HeaderValue {
    HeaderValue::from(period.as_millis().saturating_add(999) / 1000)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_problem_names_the_field_and_when_to_come_back() {
        let problem = Problem::field("email", "not an address")
            .with_retry_after(Period::millis(1500))
            .with_challenge("Bearer");
        let response = problem.into_response();
        assert_eq!(response.status(), 400);
        assert_eq!(response.headers()[CONTENT_TYPE], "application/problem+json");
        assert_eq!(response.headers()[RETRY_AFTER], "2");
        assert_eq!(response.headers()[WWW_AUTHENTICATE], "Bearer");
    }
}
