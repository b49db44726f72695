//! `/admin/v1/clients/registration/tokens`: initial access tokens (RFC 7591 §1.2).

use http::StatusCode;
use keywright_domain::client::dynamic::{InitialAccess, NewInitialAccess};
use keywright_domain::{InitialAccessId, Period};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::app::App;
use crate::door::Administrator;
use crate::extract::{Json, Name, PathParam};
use crate::problem::Problem;

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct GrantInitialAccess {
    name: Name,
    /// Clients that may be registered with it: 1 to 10000.
    uses: u32,
    /// Seconds, at most a year.
    expires_in: i64,
}

#[derive(Serialize, ToSchema)]
#[schema(as = InitialAccess)]
pub struct InitialAccessBody {
    id: String,
    name: String,
    uses_left: u32,
    created_at: i64,
    expires_at: i64,
}

#[derive(Serialize, ToSchema)]
#[schema(as = GrantedInitialAccess)]
pub struct GrantedInitialAccessBody {
    #[serde(flatten)]
    access: InitialAccessBody,
    /// Shown this once.
    initial_access_token: String,
}

#[derive(Serialize, ToSchema)]
pub struct InitialAccessList {
    tokens: Vec<InitialAccessBody>,
}

pub async fn grant_initial_access(
    app: App,
    Administrator(actor): Administrator,
    Json(body): Json<GrantInitialAccess>,
) -> Result<(StatusCode, Json<GrantedInitialAccessBody>), Problem> {
    let new = NewInitialAccess {
        name: body.name.0,
        uses: body.uses,
        lifetime: Period::secs(body.expires_in),
    };
    let (access, token) = app.issuer().grant_initial_access(new, &actor).await?;
    let granted = GrantedInitialAccessBody {
        access: InitialAccessBody::of(&access),
        initial_access_token: token.expose().to_owned(),
    };
    Ok((StatusCode::CREATED, Json(granted)))
}

pub async fn list_initial_accesses(app: App) -> Result<Json<InitialAccessList>, Problem> {
    let found = app.issuer().initial_accesses().await?;
    let tokens = found.iter().map(InitialAccessBody::of).collect();
    Ok(Json(InitialAccessList { tokens }))
}

pub async fn revoke_initial_access(
    app: App,
    Administrator(actor): Administrator,
    PathParam(id): PathParam<InitialAccessId>,
) -> Result<StatusCode, Problem> {
    app.issuer().revoke_initial_access(id, &actor).await?;
    Ok(StatusCode::NO_CONTENT)
}

impl InitialAccessBody {
    fn of(access: &InitialAccess) -> Self {
        Self {
            id: access.id.to_string(),
            name: access.name.clone(),
            uses_left: access.uses_left,
            created_at: access.created_at.secs(),
            expires_at: access.expires_at.secs(),
        }
    }
}
