//! The one binary: configuration, wiring, commands.
//!
//! | room | owns |
//! |---|---|
//! | `config` | the file, the environment, what is unsafe in them, and their reference |
//! | `custody` | which vault the configuration asks for |
//! | `adapter` | clock, randomness, password hashing and mail behind the domain's ports |
//! | `deployment` | the wiring: an issuer with its store, custody and adapters |
//! | `serve` | the server's life: start, reload, stop |
//! | `quickstart` | the two-minute path |
//! | `demo` | the small protected API that quickstart shows |
//! | `admin` | the admin API as commands use it: in process, or over the network |
//! | `command` | the command line: one file per command |

mod adapter;
mod admin;
mod background;
mod causes;
mod command;
mod config;
mod custody;
mod demo;
mod deployment;
mod failure;
mod log;
mod output;
mod quickstart;
#[cfg(test)]
mod scratch;
mod serve;
mod typed;

use std::process::ExitCode;

use clap::Parser;

#[cfg(feature = "mimalloc")]
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    command::Cli::parse().run(config::Environment::of_process())
}
