//! `PUT /v1/me/profile`

use http::StatusCode;
use keywright_domain::audit::Origin;
use keywright_domain::session::Caller;

use crate::app::App;
use crate::extract::Json;
use crate::problem::Problem;
use crate::profile::ProfileBody;

pub async fn set_own_profile(
    app: App,
    caller: Caller,
    origin: Origin,
    Json(ProfileBody(profile)): Json<ProfileBody>,
) -> Result<StatusCode, Problem> {
    app.issuer()
        .set_own_profile(&caller, profile, &origin)
        .await?;
    Ok(StatusCode::NO_CONTENT)
}
