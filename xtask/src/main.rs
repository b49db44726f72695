//! `cargo xtask VERB`: every developer task, so that CI and a developer's machine do the same thing.
//!
//! One file per verb; none of them may need more than this crate's few dependencies.
#![expect(clippy::print_stdout, reason = "a task reports to the terminal")]
#![expect(clippy::print_stderr, reason = "a task reports to the terminal")]

mod apt;
mod arch;
mod bench;
mod ci;
mod deny;
mod docs;
mod fuzz;
mod generate;
mod mutants;
mod process;
mod python;
mod sim;
mod source;
mod stamp;
mod test;

use std::process::ExitCode;

use anyhow::Result;
use clap::{Parser, Subcommand};

/// Developer tasks of Keywright.
#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
struct Arguments {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Subcommand)]
enum Verb {
    Arch(arch::Options),
    Test(test::Options),
    Gen(generate::Options),
    Deny(deny::Options),
    Docs(docs::Options),
    Bench(bench::Options),
    Sim(sim::Options),
    Fuzz(fuzz::Options),
    Mutants(mutants::Options),
    Ci(ci::Options),
}

impl Verb {
    fn run(&self) -> Result<ExitCode> {
        match self {
            // These two say in their last line that tests failed, and nothing may follow it.
            Verb::Test(options) => return test::run(options),
            Verb::Ci(options) => return ci::run(options),
            Verb::Arch(options) => arch::run(options)?,
            Verb::Gen(options) => generate::run(options)?,
            Verb::Deny(options) => deny::run(options)?,
            Verb::Docs(options) => docs::run(options)?,
            Verb::Bench(options) => bench::run(options)?,
            Verb::Sim(options) => sim::run(options)?,
            Verb::Fuzz(options) => fuzz::run(options)?,
            Verb::Mutants(options) => mutants::run(options)?,
        }
        Ok(ExitCode::SUCCESS)
    }
}

fn main() -> ExitCode {
    Arguments::parse().verb.run().unwrap_or_else(|error| {
        eprintln!("error: {error:#}");
        ExitCode::FAILURE
    })
}
