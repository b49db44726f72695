//! What both drills have in common on their way out: progress, reports, exit codes.

use std::io::{self, IsTerminal, Write};
use std::path::PathBuf;

use anyhow::Context as _;
use keywright_domain::Time;
use keywright_drill::{Card, Examined, Progress, Report};

use super::super::{Context, Failure, Outcome, could_not_run};
use crate::output::{complain, print};

#[derive(Debug, clap::Args)]
pub struct ReportOptions {
    /// Also write a report as one HTML page
    #[arg(long, value_name = "FILE")]
    html: Option<PathBuf>,
    /// A finding that you know and accept, by its name: it is told, and fails nothing. May be repeated
    #[arg(long, value_name = "NAME")]
    tolerate: Vec<String>,
}

impl ReportOptions {
    pub fn tell(&self, mut report: Report, context: &Context) -> Outcome {
        let unknown = report.tolerate(&self.tolerate);
        if let Some(name) = unknown.first() {
            complain(&format!(
                "keywright: --tolerate {name}: nothing of that name was examined"
            ));
        }
        if let Some(file) = &self.html {
            let page = report.to_html(&Time::from_secs(report.started_at).to_string());
            let written = std::fs::write(file, page);
            written
                .with_context(|| format!("cannot write {}", file.display()))
                .map_err(could_not_run)?;
        }
        if context.output.json {
            context.output.document(&report.to_json())?;
        } else {
            print(&report.to_text())?;
        }
        if report.is_sound() {
            Ok(())
        } else {
            Err(Failure::Told)
        }
    }
}

/// A line for each examination that has ended, and on a terminal the one that goes on.
pub struct Lines {
    pub json: bool,
}

const CLEAR_LINE: &str = "\r\u{1b}[K";

impl Progress for Lines {
    fn begins(&self, card: &'static Card) {
        let mut terminal = io::stderr().lock();
        if terminal.is_terminal() {
            let _ = write!(terminal, "{CLEAR_LINE}…          {}", card.name);
        }
    }

    fn ends(&self, examined: &Examined) {
        let mut terminal = io::stderr().lock();
        if terminal.is_terminal() {
            let _ = write!(terminal, "{CLEAR_LINE}");
        }
        drop(terminal);
        let line = examined.line();
        if self.json {
            // Standard output is for the document.
            complain(&line);
        } else {
            // A reader that closed the pipe has read enough; the drill goes on to its end and cleans up.
            let _ = print(&format!("{line}\n"));
        }
    }
}
