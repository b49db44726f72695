//! A person with an access token, whose session stands.

use axum::extract::{FromRequestParts, Request};
use axum::response::{IntoResponse, Response};
use http::request::Parts;
use keywright_domain::session::Caller;

use super::{Authority, Door, Required};
use crate::app::App;
use crate::extract::bearer::{Asked, refused, session_over};
use crate::problem::Problem;
use crate::reason::Reason;

/// An access token of a standing session, whatever API it is for.
#[derive(Clone, Copy, Debug)]
pub struct AnyCaller;

impl Authority for AnyCaller {
    fn required(&self) -> Required {
        Required::Caller
    }

    async fn admit(&self, app: &App, mut request: Request) -> Result<Request, Response> {
        let caller = caller_of(app, Asked::of(&request)).await;
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

/// The caller behind the access token of a request.
pub(super) async fn caller_of(app: &App, asked: Asked<'_>) -> Result<Caller, Problem> {
    let credentials = asked.credentials(&app.issuer().policy().issuer)?;
    let verified = app
        .own_tokens()
        .verify_for_any_api(credentials.token, &credentials.presented())
        .map_err(|refusal| refused(&refusal))?;
    let claims = verified.claims();
    let sid = claims.sid().ok_or(Problem::new(Reason::SessionRequired))?;
    let (subject, session) = (claims.sub().unwrap_or_default().parse(), sid.parse());
    let scope = claims.scope().unwrap_or_default().parse();
    let (Ok(subject), Ok(session), Ok(scope)) = (subject, session, scope) else {
        // Signed by us and yet not of our making: a key that leaked, or another deployment's data.
        return Err(session_over());
    };
    Ok(app.issuer().caller(subject, session, scope).await?)
}
