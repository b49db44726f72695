//! `GET /feed`

use axum::body::Body;
use axum::response::{IntoResponse, Response};
use http::header::{CACHE_CONTROL, CONTENT_TYPE};
use http::{HeaderMap, HeaderName};
use keywright_domain::Period;
use keywright_domain::feed::Follower;
use serde::Serialize;
use utoipa::ToSchema;

use super::stream::{Following, FollowingBody};
use crate::app::App;
use crate::problem::Problem;
use crate::reason::Reason;

const LAST_EVENT_ID: HeaderName = HeaderName::from_static("last-event-id");
/// nginx would gather the events of minutes before it passes any on.
const ACCEL_BUFFERING: HeaderName = HeaderName::from_static("x-accel-buffering");
/// A stream ends after this at the latest. The follower comes back at once, perhaps to a node that has less to do.
const LONGEST: Period = Period::hours(1);
/// Long enough for a place to be given back, short enough not to be blind for long.
const COME_BACK: Period = Period::secs(5);

/// One message of the stream, for the reference.
#[derive(Serialize, ToSchema)]
pub struct EventStream {
    /// The position in the log; a follower that comes back names it in `Last-Event-ID`. Heartbeats have none.
    id: Option<u64>,
    /// `set`; `heartbeat`, each second; or `snapshot`: fetch the key set and the status lists, then go on from here.
    event: String,
    /// A security event token (RFC 8417), signed: a compact JWS.
    data: String,
}

pub async fn follow_feed(
    app: App,
    follower: Follower,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let position = last_event_id(&headers)?;
    let limit = app.issuer().policy().limits.followers;
    let place = app
        .followers()
        .enter(limit)
        .ok_or_else(|| Problem::new(Reason::Overloaded).with_retry_after(COME_BACK))?;
    let until = app.issuer().now() + LONGEST;
    let following = Following::new(app, follower, place, position, until);
    let headers = [
        (CONTENT_TYPE, "text/event-stream"),
        (CACHE_CONTROL, "no-store"),
        (ACCEL_BUFFERING, "no"),
    ];
    Ok((headers, Body::new(FollowingBody::new(following))).into_response())
}

/// A position that cannot be read is refused: to begin anew instead would hide a follower's mistake behind full downloads.
fn last_event_id(headers: &HeaderMap) -> Result<Option<u64>, Problem> {
    let Some(value) = headers.get(LAST_EVENT_ID) else {
        return Ok(None);
    };
    let text = value.to_str().unwrap_or_default();
    let digits = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    match text.parse() {
        Ok(position) if digits => Ok(Some(position)),
        Ok(_) | Err(_) => {
            let problem = Problem::new(Reason::MalformedRequest);
            Err(problem.with_detail("Last-Event-ID is not a position"))
        }
    }
}
