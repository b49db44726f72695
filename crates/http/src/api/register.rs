//! `POST /v1/register`

use http::StatusCode;
use keywright_domain::account::{Email, Register, Username};
use keywright_domain::audit::Origin;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::app::App;
use crate::extract::{Json, Secret};
use crate::observe;
use crate::problem::Problem;

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RegisterRequest {
    #[schema(value_type = Option<String>)]
    username: Option<Username>,
    #[schema(value_type = String, format = Email)]
    email: Email,
    password: Secret,
}

/// One answer for all who ask: whether there is an account is told by a letter to its address.
#[derive(Serialize, ToSchema)]
pub struct Accepted {
    /// `accepted`
    status: &'static str,
}

impl Accepted {
    pub const BODY: Self = Self { status: "accepted" };
}

pub async fn register_account(
    app: App,
    origin: Origin,
    Json(body): Json<RegisterRequest>,
) -> Result<(StatusCode, Json<Accepted>), Problem> {
    let request = Register {
        username: body.username,
        email: body.email,
        password: body.password.0,
        origin,
    };
    let answer = app.issuer().register(request).await;
    observe::registration(app.metrics(), &answer);
    answer?;
    Ok((StatusCode::CREATED, Json(Accepted::BODY)))
}
