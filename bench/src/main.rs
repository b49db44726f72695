//! Benchmarks. `cargo xtask bench NAME [--quick]` builds this with the `dist` profile and runs one.
//!
//! Machines differ and are shared: figures are compared inside one run, interleaved, as medians and ratios.
#![expect(clippy::print_stdout, reason = "a benchmark reports to the terminal")]
#![expect(clippy::disallowed_methods, reason = "a benchmark measures real time")]

mod claims;
mod ledger;
mod logout;
mod revocation;
mod rotation;
mod server;
mod site;
mod store;
mod verify;

use anyhow::Result;
use clap::{Parser, Subcommand};

/// The allocator that the server ships with, so that the floor differs in nothing else.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Benchmarks of Keywright.
#[derive(Parser)]
#[command(name = "cargo xtask bench", bin_name = "cargo xtask bench")]
struct Arguments {
    #[command(subcommand)]
    what: What,
}

#[derive(Subcommand)]
enum What {
    Claims(claims::Options),
    Footprint(server::footprint::Options),
    Ledger(ledger::Options),
    Login(server::login::Options),
    Logout(logout::Options),
    Oauth(server::OauthOptions),
    Overload(server::overload::Options),
    Revocation(revocation::Options),
    Rotation(rotation::Options),
    Server(server::Options),
    Store(store::Options),
    Verify(verify::Options),
    #[command(hide = true)]
    Floor(server::floor::Options),
}

fn main() -> Result<()> {
    match Arguments::parse().what {
        What::Claims(options) => claims::run(&options),
        What::Footprint(options) => server::footprint::run(&options),
        What::Ledger(options) => ledger::run(&options),
        What::Login(options) => server::login::run(&options),
        What::Logout(options) => logout::run(&options),
        What::Oauth(options) => server::run(&options.into()),
        What::Overload(options) => server::overload::run(&options),
        What::Revocation(options) => revocation::run(&options),
        What::Rotation(options) => rotation::run(&options),
        What::Server(options) => server::run(&options),
        What::Store(options) => store::run(&options),
        What::Verify(options) => verify::run(&options),
        What::Floor(options) => server::floor::run(&options),
    }
}
