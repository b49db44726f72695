//! Reading a body up to its limit, of the one content type that the resource takes.

use std::error::Error;

use axum::body::Body;
use bytes::Bytes;
use http::HeaderMap;
use http::header::CONTENT_TYPE;
use http_body_util::{BodyExt, LengthLimitError, Limited};

use crate::problem::Problem;
use crate::reason::Reason;

/// Nothing that is sent here is longer: the largest is a role with all its grants.
pub const LIMIT: usize = 64 * 1024;

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BodyRefused {
    #[error("the content type is missing, or another than this resource takes")]
    ContentType,
    #[error("the body is longer than {LIMIT} bytes")]
    TooLarge,
    #[error("the body broke off")]
    Incomplete,
}

/// `application/json` in any case, with no parameter but `charset=utf-8`.
pub fn is(headers: &HeaderMap, media_type: &str) -> bool {
    let mut values = headers.get_all(CONTENT_TYPE).iter();
    let (Some(value), None) = (values.next(), values.next()) else {
        return false;
    };
    let mut parts = value.to_str().unwrap_or_default().split(';').map(str::trim);
    parts
        .next()
        .is_some_and(|own| own.eq_ignore_ascii_case(media_type))
        && parts.all(|parameter| {
            parameter.eq_ignore_ascii_case("charset=utf-8")
                || parameter.eq_ignore_ascii_case("charset=\"utf-8\"")
        })
}

pub async fn read(headers: &HeaderMap, body: Body, media_type: &str) -> Result<Bytes, BodyRefused> {
    if !is(headers, media_type) {
        return Err(BodyRefused::ContentType);
    }
    collect(body).await
}

pub async fn collect(body: Body) -> Result<Bytes, BodyRefused> {
    let body = Limited::new(body, LIMIT).collect().await;
    body.map(|body| body.to_bytes()).map_err(|error| {
        if is_too_long(&*error) {
            BodyRefused::TooLarge
        } else {
            BodyRefused::Incomplete
        }
    })
}

/// The limit that struck may be this one or one further out, which comes wrapped.
fn is_too_long(error: &(dyn Error + 'static)) -> bool {
    error.is::<LengthLimitError>() || error.source().is_some_and(is_too_long)
}

impl From<BodyRefused> for Problem {
    fn from(refused: BodyRefused) -> Self {
        let reason = match refused {
            BodyRefused::ContentType => Reason::UnsupportedMediaType,
            BodyRefused::TooLarge => Reason::BodyTooLarge,
            BodyRefused::Incomplete => Reason::MalformedRequest,
        };
        Problem::new(reason).with_detail(refused.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn whichever_limit_strikes_the_body_is_too_large() {
        let outer = Body::new(Limited::new(Body::from(vec![0; 100]), 10));
        let long = Body::from(vec![0; LIMIT + 1]);
        for body in [outer, long] {
            let read = collect(body).await;
            assert_eq!(read, Err(BodyRefused::TooLarge));
        }
        let fits = collect(Body::from(vec![0; LIMIT])).await;
        assert_eq!(fits.map(|bytes| bytes.len()), Ok(LIMIT));
    }

    #[test]
    fn the_content_type_is_compared_as_a_media_type() {
        let is_json = |values: &[&'static str]| {
            let mut headers = HeaderMap::new();
            for value in values {
                headers.append(CONTENT_TYPE, value.parse().unwrap());
            }
            is(&headers, "application/json")
        };
        assert!(is_json(&["application/json"]));
        assert!(is_json(&["Application/JSON; charset=UTF-8"]));
        for refused in [
            &[][..],
            &["text/plain"],
            &["application/jsonp"],
            &["application/json; charset=latin1"],
            &["application/json", "application/json"],
        ] {
            assert!(!is_json(refused), "{refused:?}");
        }
    }
}
