//! Somebody on the way out. Logging out must work with what is left: the access token dies every few minutes.

use std::convert::Infallible;

use axum::extract::{FromRequestParts, Request};
use axum::response::Response;
use http::request::Parts;
use keywright_domain::session::Caller;

use super::caller::{admitted, caller_of};
use super::{Authority, Door, Required};
use crate::app::App;
use crate::extract::bearer::Asked;
use crate::problem::Problem;

/// A caller, or a refresh token in the body.
#[derive(Clone, Copy, Debug)]
pub struct Leaving;

/// The caller, or why there is none; then a refresh token has to speak for itself.
#[derive(Clone)]
pub struct Leaver(pub Result<Caller, Problem>);

impl Authority for Leaving {
    fn required(&self) -> Required {
        Required::CallerOrRefreshToken
    }

    async fn admit(&self, app: &App, mut request: Request) -> Result<Request, Response> {
        let caller = caller_of(app, Asked::of(&request)).await;
        request.extensions_mut().insert(Leaver(caller));
        Ok(request)
    }
}

impl FromRequestParts<Door<Leaving>> for Leaver {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &Door<Leaving>) -> Result<Self, Infallible> {
        Ok(admitted(parts).unwrap_or_else(|problem| Leaver(Err(problem))))
    }
}
