//! `bench`: the benchmarks, always as the shipped profile builds them.

use std::ffi::OsString;

use anyhow::Result;

use crate::process;

/// Run a benchmark, built with the dist profile.
///
/// Example: cargo xtask bench server --quick
#[derive(clap::Args)]
pub struct Options {
    /// What to measure (store, server, verify, …) and its own options; `--help` after it lists them
    #[arg(required = true, trailing_var_arg = true, allow_hyphen_values = true)]
    arguments: Vec<OsString>,
}

pub fn run(options: &Options) -> Result<()> {
    let mut bench = process::cargo();
    bench.args([
        "run",
        "--quiet",
        "--profile",
        "dist",
        "--package",
        "keywright-bench",
        "--",
    ]);
    process::run(bench.args(&options.arguments))
}
