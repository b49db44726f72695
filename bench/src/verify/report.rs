//! The figures as text, for the terminal and for the file that is kept.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::{fs, thread};

use anyhow::Result;

use super::{Report, Table, chart};

impl Report {
    pub fn print(&self) {
        println!("{}", self.body());
    }

    /// Writes `RESULTS.md` and the chart beside this package's manifest.
    pub fn write(&self) -> Result<()> {
        let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
        let text = format!(
            "# Verification, measured\n\n\
             {} with `cargo xtask bench verify` on {}.\n\n\
             ![Time of a whole verification, the bare signature check being 1](verify.svg)\n\n{}\n\
             {NOTES}",
            today()?,
            machine()?,
            self.body()
        );
        fs::write(folder.join("RESULTS.md"), text)?;
        fs::write(folder.join("verify.svg"), chart::draw(&self.tables))?;
        println!("written: {}", folder.join("RESULTS.md").display());
        Ok(())
    }

    fn body(&self) -> String {
        let mut text = format!(
            "{} rounds. Microseconds per token (ratio to the signature alone).\n\n",
            self.rounds
        );
        write_ratios(&mut text, &self.tables);
        let _ = writeln!(text, "\n| | | goal |\n|---|---|---|");
        for hit in &self.hits {
            let met = if hit.is_met() { "met" } else { "missed" };
            let _ = writeln!(
                text,
                "| {} | {:.2} {unit} | {} {unit}: {met} |",
                hit.name,
                hit.value,
                hit.goal,
                unit = hit.unit
            );
        }
        text.push_str("\nThe parts beside the signature, each alone, in nanoseconds:");
        for part in &self.parts {
            let _ = write!(text, " {} {:.0},", part.name, part.nanos);
        }
        let total: f64 = self.parts.iter().map(|part| part.nanos).sum();
        let _ = writeln!(text, " together {total:.0}.");
        text
    }
}

const NOTES: &str = "\
Every contender checks signature, `iss`, `aud` and `exp` and hands out typed claims, for 64 tokens in turn. Rounds of
about a millisecond are interleaved; a ratio is the median of what each round took beside the bare check in that round.
keywright-verify also checks `typ`, `iat`, the presence of what RFC 9068 demands, and that no member stands twice.

Of the parts, reading the claims strictly is the largest; beside an HMAC, which takes half a microsecond, all of them
show. Figures move with the load of the neighbours: three whole runs on this machine, otherwise idle, gave RS256 between 1.041 and
1.048, HS256 between 1.70 and 1.82, and 61 to 67 ns for a cached token.

Two threads are compared with one by the best round of each, because on two shared cores most rounds only tell how many
cores were free.

Not measured: jwtiny 1.8 and jwt-simple 0.15, which would bring ring and BoringSSL, and the pure Rust back end of
jsonwebtoken, whose feature would reach the tests that compare with it. oxitoken's own back end does not build with this
aws-lc-rs; it verifies with the same parsed keys through its key trait.
";

fn write_ratios(text: &mut String, tables: &[Table]) {
    text.push_str("| |");
    for table in tables {
        let _ = write!(text, " {} |", table.algorithm);
    }
    let _ = writeln!(text, "\n|---|{}", "---|".repeat(tables.len()));
    let rows = tables.first().map_or(0, |table| table.figures.len());
    for row in 0..rows {
        let _ = write!(text, "| {} |", tables[0].figures[row].name);
        for table in tables {
            let figure = &table.figures[row];
            let _ = write!(
                text,
                " {:.2} ({:.3}) |",
                figure.nanos / 1000.0,
                figure.ratio
            );
        }
        text.push('\n');
    }
    text.push_str("| goal |");
    for table in tables {
        let _ = write!(text, " ≤ {:.2}: {} |", table.goal, table.verdict());
    }
    text.push('\n');
}

impl Table {
    /// Whether verification with a reused buffer reaches the goal, and is ahead of everyone who is not ours.
    fn verdict(&self) -> String {
        let ours = self.figures[1].ratio;
        let peers = self.figures.iter().filter(|figure| !figure.is_ours());
        let ahead = peers.skip(1).all(|peer| ours < peer.ratio);
        let met = if ours <= self.goal { "met" } else { "missed" };
        let place = if ahead { "ahead of all" } else { "not ahead" };
        format!("{met}, {place}")
    }
}

impl super::Figure {
    pub fn is_ours(&self) -> bool {
        self.name.starts_with("keywright")
    }
}

fn today() -> Result<String> {
    let output = Command::new("date").args(["-u", "+%Y-%m-%d"]).output()?;
    Ok(String::from_utf8(output.stdout)?.trim().to_owned())
}

fn machine() -> Result<String> {
    let file = Path::new("/proc/cpuinfo");
    let text = fs::read_to_string(file)?;
    let model = text
        .lines()
        .find_map(|line| line.strip_prefix("model name"))
        .map_or("an unknown processor", |rest| {
            rest.trim_start_matches(['\t', ':', ' '])
        });
    let cores = thread::available_parallelism()?;
    Ok(format!(
        "{model}, {cores} cores, {}, shared with other work",
        std::env::consts::ARCH
    ))
}
