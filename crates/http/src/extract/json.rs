//! JSON bodies: one object, its members known and given once.
//!
//! Every body type carries `#[serde(deny_unknown_fields)]`; serde refuses a struct's duplicate members itself, and maps are
//! [`UniqueMap`](super::UniqueMap)s.

use axum::extract::{FromRequest, Request};
use axum::response::{IntoResponse, Response};
use http::HeaderValue;
use http::header::CONTENT_TYPE;
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::{body, field};
use crate::problem::Problem;
use crate::reason::Reason;

const JSON: &str = "application/json";

/// A body, read or to be written.
#[derive(Clone, Debug)]
pub struct Json<T>(pub T);

/// A body that may be left out.
#[derive(Clone, Debug)]
pub struct OptionalJson<T>(pub T);

/// A body that arrives often, and is refused beyond 16 KiB.
#[derive(Clone, Debug)]
pub struct ShortJson<T>(pub T);

const SHORT: usize = 16 * 1024;

/// Reads one object from the whole of `bytes`.
pub fn parse<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Problem> {
    let malformed = |detail: String| Problem::new(Reason::MalformedRequest).with_detail(detail);
    let text = std::str::from_utf8(bytes).map_err(|_| malformed("the body is not UTF-8".into()))?;
    // serde's derived readers take an array for an object, member by member.
    if !text.trim_ascii_start().starts_with('{') {
        return Err(malformed("the body is not a JSON object".into()));
    }
    let mut reader = serde_json::Deserializer::from_str(text);
    let value = serde_path_to_error::deserialize(&mut reader).map_err(|error| {
        let path = error.path().to_string();
        match error.inner().classify() {
            serde_json::error::Category::Data => field::problem(&path, error.inner()),
            // What serde_json says of a number where an enum's name was expected.
            serde_json::error::Category::Syntax if is_json(text) => {
                field::problem(&path, &"expected a string")
            }
            serde_json::error::Category::Io
            | serde_json::error::Category::Syntax
            | serde_json::error::Category::Eof => {
                malformed(format!("the body is not JSON: {}", error.inner()))
            }
        }
    })?;
    reader
        .end()
        .map_err(|error| malformed(format!("the body is not JSON: {error}")))?;
    Ok(value)
}

fn is_json(text: &str) -> bool {
    serde_json::from_str::<serde_json::Value>(text).is_ok()
}

impl<T: DeserializeOwned, S: Sync> FromRequest<S> for Json<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, _: &S) -> Result<Self, Problem> {
        let (parts, body) = request.into_parts();
        let bytes = body::read(&parts.headers, body, JSON).await?;
        parse(&bytes).map(Json)
    }
}

impl<T: DeserializeOwned, S: Sync> FromRequest<S> for ShortJson<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, _: &S) -> Result<Self, Problem> {
        let (parts, body) = request.into_parts();
        let bytes = body::read(&parts.headers, body, JSON).await?;
        if bytes.len() > SHORT {
            return Err(Problem::new(Reason::BodyTooLarge));
        }
        parse(&bytes).map(Self)
    }
}

impl<T: DeserializeOwned + Default, S: Sync> FromRequest<S> for OptionalJson<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, _: &S) -> Result<Self, Problem> {
        let is_json = body::is(request.headers(), JSON);
        let bytes = body::collect(request.into_body()).await?;
        if bytes.is_empty() {
            return Ok(Self(T::default()));
        }
        if !is_json {
            return Err(Problem::new(Reason::UnsupportedMediaType));
        }
        parse(&bytes).map(Self)
    }
}

impl<T: Serialize> IntoResponse for Json<T> {
    fn into_response(self) -> Response {
        // Room for tokens, the commonest answer, which would outgrow smaller room three times.
        let mut bytes = Vec::with_capacity(1024);
        match serde_json::to_writer(&mut bytes, &self.0) {
            Ok(()) => {
                let json = HeaderValue::from_static(JSON);
                ([(CONTENT_TYPE, json)], bytes).into_response()
            }
            Err(error) => {
                tracing::error!(target: "http.response.unwritable", %error);
                Problem::new(Reason::Internal).into_response()
            }
        }
    }
}

#[cfg(test)]
mod tests;
