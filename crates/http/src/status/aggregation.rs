//! Where the lists are (§9.3): a verifier that knows them all needs no token to find one.

use axum::Json;
use axum::response::{IntoResponse, Response};
use http::header::CACHE_CONTROL;
use serde::Serialize;
use utoipa::ToSchema;

use crate::app::App;

/// The addresses of all status lists.
#[derive(Serialize, ToSchema)]
pub struct StatusListUris {
    status_lists: Vec<String>,
}

pub async fn list_status_lists(app: App) -> Response {
    let ttl = app.issuer().policy().status_ttl.as_secs();
    let cache_control = [(CACHE_CONTROL, format!("public, max-age={ttl}"))];
    let status_lists = app.issuer().status_list_uris();
    (cache_control, Json(StatusListUris { status_lists })).into_response()
}
