//! `/v1/sessions`: one's own sessions.

use http::StatusCode;
use keywright_domain::SessionId;
use keywright_domain::audit::Origin;
use keywright_domain::session::{Caller, Session};
use serde::Serialize;
use utoipa::ToSchema;

use crate::app::App;
use crate::extract::{Json, PathParam};
use crate::problem::Problem;

#[derive(Serialize, ToSchema)]
pub struct OwnSessions {
    sessions: Vec<OwnSession>,
}

#[derive(Serialize, ToSchema)]
pub struct OwnSession {
    id: String,
    /// Whether it is the one that asks.
    current: bool,
    client_id: String,
    audience: String,
    /// The user agent at login.
    device: Option<String>,
    /// The address of the last use.
    address: Option<String>,
    created_at: i64,
    last_used_at: i64,
    /// Unless it is refreshed before.
    expires_at: i64,
}

/// How many sessions were ended.
#[derive(Serialize, ToSchema)]
pub struct EndedBody {
    pub ended: u64,
}

pub async fn list_own_sessions(app: App, caller: Caller) -> Result<Json<OwnSessions>, Problem> {
    let sessions = app.issuer().own_sessions(&caller).await?;
    let current = caller.standing.session.id;
    let sessions = sessions
        .iter()
        .map(|s| OwnSession::of(s, current))
        .collect();
    Ok(Json(OwnSessions { sessions }))
}

pub async fn end_own_session(
    app: App,
    caller: Caller,
    origin: Origin,
    PathParam(id): PathParam<SessionId>,
) -> Result<StatusCode, Problem> {
    app.issuer().end_own_session(&caller, id, &origin).await?;
    Ok(StatusCode::NO_CONTENT)
}

pub async fn log_out_everywhere(
    app: App,
    caller: Caller,
    origin: Origin,
) -> Result<Json<EndedBody>, Problem> {
    let ended = app.issuer().log_out_everywhere(&caller, &origin).await?;
    Ok(Json(EndedBody { ended }))
}

impl OwnSession {
    fn of(session: &Session, current: SessionId) -> Self {
        let family = &session.family;
        Self {
            id: session.id.to_string(),
            current: session.id == current,
            client_id: session.client.to_string(),
            audience: session.audience.to_string(),
            device: session.device.clone(),
            address: session.address.map(|address| address.to_string()),
            created_at: session.created_at.secs(),
            last_used_at: session.last_used_at.secs(),
            expires_at: family.idle_until.min(family.absolute_until).secs(),
        }
    }
}
