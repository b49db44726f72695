//! For operators and their machines.

mod document;
mod health;
mod metrics;

pub use document::serve_openapi;
pub use health::{Health, report_health, report_readiness};
pub use metrics::expose_metrics;
