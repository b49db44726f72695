//! `/v1/consents`: what one has granted to clients.

use std::collections::BTreeMap;

use http::StatusCode;
use keywright_domain::audit::Origin;
use keywright_domain::client::ClientId;
use keywright_domain::ports::ConsentedClient;
use keywright_domain::session::Caller;
use serde::Serialize;
use utoipa::ToSchema;

use crate::app::App;
use crate::extract::{Json, PathParam};
use crate::problem::Problem;

#[derive(Serialize, ToSchema)]
pub struct OwnConsents {
    consents: Vec<OwnConsent>,
}

#[derive(Serialize, ToSchema)]
pub struct OwnConsent {
    client_id: String,
    client_name: String,
    /// Per audience, scopes separated by spaces.
    scopes: BTreeMap<String, String>,
    /// Of OpenID Connect's own scopes.
    openid_scope: String,
    /// The last time.
    given_at: i64,
}

pub async fn list_own_consents(app: App, caller: Caller) -> Result<Json<OwnConsents>, Problem> {
    let user = caller.standing.user.id;
    let consents = app.issuer().consents_of(user).await?;
    let consents = consents.iter().map(OwnConsent::of).collect();
    Ok(Json(OwnConsents { consents }))
}

pub async fn withdraw_consent(
    app: App,
    caller: Caller,
    origin: Origin,
    PathParam(client): PathParam<ClientId>,
) -> Result<StatusCode, Problem> {
    let user = caller.standing.user.id;
    app.issuer()
        .withdraw_consent(user, &client, &origin)
        .await?;
    Ok(StatusCode::NO_CONTENT)
}

impl OwnConsent {
    fn of(granted: &ConsentedClient) -> Self {
        let consent = &granted.consent;
        let scopes = consent.scopes.iter();
        Self {
            client_id: consent.client.to_string(),
            client_name: granted.client_name.clone(),
            scopes: scopes
                .map(|(audience, scopes)| (audience.to_string(), scopes.to_string()))
                .collect(),
            openid_scope: consent.openid.to_string(),
            given_at: consent.given_at.secs(),
        }
    }
}
