//! Whoever may use the admin API: a person with the scope and a standing session, or an enabled service with the scope.

use axum::extract::{FromRequestParts, Request};
use axum::response::{IntoResponse, Response};
use http::HeaderMap;
use http::request::Parts;
use keywright_domain::audit::Actor;
use keywright_domain::client::ClientId;
use keywright_verify::Verified;

use super::caller::{admitted, standing_caller};
use super::{Authority, Door, Required};
use crate::app::App;
use crate::extract::bearer::{self, refused, session_over};
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
        let administrator = administrator_of(app, request.headers(), self.0).await;
        request
            .extensions_mut()
            .insert(administrator.map_err(IntoResponse::into_response)?);
        Ok(request)
    }
}

impl FromRequestParts<Door<Scope>> for Administrator {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &Door<Scope>) -> Result<Self, Problem> {
        admitted(parts)
    }
}

/// The scope is checked before anything is read: a token without it costs the database nothing.
async fn administrator_of(
    app: &App,
    headers: &HeaderMap,
    scope: &str,
) -> Result<Administrator, Problem> {
    let token = bearer::token(headers)?;
    let verified = app
        .own_tokens()
        .verify_for_issuer(token)
        .and_then(|verified| verified.require_scope(scope).map(|()| verified))
        .map_err(|refusal| refused(&refusal))?;
    let actor = match standing_caller(app, &verified).await? {
        Some(caller) => Actor::User(caller.standing.user.id),
        None => Actor::Client(enabled_client(app, &verified).await?),
    };
    Ok(Administrator(actor))
}

async fn enabled_client(app: &App, verified: &Verified) -> Result<ClientId, Problem> {
    let id = verified.client_id().unwrap_or_default().parse();
    let id: ClientId = id.map_err(|_| session_over())?;
    match app.issuer().client(&id).await {
        Ok(client) if !client.disabled => Ok(id),
        Ok(_) | Err(keywright_domain::client::ClientError::Unknown) => Err(session_over()),
        Err(error) => Err(error.into()),
    }
}
