//! `sim refresh`: the product's refresh rule beside three others, under mishaps and thieves.
//!
//! Owns the simulated clients, networks, stores and thieves, and what is counted. The product's rule itself is
//! `session::rotation::decide`, called as the store calls it.

mod life;
mod owner;
mod random;
mod report;
mod rule;
mod scenario;
mod tally;
#[cfg(test)]
mod tests;
mod theft;

use anyhow::Result;

use self::report::Row;
use self::rule::{FixedGrace, Keywright, NoDetection, Strict};
use self::scenario::{HONEST, Scenario, THIEVES};
use self::tally::count;

/// Simulate clients, mishaps and thieves under Keywright's refresh rule and three others.
///
/// Example: cargo xtask sim refresh --sessions 10000
#[derive(clap::Args)]
pub struct Options {
    /// Sessions of each scenario under each rule
    #[arg(long, default_value_t = 100_000)]
    sessions: u64,
    /// The same seed gives the same figures, to the byte
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Print the tables, and leave docs/refresh-simulation.md as it is
    #[arg(long)]
    dry_run: bool,
}

#[expect(clippy::print_stdout, reason = "a simulation reports to the terminal")]
pub fn run(options: &Options) -> Result<()> {
    let rows: Vec<Row> = HONEST
        .iter()
        .chain(&THIEVES)
        .map(|scenario| compare(scenario, options.sessions, options.seed))
        .collect::<Result<_>>()?;
    let tables = report::render(&rows, options.sessions, options.seed);
    println!("{tables}");
    if !options.dry_run {
        println!("written: {}", report::keep(&tables)?.display());
    }
    Ok(())
}

fn compare(scenario: &'static Scenario, sessions: u64, seed: u64) -> Result<Row> {
    Ok(Row {
        scenario,
        tallies: [
            count::<Keywright>(scenario, sessions, seed)?,
            count::<Strict>(scenario, sessions, seed)?,
            count::<FixedGrace>(scenario, sessions, seed)?,
            count::<NoDetection>(scenario, sessions, seed)?,
        ],
    })
}
