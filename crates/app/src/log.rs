//! Log lines to standard error, as text or JSON.

mod lines;

use std::io::IsTerminal;

use tracing_subscriber::EnvFilter;

use crate::config::{Log, LogFormat};
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
            .with_ansi(std::io::stderr().is_terminal())
            .try_init(),
    };
    started.map_err(|e| anyhow::anyhow!("log: {e}"))
}
