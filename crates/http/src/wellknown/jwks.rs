//! The key set, as it is on the wire until it changes.

use std::convert::Infallible;

use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use http::header::{CACHE_CONTROL, CONTENT_TYPE, ETAG, IF_NONE_MATCH};
use http::{HeaderMap, HeaderValue, StatusCode};
use keywright_domain::keys::Jwks;
use serde::Serialize;
use utoipa::ToSchema;

use crate::app::App;

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

    /// Weak comparison, as RFC 9110 §13.1.2 asks.
    fn is_known_to(&self, headers: &HeaderMap) -> bool {
        let own = self.etag.to_str().unwrap_or_default();
        headers
            .get_all(IF_NONE_MATCH)
            .iter()
            .filter_map(|value| value.to_str().ok())
            .flat_map(|value| value.split(','))
            .map(str::trim)
            .any(|tag| tag == "*" || tag.strip_prefix("W/").unwrap_or(tag) == own)
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
    if served.is_known_to(&headers) {
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
    fn whoever_has_the_current_set_is_told_so() {
        let served = ServedJwks::of(&Jwks::of(&[], Period::minutes(5)));
        let etag = served.etag.to_str().unwrap().to_owned();
        assert_eq!(
            served.cache_control,
            "public, max-age=300, stale-if-error=86400"
        );
        for (value, known) in [
            (etag.clone(), true),
            (format!("W/{etag}"), true),
            (format!("\"other\", {etag}"), true),
            ("*".to_owned(), true),
            ("\"other\"".to_owned(), false),
            (etag.trim_matches('"').to_owned(), false),
        ] {
            let headers = HeaderMap::from_iter([(IF_NONE_MATCH, value.parse().unwrap())]);
            assert_eq!(served.is_known_to(&headers), known, "{value}");
        }
    }
}
