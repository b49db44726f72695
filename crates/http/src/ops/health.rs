//! `/healthz` and `/readyz`.

use keywright_domain::keys::KeyState;
use serde::Serialize;
use utoipa::ToSchema;

use crate::app::App;
use crate::extract::Json;
use crate::problem::Problem;
use crate::problem_map::SOON;
use crate::reason::Reason;

#[derive(Serialize, ToSchema)]
pub struct Health {
    /// `ok`
    status: &'static str,
}

const FINE: Json<Health> = Json(Health { status: "ok" });

pub async fn report_health() -> Json<Health> {
    FINE
}

/// Whether it makes sense to send requests here. Verification by others goes on either way: the key set needs no database.
pub async fn report_readiness(app: App) -> Result<Json<Health>, Problem> {
    let keys = app.issuer().list_keys().await?;
    let unavailable = |detail| {
        Problem::new(Reason::Unavailable)
            .with_detail(detail)
            .with_retry_after(SOON)
    };
    if !keys.iter().any(|key| key.state == KeyState::Active) {
        return Err(unavailable("no key signs"));
    }
    match app.issuer().check_signers() {
        Ok(()) => Ok(FINE),
        Err(_) => Err(unavailable("the vault that keeps the keys does not answer")),
    }
}
