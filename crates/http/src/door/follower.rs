//! A verifier that follows the feed and reports to it: a confidential client with the grant `feed`, by HTTP Basic.

use axum::extract::{FromRequestParts, Request};
use axum::response::{IntoResponse, Response};
use http::HeaderMap;
use http::request::Parts;
use keywright_domain::audit::Origin;
use keywright_domain::client::ClientRefused;
use keywright_domain::feed::Follower;

use super::caller::admitted;
use super::{Authority, Door, Required};
use crate::app::App;
use crate::extract::form::Form;
use crate::extract::origin::origin_of;
use crate::oauth::presented_client;
use crate::observe;
use crate::problem::Problem;
use crate::reason::Reason;

/// Client credentials by Basic (RFC 7617), of a client with the grant `feed`.
#[derive(Clone, Copy, Debug)]
pub struct AnyFollower;

impl Authority for AnyFollower {
    fn required(&self) -> Required {
        Required::Follower
    }

    async fn admit(&self, app: &App, mut request: Request) -> Result<Request, Response> {
        let origin = origin_of(request.headers(), request.extensions());
        let follower = follower_of(app, request.headers(), &origin).await;
        request
            .extensions_mut()
            .insert(follower.map_err(IntoResponse::into_response)?);
        Ok(request)
    }
}

impl FromRequestParts<Door<AnyFollower>> for Follower {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &Door<AnyFollower>) -> Result<Self, Problem> {
        admitted(parts)
    }
}

async fn follower_of(app: &App, headers: &HeaderMap, origin: &Origin) -> Result<Follower, Problem> {
    let presented = presented_client(headers, &Form::default());
    let presented = presented.map_err(|_| refused(Reason::FollowerUnproved))?;
    let follower = app.issuer().authenticate_follower(&presented, origin).await;
    observe::follower(app.metrics(), &follower);
    follower.map_err(|error| match error {
        ClientRefused::Unknown
        | ClientRefused::WrongSecret
        | ClientRefused::WrongMethod(_)
        | ClientRefused::Assertion(_)
        | ClientRefused::Certificate(_)
        | ClientRefused::CertificateMissing
        | ClientRefused::KeyNotProved
        | ClientRefused::ProofAlgorithm(_) => refused(Reason::FollowerUnproved),
        ClientRefused::GrantNotAllowed => Problem::new(Reason::GrantNotAllowed),
        ClientRefused::Limited(limited) => limited.into(),
        ClientRefused::Unavailable(error) => error.into(),
    })
}

fn refused(reason: Reason) -> Problem {
    Problem::new(reason).with_challenge("Basic realm=\"keywright\", charset=\"UTF-8\"")
}
