//! Log lines to standard error, as text or JSON.

mod fields;
mod lines;

use std::io::IsTerminal;

use tracing_subscriber::EnvFilter;

use crate::config::{Log, LogFormat};
use fields::Fields;
use lines::Lines;

/// Called once. What a level directive names wrongly is an error, not a silent log.
pub fn start(log: &Log) -> anyhow::Result<()> {
    let filter = EnvFilter::builder()
        .parse(&log.level)
        .map_err(|e| anyhow::anyhow!("log.level: {e}"))?;
    let lines = Lines::new(std::io::stderr());
    lines.keep_writing()?;
    let log_lines = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(lines);
    let started = match log.format {
        LogFormat::Json => log_lines
            .json()
            .flatten_event(true)
            .with_span_list(false)
            .try_init(),
        LogFormat::Text => log_lines
            .fmt_fields(Fields)
            .with_ansi(std::io::stderr().is_terminal())
            .try_init(),
    };
    started.map_err(|e| anyhow::anyhow!("log: {e}"))
}

/// For commands that work in process: what a refusal does not tell the outside, the operator is told on standard error.
pub fn start_failures() {
    let lines = tracing_subscriber::fmt()
        .with_max_level(tracing::Level::ERROR)
        .fmt_fields(Fields)
        .with_writer(std::io::stderr)
        .with_ansi(false)
        .without_time();
    // An error says that somebody listens already.
    let _ = lines.try_init();
}
