//! `GET /v1/me`

use keywright_domain::access::RoleName;
use keywright_domain::session::Caller;
use serde::Serialize;
use utoipa::ToSchema;

use crate::app::App;
use crate::extract::Json;
use crate::problem::Problem;
use crate::profile::ProfileBody;

#[derive(Serialize, ToSchema)]
pub struct Me {
    /// The `sub` of the tokens.
    id: String,
    username: Option<String>,
    email: String,
    email_verified: bool,
    roles: Vec<String>,
    /// Of the token that was presented.
    scope: String,
    session_id: String,
    client_id: String,
    created_at: i64,
    profile: ProfileBody,
}

pub async fn show_me(app: App, caller: Caller) -> Result<Json<Me>, Problem> {
    let profile = ProfileBody(app.issuer().own_profile(&caller).await?);
    let user = &caller.standing.user;
    Ok(Json(Me {
        id: user.id.to_string(),
        username: user.username.as_ref().map(|name| name.as_str().to_owned()),
        email: user.email.as_str().to_owned(),
        email_verified: user.email_verified,
        roles: user.roles.iter().map(RoleName::to_string).collect(),
        scope: caller.scope.to_string(),
        session_id: caller.standing.session.id.to_string(),
        client_id: caller.standing.client.id.to_string(),
        created_at: user.created_at.secs(),
        profile,
    }))
}
