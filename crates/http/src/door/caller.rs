//! A person with an access token, whose session stands.

use axum::extract::{FromRequestParts, Request};
use axum::response::{IntoResponse, Response};
use http::request::Parts;
use keywright_domain::session::{CallError, Caller};

use super::{Authority, Door, Required};
use crate::app::App;
use crate::extract::bearer::{Asked, Credentials, refused, session_over};
use crate::problem::Problem;
use crate::reason::Reason;

/// An access token of a standing session of one of the house's own clients, whatever API it is for.
#[derive(Clone, Copy, Debug)]
pub struct AnyCaller;

impl Authority for AnyCaller {
    fn required(&self) -> Required {
        Required::Caller
    }

    async fn admit(&self, app: &App, mut request: Request) -> Result<Request, Response> {
        let caller = caller_of(app, Asked::of(&request)).await;
        let caller = caller.and_then(of_the_house);
        request
            .extensions_mut()
            .insert(caller.map_err(IntoResponse::into_response)?);
        Ok(request)
    }
}

impl FromRequestParts<Door<AnyCaller>> for Caller {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &Door<AnyCaller>) -> Result<Self, Problem> {
        admitted(parts)
    }
}

/// What the authority left in the extensions. It admits nothing without, so its absence is a defect of the server.
pub(super) fn admitted<T: Clone + Send + Sync + 'static>(parts: &mut Parts) -> Result<T, Problem> {
    parts
        .extensions
        .remove()
        .ok_or(Problem::new(Reason::Internal))
}

fn of_the_house(caller: Caller) -> Result<Caller, Problem> {
    match caller.is_of_the_house() {
        true => Ok(caller),
        false => Err(CallError::ForeignClient.into()),
    }
}

/// The caller behind the access token of a request.
pub(super) async fn caller_of(app: &App, asked: Asked<'_>) -> Result<Caller, Problem> {
    let credentials = asked.credentials(&app.issuer().policy())?;
    caller_with(app, &credentials).await
}

/// The caller behind an access token.
pub(super) async fn caller_with(
    app: &App,
    credentials: &Credentials<'_>,
) -> Result<Caller, Problem> {
    let verified = app
        .own_tokens()
        .verify_for_any_api(credentials.token, &credentials.presented())
        .map_err(|refusal| refused(&refusal))?;
    let claims = verified.claims();
    let sid = claims.sid().ok_or(Problem::new(Reason::SessionRequired))?;
    let subject = claims.sub().unwrap_or_default();
    let scope = claims.scope().unwrap_or_default().parse();
    let (Ok(session), Ok(scope)) = (sid.parse(), scope) else {
        // Signed by us and yet not of our making: a key that leaked, or another deployment's data.
        return Err(session_over());
    };
    let caller = app.issuer().caller(subject, session, scope).await?;
    if !caller.is_at(claims.client_id().unwrap_or_default()) {
        return Err(CallError::ForeignClient.into());
    }
    Ok(caller)
}
