//! A verifier that follows the feed and reports to it: a confidential client, by HTTP Basic or by an access token of its own. A GET has no
//! form for an assertion, and a certificate alone does not say whose it is, so clients with other proofs get a token by them.

use axum::extract::{FromRequestParts, Request};
use axum::response::{IntoResponse, Response};
use http::HeaderMap;
use http::request::Parts;
use keywright_domain::Time;
use keywright_domain::audit::Origin;
use keywright_domain::client::ClientRefused;
use keywright_domain::feed::{FOLLOW, Follower};

use super::administrator::{not_admitted, verified_for_issuer};
use super::caller::admitted;
use super::{Authority, Door, Required};
use crate::app::App;
use crate::extract::bearer::{Asked, Credentials, REALM, session_over};
use crate::extract::form::Form;
use crate::extract::origin::origin_of;
use crate::oauth::presented_client;
use crate::observe;
use crate::problem::Problem;
use crate::reason::Reason;

/// Client credentials by Basic (RFC 7617) of a client with the grant `feed`, or an access token of a client for the issuer's own API with the
/// scope [`FOLLOW`].
#[derive(Clone, Copy, Debug)]
pub struct AnyFollower;

impl Authority for AnyFollower {
    fn required(&self) -> Required {
        Required::Follower
    }

    async fn admit(&self, app: &App, mut request: Request) -> Result<Request, Response> {
        let asked = Asked::of(&request);
        let follower = match asked.credentials(&app.issuer().policy()) {
            Ok(credentials) => by_token(app, &credentials).await,
            Err(problem) if problem.reason() == Reason::TokenRequired => {
                let origin = origin_of(request.headers(), request.extensions());
                by_secret(app, request.headers(), &origin).await
            }
            Err(problem) => Err(problem),
        };
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

async fn by_token(app: &App, credentials: &Credentials<'_>) -> Result<Follower, Problem> {
    let (bearer, verified) = verified_for_issuer(app, credentials, FOLLOW)?;
    let expires = Time::from_secs(verified.exp().ok_or_else(session_over)?);
    let follower = app.issuer().follower_of_token(bearer, expires).await;
    follower.map_err(|error| not_admitted(error, FOLLOW))
}

async fn by_secret(app: &App, headers: &HeaderMap, origin: &Origin) -> Result<Follower, Problem> {
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

/// Either way in is offered (RFC 9110 §11.6.1).
fn refused(reason: Reason) -> Problem {
    Problem::new(reason).with_challenge(format_args!(
        "Basic realm=\"{REALM}\", charset=\"UTF-8\", Bearer realm=\"{REALM}\", scope=\"{FOLLOW}\""
    ))
}
