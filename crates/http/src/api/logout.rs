//! `POST /v1/logout`: with the access token, or with the refresh token alone when the access token is dead.

use http::StatusCode;
use keywright_domain::audit::Origin;
use serde::Deserialize;
use utoipa::ToSchema;

use crate::app::App;
use crate::door::Leaver;
use crate::extract::{OptionalJson, Secret};
use crate::problem::Problem;

#[derive(Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct LogOutRequest {
    refresh_token: Option<Secret>,
}

pub async fn log_out(
    app: App,
    origin: Origin,
    Leaver(caller): Leaver,
    OptionalJson(body): OptionalJson<LogOutRequest>,
) -> Result<StatusCode, Problem> {
    let token = body.refresh_token.map(|token| token.0);
    match (caller, token) {
        (Ok(caller), token) => {
            app.issuer()
                .log_out(&caller, token.as_ref(), &origin)
                .await?
        }
        (Err(_), Some(token)) => app.issuer().log_out_by_token(&token, &origin).await?,
        (Err(problem), None) => return Err(problem),
    }
    Ok(StatusCode::NO_CONTENT)
}
