//! Clients that speak for themselves: whoever registers one, and the client that manages its own registration.

use axum::extract::{FromRequestParts, Request};
use axum::response::{IntoResponse, Response};
use http::request::Parts;
use keywright_domain::client::{Client, ClientId};
use keywright_domain::secret::PlainSecret;

use super::caller::admitted;
use super::{Authority, Door, Required};
use crate::app::App;
use crate::extract::origin::origin_of;
use crate::extract::{PathParam, bearer};
use crate::oauth::{OAuthError, OAuthReason};
use crate::problem::Problem;

/// Whether the token is demanded, and counts, is decided by the use case: the operator may open or close this at any time.
#[derive(Clone, Copy, Debug)]
pub struct AnyRegistrant;

/// The initial access token, if one came.
#[derive(Clone, Debug)]
pub struct InitialToken(pub Option<PlainSecret>);

#[derive(Clone, Copy, Debug)]
pub struct ManagingClient;

/// The client that the path names, and its registration access token.
#[derive(Clone, Debug)]
pub struct Managed {
    pub client: Client,
    pub token: PlainSecret,
}

impl Authority for AnyRegistrant {
    fn required(&self) -> Required {
        Required::Registrant
    }

    async fn admit(&self, _: &App, mut request: Request) -> Result<Request, Response> {
        let token = bearer::bearer(request.headers()).ok().map(PlainSecret::new);
        request.extensions_mut().insert(InitialToken(token));
        Ok(request)
    }
}

impl FromRequestParts<Door<AnyRegistrant>> for InitialToken {
    type Rejection = Problem;

    async fn from_request_parts(
        parts: &mut Parts,
        _: &Door<AnyRegistrant>,
    ) -> Result<Self, Problem> {
        admitted(parts)
    }
}

impl Authority for ManagingClient {
    fn required(&self) -> Required {
        Required::ManagingClient
    }

    async fn admit(&self, app: &App, request: Request) -> Result<Request, Response> {
        let (mut parts, body) = request.into_parts();
        let managed = managed(app, &mut parts).await;
        parts
            .extensions
            .insert(managed.map_err(IntoResponse::into_response)?);
        Ok(Request::from_parts(parts, body))
    }
}

impl FromRequestParts<Door<ManagingClient>> for Managed {
    type Rejection = Problem;

    async fn from_request_parts(
        parts: &mut Parts,
        _: &Door<ManagingClient>,
    ) -> Result<Self, Problem> {
        admitted(parts)
    }
}

/// A client that is not here is answered as one whose token is wrong (RFC 7592 §2.1).
async fn managed(app: &App, parts: &mut Parts) -> Result<Managed, OAuthError> {
    let refused = |_| OAuthError::from(OAuthReason::InvalidToken);
    let origin = origin_of(&parts.headers, &parts.extensions);
    let token = PlainSecret::new(bearer::bearer(&parts.headers).map_err(refused)?);
    let id = PathParam::<ClientId>::from_request_parts(parts, &()).await;
    let PathParam(id) = id.map_err(refused)?;
    let client = app.issuer().managed_client(&id, &token, &origin).await?;
    Ok(Managed { client, token })
}
