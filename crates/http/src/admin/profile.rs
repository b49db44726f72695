//! `/admin/v1/users/{id}/profile`

use http::StatusCode;
use keywright_domain::UserId;

use crate::app::App;
use crate::door::Administrator;
use crate::extract::{Json, PathParam};
use crate::problem::Problem;
use crate::profile::ProfileBody;

pub async fn show_user_profile(
    app: App,
    PathParam(id): PathParam<UserId>,
) -> Result<Json<ProfileBody>, Problem> {
    Ok(Json(ProfileBody(app.issuer().user_profile(id).await?)))
}

pub async fn set_user_profile(
    app: App,
    Administrator(actor): Administrator,
    PathParam(id): PathParam<UserId>,
    Json(ProfileBody(profile)): Json<ProfileBody>,
) -> Result<StatusCode, Problem> {
    app.issuer().set_user_profile(id, &profile, &actor).await?;
    Ok(StatusCode::NO_CONTENT)
}
