//! Browser apps that live on other origins (Fetch standard, CORS protocol). Rows that they need are marked in the table.
//!
//! Any origin is let in, and no credentials are: such a row reads no cookie, so a foreign page reaches nothing with it that its own
//! server could not.

use std::collections::BTreeSet;

use axum::Router;
use axum::response::{IntoResponse, Response};
use axum::routing::options;
use http::header::{
    ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_ALLOW_ORIGIN,
    ACCESS_CONTROL_EXPOSE_HEADERS, ACCESS_CONTROL_MAX_AGE,
};
use http::{HeaderName, HeaderValue, StatusCode};

/// Who may read a row's answers in a browser.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CrossOrigin {
    /// Pages of the issuer's own origin.
    Closed,
    Open,
}

const ANY: (HeaderName, HeaderValue) = (ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
/// What clients need of an answer beside its body: why they were refused, and the nonce of the next proof (RFC 9449 §8).
const EXPOSED: (HeaderName, HeaderValue) = (
    ACCESS_CONTROL_EXPOSE_HEADERS,
    HeaderValue::from_static("dpop-nonce, etag, retry-after, www-authenticate"),
);

impl CrossOrigin {
    pub(crate) fn complete(self, mut response: Response) -> Response {
        match self {
            Self::Closed => {}
            Self::Open => response.headers_mut().extend([ANY, EXPOSED]),
        }
        response
    }
}

/// Answers browsers that ask first whether they may ask.
pub(crate) fn with_preflights(router: Router, open: BTreeSet<&'static str>) -> Router {
    open.into_iter().fold(router, |router, path| {
        router.route(path, options(preflight))
    })
}

async fn preflight() -> Response {
    let allowed = [
        ANY,
        (
            ACCESS_CONTROL_ALLOW_METHODS,
            HeaderValue::from_static("GET, POST"),
        ),
        (
            ACCESS_CONTROL_ALLOW_HEADERS,
            HeaderValue::from_static("authorization, content-type, dpop"),
        ),
        // As long as browsers remember it at most.
        (ACCESS_CONTROL_MAX_AGE, HeaderValue::from_static("86400")),
    ];
    (StatusCode::NO_CONTENT, allowed).into_response()
}
