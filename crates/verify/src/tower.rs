//! A layer for any tower service that takes [`http::Request`]s.
//!
//! [`VerifyLayer`] lets a request pass only with a valid token (and, made with [`VerifyLayer::bound`], only from whoever
//! holds the key that the token is bound to), and leaves the [`crate::Verified`] token in its
//! extensions. [`RequireLayer`] behind it asks for a scope or a role. Both answer refusals themselves, with the challenge of
//! RFC 6750 and an empty body.

mod guard;
mod metadata;
mod require;
mod verify;

pub use metadata::{MetadataService, ResourceMetadata};
pub use require::{Require, RequireLayer, require_role, require_scope};
pub use verify::{Verify, VerifyLayer};

use std::sync::Arc;

use http::header::{CACHE_CONTROL, HeaderValue, WWW_AUTHENTICATE};
use http::{Response, StatusCode};

use crate::Challenge;

/// The certificate in DER that the client of this connection has shown. Whoever ends TLS puts it into the request's
/// extensions; a header that a client could write as well is no place for it.
#[derive(Clone, Debug)]
pub struct ClientCertificate(pub Arc<[u8]>);

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
