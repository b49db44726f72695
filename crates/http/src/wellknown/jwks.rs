//! The key set, as it is on the wire until it changes.

use std::convert::Infallible;

use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use http::header::{CACHE_CONTROL, CONTENT_TYPE, ETAG};
use http::{HeaderMap, HeaderValue, StatusCode};
use keywright_domain::keys::Jwks;
use serde::Serialize;
use utoipa::ToSchema;

use crate::app::App;
use crate::etag;

/// For how long a cache may go on serving the last answer when this server cannot be reached (RFC 5861 §4), in seconds.
/// A day: an outage must not stop every verifier, and keys outlive it.
const STALE_IF_ERROR: i64 = 86_400;

/// A JWK Set (RFC 7517 §5), for the reference.
#[derive(Serialize, ToSchema)]
#[schema(as = JwkSet)]
pub struct KeySet {
    keys: Vec<serde_json::Value>,
}

/// The answer, prepared.
pub(super) struct ServedJwks {
    body: Bytes,
    etag: HeaderValue,
    cache_control: HeaderValue,
}

impl ServedJwks {
    fn of(jwks: &Jwks) -> Self {
        let max_age = jwks.max_age.as_secs();
        let cache_control = format!("public, max-age={max_age}, stale-if-error={STALE_IF_ERROR}");
        let value = |text: &str| {
            HeaderValue::from_str(text).unwrap_or(const { HeaderValue::from_static("no-cache") })
        };
        Self {
            body: Bytes::copy_from_slice(jwks.body.as_bytes()),
            etag: value(&jwks.etag),
            cache_control: value(&cache_control),
        }
    }
}

pub async fn serve_jwks(app: App, headers: HeaderMap) -> Response {
    let Ok(served) = app.published().jwks.of(app.issuer().jwks(), |jwks| {
        Ok::<_, Infallible>(ServedJwks::of(jwks))
    });
    let cached = [
        (ETAG, served.etag.clone()),
        (CACHE_CONTROL, served.cache_control.clone()),
    ];
    let own = served.etag.to_str().unwrap_or_default();
    if etag::is_known(own, &headers) {
        return (StatusCode::NOT_MODIFIED, cached).into_response();
    }
    let json = HeaderValue::from_static("application/json");
    (cached, [(CONTENT_TYPE, json)], served.body.clone()).into_response()
}

#[cfg(test)]
mod tests {
    use keywright_domain::Period;

    use super::*;

    #[test]
    fn caches_keep_it_for_the_age_that_the_schedule_counts_on() {
        let served = ServedJwks::of(&Jwks::of(&[], Period::minutes(5)));
        assert_eq!(
            served.cache_control,
            "public, max-age=300, stale-if-error=86400"
        );
    }
}
