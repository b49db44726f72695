//! `POST /v1/refresh`

use keywright_domain::access::ScopeSet;
use keywright_domain::audit::Origin;
use keywright_domain::session::Refresh;
use keywright_domain::session::rotation::PresentedBy;
use serde::Deserialize;
use utoipa::ToSchema;

use crate::app::App;
use crate::extract::{Json, Secret};
use crate::observe;
use crate::problem::Problem;
use crate::tokens::TokensBody;

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RefreshRequest {
    refresh_token: Secret,
    /// Within the session's scope. Without it: all of that.
    #[schema(value_type = Option<String>)]
    scope: Option<ScopeSet>,
}

pub async fn refresh_tokens(
    app: App,
    origin: Origin,
    Json(body): Json<RefreshRequest>,
) -> Result<TokensBody, Problem> {
    let request = Refresh {
        token: body.refresh_token.0,
        by: PresentedBy::FirstParty,
        proof_key: None,
        audience: None,
        details: None,
        scope: body.scope,
        origin,
    };
    let answer = app.issuer().refresh(request).await;
    observe::refresh(app.metrics(), &answer);
    Ok(answer?.tokens.into())
}
