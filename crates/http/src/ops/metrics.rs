//! `/metrics`

use axum::response::{IntoResponse, Response};
use http::header::CONTENT_TYPE;

use crate::app::App;
use crate::metrics;
use crate::problem::Problem;
use crate::problem_map::log_failure;
use crate::reason::Reason;

pub async fn expose_metrics(app: App) -> Result<Response, Problem> {
    let text = app.metrics().expose().map_err(|error| {
        log_failure(&error);
        Problem::new(Reason::Internal)
    })?;
    Ok(([(CONTENT_TYPE, metrics::CONTENT_TYPE)], text).into_response())
}
