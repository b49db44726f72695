//! A layer for any tower service that takes [`http::Request`]s.
//!
//! [`VerifyLayer`] lets a request pass only with a valid token, and leaves the [`crate::Verified`] token in its
//! extensions. [`RequireLayer`] behind it asks for a scope or a role. Both answer refusals themselves, with the challenge of
//! RFC 6750 and an empty body.

mod require;
mod verify;

pub use require::{Require, RequireLayer, require_role, require_scope};
pub use verify::{Verify, VerifyLayer};

use http::header::{CACHE_CONTROL, HeaderValue, WWW_AUTHENTICATE};
use http::{Response, StatusCode};

use crate::Challenge;

/// A refusal as a response. Not to be stored: the same request may succeed with the next token.
fn refuse<B: Default>(status: u16, challenge: &Challenge) -> Response<B> {
    let mut response = Response::new(B::default());
    *response.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::UNAUTHORIZED);
    let headers = response.headers_mut();
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    // A challenge is printable ASCII by construction.
    if let Ok(value) = HeaderValue::from_str(&challenge.to_string()) {
        headers.insert(WWW_AUTHENTICATE, value);
    }
    response
}
