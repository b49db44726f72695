//! `GET`, `PUT` and `DELETE /oauth2/register/{client_id}` (RFC 7592 §2).

use axum::body::Body;
use axum::response::{IntoResponse, Response};
use http::{HeaderMap, StatusCode};
use keywright_domain::audit::Origin;
use keywright_domain::client::dynamic::{RegisteredClient, ReplaceRegistration};
use keywright_domain::secret::PlainSecret;
use serde::Deserialize;

use super::document::{self, ClientInformation};
use crate::app::App;
use crate::door::Managed;
use crate::oauth::error::OAuthError;

/// What a client repeats of itself beside its metadata (RFC 7592 §2.2).
#[derive(Deserialize)]
struct Own {
    client_id: Option<String>,
    client_secret: Option<String>,
}

pub async fn show_own_registration(app: App, Managed { client, token }: Managed) -> Response {
    information(&app, client, None, token).into_response()
}

pub async fn replace_own_registration(
    app: App,
    origin: Origin,
    Managed { client, token }: Managed,
    headers: HeaderMap,
    body: Body,
) -> Response {
    let replaced = async {
        let bytes = document::bytes(&headers, body).await?;
        let own: Own = document::read(&bytes)?;
        let request = ReplaceRegistration {
            metadata: document::read(&bytes)?,
            client_id: own.client_id,
            client_secret: own.client_secret.map(PlainSecret::new),
        };
        let issuer = app.issuer();
        Ok::<_, OAuthError>(
            issuer
                .replace_registration(client, request, &origin)
                .await?,
        )
    };
    match replaced.await {
        Ok((client, secret)) => information(&app, client, secret, token).into_response(),
        Err(error) => error.into_response(),
    }
}

pub async fn withdraw_own_registration(
    app: App,
    origin: Origin,
    Managed { client, .. }: Managed,
) -> Response {
    match app.issuer().withdraw_registration(&client, &origin).await {
        Ok(()) => StatusCode::NO_CONTENT.into_response(),
        Err(error) => OAuthError::from(error).into_response(),
    }
}

/// The token goes back as it came (RFC 7592 §3 demands it in the answer): only its hash is kept.
fn information(
    app: &App,
    client: keywright_domain::client::Client,
    secret: Option<PlainSecret>,
    access_token: PlainSecret,
) -> ClientInformation {
    let registered = RegisteredClient {
        client,
        secret,
        access_token,
    };
    ClientInformation::of(&registered, &app.issuer().policy().issuer)
}
