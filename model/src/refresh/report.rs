//! The tables, for the terminal and for the page that is kept.

use std::fmt::Write as _;
use std::fs;
use std::path::PathBuf;

use anyhow::{Context, Result};
use keywright_domain::Period;

use super::scenario::Scenario;
use super::tally::Tally;

const BEGIN: &str = "<!-- begin: cargo xtask sim refresh -->\n";
const END: &str = "<!-- end: cargo xtask sim refresh -->";
const RULES: &str = "| Keywright | strict rotation | fixed grace, branching | no rotation |\n|---|---:|---:|---:|---:|\n";

/// A scenario with its counts under each rule, in the order of the columns.
pub struct Row {
    pub scenario: &'static Scenario,
    pub tallies: [Tally; 4],
}

/// The same bytes for the same rows: no date, no machine.
pub fn render(rows: &[Row], sessions: u64, seed: u64) -> String {
    let mut text = format!("`cargo xtask sim refresh --sessions {sessions} --seed {seed}`\n\n");
    text.push_str("False logouts per 100,000 sessions:\n\n| nobody steals anything ");
    text.push_str(RULES);
    for row in rows.iter().filter(|row| row.scenario.thief.is_none()) {
        write_row(&mut text, row, |tally| tally.false_logouts().to_string());
    }
    text.push_str("\nMissed thefts per 100,000 (time to detection: half / 99 % of the detected):\n\n| the thief ");
    text.push_str(RULES);
    for row in rows.iter().filter(|row| row.scenario.thief.is_some()) {
        write_row(&mut text, row, missed);
    }
    text.push('\n');
    text
}

fn write_row(text: &mut String, row: &Row, cell: impl Fn(&Tally) -> String) {
    let bounds = if row.scenario.within_bounds {
        ""
    } else {
        "*outside the bounds:* "
    };
    let _ = write!(text, "| {bounds}{} |", row.scenario.name);
    for tally in &row.tallies {
        let _ = write!(text, " {} |", cell(tally));
    }
    text.push('\n');
}

fn missed(tally: &Tally) -> String {
    match (tally.detected_within(50), tally.detected_within(99)) {
        (Some(half), Some(most)) => {
            format!(
                "{} ({} / {})",
                tally.missed_thefts(),
                shown(half),
                shown(most)
            )
        }
        _ => tally.missed_thefts().to_string(),
    }
}

fn shown(span: Period) -> String {
    let secs = span.as_secs();
    match secs {
        0..60 => format!("{secs} s"),
        60..3600 => format!("{} min", secs / 60),
        _ => format!("{} h {} min", secs / 3600, secs % 3600 / 60),
    }
}

/// Puts the tables between the markers of `docs/refresh-simulation.md`.
pub fn keep(tables: &str) -> Result<PathBuf> {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../docs/refresh-simulation.md");
    let page = fs::read_to_string(&path).with_context(|| path.display().to_string())?;
    let (before, rest) = page
        .split_once(BEGIN)
        .context("the page has lost its first marker")?;
    let (_, after) = rest
        .split_once(END)
        .context("the page has lost its last marker")?;
    fs::write(&path, format!("{before}{BEGIN}{tables}{END}{after}"))?;
    Ok(path)
}
