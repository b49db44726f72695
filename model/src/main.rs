//! `cargo xtask sim NAME` builds this and runs one simulation.

use anyhow::Result;
use clap::{Parser, Subcommand};
use keywright_model::refresh;

/// Simulations of Keywright's rules.
#[derive(Parser)]
#[command(name = "cargo xtask sim", bin_name = "cargo xtask sim")]
struct Arguments {
    #[command(subcommand)]
    what: What,
}

#[derive(Subcommand)]
enum What {
    Refresh(refresh::Options),
}

fn main() -> Result<()> {
    match Arguments::parse().what {
        What::Refresh(options) => refresh::run(&options),
    }
}
