//! One list, as it was signed: nothing is copied for a request.

use std::sync::Arc;

use axum::body::Body;
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use http::header::{CACHE_CONTROL, CONTENT_TYPE, ETAG};
use http::{HeaderMap, StatusCode};
use keywright_domain::status::StatusListToken;
use utoipa::ToSchema;

use crate::app::App;
use crate::etag;
use crate::extract::PathParam;
use crate::problem::Problem;
use crate::reason::Reason;

/// A status list token (§5.1): a compact JWS.
#[derive(ToSchema)]
#[schema(as = StatusListToken, value_type = String)]
pub struct StatusListJwt(#[expect(dead_code, reason = "describes the answer")] String);

struct Shared(Arc<StatusListToken>);

impl AsRef<[u8]> for Shared {
    fn as_ref(&self) -> &[u8] {
        self.0.token.as_bytes()
    }
}

pub async fn serve_status_list(
    app: App,
    headers: HeaderMap,
    PathParam(name): PathParam<String>,
) -> Result<Response, Problem> {
    let list = number(&name).and_then(|number| app.issuer().status_list(number));
    let list = list.ok_or(Problem::new(Reason::NotFound))?;
    let cached = [
        (ETAG, list.etag.clone()),
        (
            CACHE_CONTROL,
            format!("public, max-age={}", list.ttl.as_secs()),
        ),
    ];
    if etag::is_known(&list.etag, &headers) {
        return Ok((StatusCode::NOT_MODIFIED, cached).into_response());
    }
    let body = Body::from(Bytes::from_owner(Shared(list)));
    let jwt = [(CONTENT_TYPE, "application/statuslist+jwt")];
    Ok((cached, jwt, body).into_response())
}

/// One spelling only: the `sub` of the token is the address, byte for byte.
fn number(name: &str) -> Option<u32> {
    let number: u32 = name.parse().ok()?;
    (number.to_string() == name).then_some(number)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_has_one_name() {
        assert_eq!(number("7"), Some(7));
        for other in ["07", "+7", "", " 7", "7.", "-1", "4294967296"] {
            assert_eq!(number(other), None, "{other}");
        }
    }
}
