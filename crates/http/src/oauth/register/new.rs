//! `POST /oauth2/register` (RFC 7591 §3).

use axum::body::Body;
use axum::response::{IntoResponse, Response};
use http::{HeaderMap, StatusCode};
use keywright_domain::audit::Origin;
use keywright_domain::client::dynamic::RegisterClient;

use super::document::{self, ClientInformation};
use crate::app::App;
use crate::door::InitialToken;
use crate::oauth::error::OAuthError;

pub async fn register_client(
    app: App,
    origin: Origin,
    InitialToken(token): InitialToken,
    headers: HeaderMap,
    body: Body,
) -> Response {
    let registered = async {
        let request = RegisterClient {
            metadata: document::read(&document::bytes(&headers, body).await?)?,
            token,
            origin,
        };
        let registered = app.issuer().register_client(request).await?;
        Ok::<_, OAuthError>(ClientInformation::of(
            &registered,
            &app.issuer().policy().issuer,
        ))
    };
    match registered.await {
        Ok(information) => (StatusCode::CREATED, information).into_response(),
        Err(error) => error.into_response(),
    }
}
