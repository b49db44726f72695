//! `POST /v1/login`

use keywright_domain::access::{Audience, ScopeSet};
use keywright_domain::account::{LogIn, LoginName};
use keywright_domain::audit::Origin;
use keywright_domain::client::ClientId;
use serde::Deserialize;
use utoipa::ToSchema;

use crate::app::App;
use crate::extract::{Json, LoginText, Secret};
use crate::observe;
use crate::problem::Problem;
use crate::tokens::TokensBody;

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct LogInRequest {
    /// The user name or the e-mail address.
    username: LoginText,
    password: Secret,
    /// Without it: the first-party client.
    #[schema(value_type = Option<String>)]
    client_id: Option<ClientId>,
    /// The API that the token is for. Without it: the client's default.
    #[schema(value_type = Option<String>)]
    audience: Option<Audience>,
    /// Scopes separated by spaces. Without it: all that may be had.
    #[schema(value_type = Option<String>)]
    scope: Option<ScopeSet>,
}

pub async fn log_in(
    app: App,
    origin: Origin,
    Json(body): Json<LogInRequest>,
) -> Result<TokensBody, Problem> {
    let attempt = LogIn {
        name: LoginName::new(&body.username.0),
        password: body.password.0,
        client: body.client_id,
        audience: body.audience,
        scope: body.scope,
        origin,
    };
    let answer = app.issuer().log_in(attempt).await;
    observe::login(app.metrics(), &answer);
    Ok(answer?.into())
}
