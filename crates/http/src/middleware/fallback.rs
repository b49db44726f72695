//! What no route answers.

use axum::response::{IntoResponse, Response};
use http::{Method, StatusCode};

use crate::{Problem, Reason};

pub(super) async fn not_found() -> Problem {
    Problem::new(Reason::NotFound)
}

/// The router adds `Allow` (RFC 9110 §15.5.6). `OPTIONS` asks for nothing else (§9.3.7).
pub(super) async fn method_not_allowed(method: Method) -> Response {
    if method == Method::OPTIONS {
        StatusCode::NO_CONTENT.into_response()
    } else {
        Problem::new(Reason::MethodNotAllowed).into_response()
    }
}
