//! `bench`: the benchmarks, always as the shipped profile builds them.

use std::ffi::OsString;
use std::process::Command;

use anyhow::Result;

use crate::process;
use crate::test::Clients;

/// Run a benchmark, built with the dist profile.
///
/// docs/performance.md says what each of them measures, and beside what.
///
/// Example: cargo xtask bench server --quick
#[derive(clap::Args)]
pub struct Options {
    /// What to measure (store, server, verify, …) and its own options; `--help` after it lists them
    #[arg(required = true, trailing_var_arg = true, allow_hyphen_values = true)]
    arguments: Vec<OsString>,
}

pub fn run(options: &Options) -> Result<()> {
    // Some benchmarks run the server itself, as it ships, and find it beside themselves.
    process::run(process::cargo().args([
        "build",
        "--profile",
        "dist",
        "--package",
        "keywright",
        "--package",
        "keywright-bench",
    ]))?;
    let mut bench = Command::new(process::target().join("dist/keywright-bench"));
    if options
        .arguments
        .iter()
        .any(|argument| argument == "rotation")
    {
        // It compares with verifiers of other languages, the same that the tests use.
        Clients::install()?.describe_to(&mut bench);
    }
    process::run(bench.args(&options.arguments))
}
