//! The one variable segment that a path may have.

use std::fmt::Display;
use std::str::FromStr;

use axum::extract::{FromRequestParts, RawPathParams};
use http::request::Parts;

use crate::problem::Problem;
use crate::reason::Reason;

/// The segment, percent-decoded and parsed.
pub struct PathParam<T>(pub T);

impl<T: FromStr<Err: Display>, S: Send + Sync> FromRequestParts<S> for PathParam<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let params = RawPathParams::from_request_parts(parts, state)
            .await
            .map_err(|_| {
                Problem::new(Reason::MalformedRequest).with_detail("the path is not UTF-8")
            })?;
        let (name, value) = params.iter().next().ok_or(Problem::new(Reason::NotFound))?;
        let parsed = value.parse();
        parsed
            .map(Self)
            .map_err(|error| Problem::field(name, error))
    }
}
