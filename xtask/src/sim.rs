//! `sim`: the simulations of `model/`, optimised.

use std::ffi::OsString;
use std::process::Command;

use anyhow::Result;

use crate::process;

/// Run a simulation of the product's rules and write its tables into docs/.
///
/// Example: cargo xtask sim refresh --sessions 10000
#[derive(clap::Args)]
pub struct Options {
    /// What to simulate (refresh) and its own options; `--help` after it lists them
    #[arg(required = true, trailing_var_arg = true, allow_hyphen_values = true)]
    arguments: Vec<OsString>,
}

pub fn run(options: &Options) -> Result<()> {
    // The profile of the benchmarks: whoever runs these has most of it built already.
    let build = ["build", "--profile", "dist", "--package", "keywright-model"];
    process::run(process::cargo().args(build))?;
    let model = process::target().join("dist/keywright-model");
    process::run(Command::new(model).args(&options.arguments))
}
