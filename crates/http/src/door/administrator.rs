//! Whoever may use the admin API: a person with the scope and a standing session, or an enabled service with the scope.

use axum::extract::{FromRequestParts, Request};
use axum::response::{IntoResponse, Response};
use http::request::Parts;
use keywright_domain::access::{AdministerError, Bearer};
use keywright_domain::audit::Actor;
use keywright_verify::{Refusal, Verified};

use super::caller::admitted;
use super::{Authority, Door, Required};
use crate::app::App;
use crate::extract::bearer::{Asked, Credentials, refused, session_over};
use crate::problem::Problem;

/// An access token for the issuer's own API with this scope.
#[derive(Clone, Copy, Debug)]
pub struct Scope(pub &'static str);

/// Who acts, for the audit log.
#[derive(Clone, Debug)]
pub struct Administrator(pub Actor);

impl Authority for Scope {
    fn required(&self) -> Required {
        Required::Scope(self.0)
    }

    async fn admit(&self, app: &App, mut request: Request) -> Result<Request, Response> {
        let administrator = administrator_of(app, Asked::of(&request), self.0).await;
        request
            .extensions_mut()
            .insert(administrator.map_err(IntoResponse::into_response)?);
        Ok(request)
    }

    fn admit_operator(&self, mut request: Request) -> Option<Request> {
        request
            .extensions_mut()
            .insert(Administrator(Actor::Operator));
        Some(request)
    }
}

impl FromRequestParts<Door<Scope>> for Administrator {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &Door<Scope>) -> Result<Self, Problem> {
        admitted(parts)
    }
}

/// The token's own scope is checked before anything is read: a token without it costs the database nothing.
async fn administrator_of(
    app: &App,
    asked: Asked<'_>,
    scope: &'static str,
) -> Result<Administrator, Problem> {
    let credentials = asked.credentials(&app.issuer().policy())?;
    let (bearer, _) = verified_for_issuer(app, &credentials, scope)?;
    let actor = app.issuer().administrator(bearer, scope).await;
    actor
        .map(Administrator)
        .map_err(|error| not_admitted(error, scope))
}

/// Whom an access token for the issuer's own API with this scope speaks for.
pub(super) fn verified_for_issuer(
    app: &App,
    credentials: &Credentials<'_>,
    scope: &str,
) -> Result<(Bearer, Verified), Problem> {
    let verified = app
        .own_tokens()
        .verify_for_issuer(credentials.token, &credentials.presented())
        .and_then(|verified| verified.require_scope(scope).map(|()| verified))
        .map_err(|refusal| refused(&refusal))?;
    let bearer = bearer_of(&verified).ok_or_else(session_over)?;
    Ok((bearer, verified))
}

pub(super) fn not_admitted(error: AdministerError, scope: &str) -> Problem {
    match error {
        AdministerError::NotGranted => refused(&Refusal::InsufficientScope {
            required: scope.to_owned(),
        }),
        AdministerError::SessionOver => session_over(),
        AdministerError::ClientRefused => refused(&Refusal::Revoked),
        AdministerError::Unavailable(error) => error.into(),
    }
}

/// `None` for a token that we signed and did not make: a key that leaked, or another deployment's data.
fn bearer_of(verified: &Verified) -> Option<Bearer> {
    let claims = verified.claims();
    Some(match claims.sid() {
        Some(sid) => Bearer::Person {
            subject: claims.sub()?.to_owned(),
            session: sid.parse().ok()?,
        },
        None => Bearer::Service(claims.client_id()?.parse().ok()?),
    })
}
