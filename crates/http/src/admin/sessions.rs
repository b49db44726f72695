//! `/admin/v1/sessions`: everybody's live sessions.

use http::StatusCode;
use keywright_domain::session::Session;
use keywright_domain::{SessionId, UserId};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::page;
use crate::api::EndedBody;
use crate::app::App;
use crate::door::Administrator;
use crate::extract::{Json, Limit, PathParam, Query};
use crate::problem::Problem;

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub struct SessionListQuery {
    /// Only this user's.
    #[param(value_type = Option<String>)]
    user: Option<UserId>,
    /// The `next` of the page before.
    #[param(value_type = Option<String>)]
    after: Option<SessionId>,
    /// 1 to 200; 50 unless said.
    #[serde(default)]
    #[param(value_type = Option<u32>)]
    limit: Limit,
}

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub struct SessionsOfQuery {
    /// Whose sessions to end.
    #[param(value_type = String)]
    user: UserId,
}

#[derive(Serialize, ToSchema)]
#[schema(as = Session)]
pub struct SessionBody {
    id: String,
    user_id: String,
    client_id: String,
    audience: String,
    scope: String,
    device: Option<String>,
    address: Option<String>,
    created_at: i64,
    last_used_at: i64,
    /// Unless it is refreshed before.
    expires_at: i64,
}

#[derive(Serialize, ToSchema)]
pub struct SessionList {
    sessions: Vec<SessionBody>,
    next: Option<String>,
}

pub async fn list_sessions(
    app: App,
    Query(query): Query<SessionListQuery>,
) -> Result<Json<SessionList>, Problem> {
    let asked = page::ask(query.after, query.limit);
    let sessions = app.issuer().sessions(query.user, asked).await?;
    let (sessions, next) = page::cut(sessions, query.limit, |session| session.id.to_string());
    let sessions = sessions.iter().map(SessionBody::of).collect();
    Ok(Json(SessionList { sessions, next }))
}

pub async fn end_session(
    app: App,
    Administrator(actor): Administrator,
    PathParam(id): PathParam<SessionId>,
) -> Result<StatusCode, Problem> {
    app.issuer().end_session(id, &actor).await?;
    Ok(StatusCode::NO_CONTENT)
}

pub async fn end_sessions_of_user(
    app: App,
    Administrator(actor): Administrator,
    Query(query): Query<SessionsOfQuery>,
) -> Result<Json<EndedBody>, Problem> {
    let ended = app.issuer().end_sessions_of(query.user, &actor).await?;
    Ok(Json(EndedBody { ended }))
}

impl SessionBody {
    fn of(session: &Session) -> Self {
        let family = &session.family;
        Self {
            id: session.id.to_string(),
            user_id: session.user.to_string(),
            client_id: session.client.to_string(),
            audience: session.audience.to_string(),
            scope: session.scope.to_string(),
            device: session.device.clone(),
            address: session.address.map(|address| address.to_string()),
            created_at: session.created_at.secs(),
            last_used_at: session.last_used_at.secs(),
            expires_at: family.idle_until.min(family.absolute_until).secs(),
        }
    }
}
