//! `/v1/email`: proving an address.

use http::StatusCode;
use keywright_domain::account::Email;
use keywright_domain::audit::Origin;
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
pub struct VerifyEmailRequest {
    /// From the letter.
    token: Secret,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ResendRequest {
    #[schema(value_type = String, format = Email)]
    email: Email,
}

pub async fn verify_email(
    app: App,
    origin: Origin,
    Json(body): Json<VerifyEmailRequest>,
) -> Result<StatusCode, Problem> {
    let answer = app.issuer().verify_email(&body.token.0, &origin).await;
    observe::limited(app.metrics(), LimitedAttempt::Other, answer)?;
    Ok(StatusCode::NO_CONTENT)
}

/// The answer is the same for every address.
pub async fn resend_verification(
    app: App,
    origin: Origin,
    Json(body): Json<ResendRequest>,
) -> Result<(StatusCode, Json<Accepted>), Problem> {
    let answer = app
        .issuer()
        .request_verification(&body.email, &origin)
        .await;
    observe::limited(app.metrics(), LimitedAttempt::Letter, answer)?;
    Ok((StatusCode::ACCEPTED, Json(Accepted::BODY)))
}
