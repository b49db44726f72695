//! The command line. A command is a handler: parse, one domain call, render. One file per command.

mod api;
mod audit;
mod check;
mod client;
mod drill;
mod generate;
mod grants;
mod keys;
mod quickstart;
mod role;
mod serve;
mod session;
mod token;
mod user;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::causes::with_causes;
use crate::config::{Config, Environment};
use crate::deployment::Deployment;
use crate::output::{Output, complain};

/// Self-hosted JWT authentication server.
///
/// Exit codes: 0 done, 1 refused or failed, 2 could not run (usage, configuration, database).
#[derive(Debug, Parser)]
#[command(
    name = "keywright",
    version,
    arg_required_else_help = true,
    max_term_width = 100
)]
pub struct Cli {
    /// The configuration file
    #[arg(
        long,
        global = true,
        value_name = "FILE",
        default_value = "keywright.toml"
    )]
    config: PathBuf,
    /// Print JSON, for scripts
    #[arg(long, global = true)]
    json: bool,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Quickstart(quickstart::Quickstart),
    Serve(serve::Serve),
    Check(check::Check),
    #[command(subcommand)]
    User(user::User),
    #[command(subcommand)]
    Client(client::Client),
    #[command(subcommand)]
    Api(api::Api),
    #[command(subcommand)]
    Role(role::Role),
    #[command(subcommand)]
    Keys(keys::Keys),
    #[command(subcommand)]
    Session(session::Session),
    #[command(subcommand)]
    Token(token::Token),
    #[command(subcommand)]
    Audit(audit::Audit),
    #[command(subcommand)]
    Drill(drill::Drill),
    #[command(hide = true)]
    Gen(generate::Generate),
}

/// What every command has at hand.
pub struct Context {
    pub config_file: PathBuf,
    pub environment: Environment,
    pub output: Output,
}

/// Why a command ends with another code than 0.
#[derive(Debug)]
pub enum Failure {
    /// 1: it was refused, or it failed.
    Refused(anyhow::Error),
    /// 2: it could not even be tried.
    CouldNotRun(anyhow::Error),
    /// 1: the output says it all.
    Told,
}

pub type Outcome = Result<(), Failure>;

impl Cli {
    pub fn run(self, environment: Environment) -> ExitCode {
        let context = Context {
            config_file: self.config,
            environment,
            output: Output { json: self.json },
        };
        match run(self.command, &context) {
            Ok(()) => ExitCode::SUCCESS,
            Err(Failure::Told) => ExitCode::from(1),
            Err(Failure::Refused(error)) => {
                complain(&format!("keywright: {}", with_causes(error.as_ref())));
                ExitCode::from(1)
            }
            Err(Failure::CouldNotRun(error)) => {
                complain(&format!("keywright: {}", with_causes(error.as_ref())));
                ExitCode::from(2)
            }
        }
    }
}

fn run(command: Command, context: &Context) -> Outcome {
    match command {
        Command::Quickstart(quickstart) => quickstart.run(context),
        Command::Serve(serve) => serve.run(context),
        Command::Gen(generate) => generate.run(),
        Command::Check(check) => waiting(check.run(context)),
        Command::User(user) => waiting(user.run(context)),
        Command::Client(client) => waiting(client.run(context)),
        Command::Api(api) => waiting(api.run(context)),
        Command::Role(role) => waiting(role.run(context)),
        Command::Keys(keys) => waiting(keys.run(context)),
        Command::Session(session) => waiting(session.run(context)),
        Command::Token(token) => waiting(token.run(context)),
        Command::Audit(audit) => waiting(audit.run(context)),
        Command::Drill(drill) => waiting(drill.run(context)),
    }
}

/// Runs a command that does one thing and ends: one thread is enough.
fn waiting(command: impl Future<Output = Outcome>) -> Outcome {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    runtime.map_err(could_not_run)?.block_on(command)
}

/// Runs the server, on a thread for each core.
fn serving(server: impl Future<Output = Outcome>) -> Outcome {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build();
    runtime.map_err(could_not_run)?.block_on(server)
}

impl Context {
    pub fn config(&self) -> Result<Config, Failure> {
        Config::load(&self.config_file, &self.environment).map_err(could_not_run)
    }

    /// Opens the issuer of the configuration file: the same wiring and the same domain as the server's.
    pub async fn open(&self) -> Result<Deployment, Failure> {
        let config = self.config()?;
        Deployment::open(config, &self.environment)
            .await
            .map_err(Failure::CouldNotRun)
    }
}

pub fn could_not_run(error: impl Into<anyhow::Error>) -> Failure {
    Failure::CouldNotRun(error.into())
}

impl<E: Into<anyhow::Error>> From<E> for Failure {
    fn from(error: E) -> Self {
        Self::Refused(error.into())
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn every_command_shows_an_example() {
        fn visit(command: &clap::Command, path: &str) {
            let path = format!("{path} {}", command.get_name());
            if command.has_subcommands() {
                command
                    .get_subcommands()
                    .filter(|c| !c.is_hide_set())
                    .for_each(|c| visit(c, &path));
            } else {
                let help = command
                    .get_after_help()
                    .map(ToString::to_string)
                    .unwrap_or_default();
                assert!(
                    help.contains("Example:\n ") && help.contains("keywright "),
                    "{path}"
                );
            }
        }
        visit(&Cli::command(), "");
    }
}
