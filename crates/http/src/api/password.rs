//! `/v1/password`: changing it, and getting back in without it.

use http::StatusCode;
use keywright_domain::account::{ChangePassword, Email, ResetPassword};
use keywright_domain::audit::Origin;
use keywright_domain::session::Caller;
use serde::Deserialize;
use utoipa::ToSchema;

use super::Accepted;
use crate::app::App;
use crate::extract::{Json, Secret};
use crate::metrics::LimitedAttempt;
use crate::observe;
use crate::problem::Problem;

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ChangePasswordRequest {
    current_password: Secret,
    new_password: Secret,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ForgotPasswordRequest {
    #[schema(value_type = String, format = Email)]
    email: Email,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ResetPasswordRequest {
    /// From the letter.
    token: Secret,
    new_password: Secret,
}

pub async fn change_password(
    app: App,
    caller: Caller,
    origin: Origin,
    Json(body): Json<ChangePasswordRequest>,
) -> Result<StatusCode, Problem> {
    let request = ChangePassword {
        current: body.current_password.0,
        new: body.new_password.0,
        origin,
    };
    let answer = app.issuer().change_password(&caller, request).await;
    observe::limited(app.metrics(), LimitedAttempt::Password, answer)?;
    Ok(StatusCode::NO_CONTENT)
}

/// The answer is the same for every address.
pub async fn forgot_password(
    app: App,
    origin: Origin,
    Json(body): Json<ForgotPasswordRequest>,
) -> Result<(StatusCode, Json<Accepted>), Problem> {
    let answer = app.issuer().forgot_password(&body.email, &origin).await;
    observe::limited(app.metrics(), LimitedAttempt::Letter, answer)?;
    Ok((StatusCode::ACCEPTED, Json(Accepted::BODY)))
}

pub async fn reset_password(
    app: App,
    origin: Origin,
    Json(body): Json<ResetPasswordRequest>,
) -> Result<StatusCode, Problem> {
    let request = ResetPassword {
        token: body.token.0,
        password: body.new_password.0,
        origin,
    };
    let answer = app.issuer().reset_password(request).await;
    observe::limited(app.metrics(), LimitedAttempt::Password, answer)?;
    Ok(StatusCode::NO_CONTENT)
}
