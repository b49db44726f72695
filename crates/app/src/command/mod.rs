//! The command line. A command is a handler: parse, ask the admin API, print what it answers. One file per command.

mod api;
mod audit;
mod check;
mod client;
mod credentials;
mod drill;
mod generate;
mod grants;
mod json_file;
mod keys;
mod quickstart;
mod role;
mod serve;
mod session;
mod token;
mod tokens;
mod user;
mod verifiers;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};
use keywright_jwt::JwkSet;

use crate::admin::{Arguments, Elsewhere, Server, There};
use crate::causes::with_causes;
use crate::config::{Config, Environment};
use crate::deployment::Deployment;
use crate::failure::{Failure, Outcome, could_not_run};
use crate::log;
use crate::output::{Output, complain};

const CONFIG_FILE: &str = "keywright.toml";

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
    /// The configuration file of a server on this machine [default: keywright.toml]
    #[arg(long, global = true, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Print JSON, for scripts
    #[arg(long, global = true)]
    json: bool,
    #[command(flatten)]
    elsewhere: Arguments,
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
    Verifiers(verifiers::Verifiers),
    #[command(hide = true)]
    Gen(generate::Generate),
}

/// What every command has at hand.
pub struct Context {
    pub config_file: PathBuf,
    pub environment: Environment,
    pub output: Output,
    /// What is said of a server at `--url`.
    pub elsewhere: Elsewhere,
}

impl Cli {
    pub fn run(self, environment: Environment) -> ExitCode {
        let elsewhere = self.elsewhere.resolve(self.config.is_some(), &environment);
        let outcome = elsewhere.map_err(could_not_run).and_then(|elsewhere| {
            let context = Context {
                config_file: self.config.unwrap_or_else(|| CONFIG_FILE.into()),
                environment,
                output: Output { json: self.json },
                elsewhere,
            };
            run(self.command, &context)
        });
        match outcome {
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
        Command::Verifiers(verifiers) => waiting(verifiers.run(context)),
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
    /// For commands that need files, a database or a socket of their own.
    pub fn on_this_machine(&self) -> Outcome {
        self.elsewhere.refuse().map_err(could_not_run)
    }

    /// The configuration of a server on this machine.
    pub fn config(&self) -> Result<Config, Failure> {
        self.on_this_machine()?;
        self.load()
    }

    /// The same, for a command that has a use of its own for credentials.
    pub fn load(&self) -> Result<Config, Failure> {
        Config::load(&self.config_file, &self.environment).map_err(could_not_run)
    }

    /// Does the work by the admin API of the server that the command is about, and takes leave of it however the work ends.
    pub async fn administer(&self, work: impl AsyncFnOnce(&mut Server) -> Outcome) -> Outcome {
        let mut server = match self.there()? {
            Some(there) => Server::there(there),
            None => {
                let deployment = self.open().await?;
                log::start_failures();
                Server::here(&deployment).map_err(could_not_run)?
            }
        };
        let outcome = work(&mut server).await;
        server.leave().await;
        outcome
    }

    /// The server at `--url`, if there is one.
    fn there(&self) -> Result<Option<There>, Failure> {
        let base = self.elsewhere.base.as_ref();
        let there = base.map(|base| There::new(base, &self.elsewhere, &self.environment));
        there.transpose().map_err(could_not_run)
    }

    /// The name and the key set of the issuer, as verifiers see them.
    pub async fn published(&self) -> Result<(String, JwkSet), Failure> {
        let Some(there) = self.there()? else {
            let issuer = self.open().await?.issuer;
            let name = issuer.policy().issuer.as_str().to_owned();
            return Ok((name, issuer.jwks().set.clone()));
        };
        let (issuer, keys) = there.published().await?;
        let keys = JwkSet::parse(keys.to_string().as_bytes()).map_err(could_not_run)?;
        Ok((issuer, keys))
    }

    /// Opens the issuer of the configuration file: the same wiring and the same domain as the server's.
    pub async fn open(&self) -> Result<Deployment, Failure> {
        let config = self.config()?;
        Deployment::open(config, &self.environment)
            .await
            .map_err(Failure::CouldNotRun)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }

    /// Clap finds a name that is used twice in one command, but takes an id that is used twice for the same argument.
    #[test]
    fn no_argument_of_a_command_is_taken_for_a_global_one() {
        fn visit(command: &clap::Command, taken: &BTreeSet<String>) {
            for inner in command.get_subcommands() {
                let ids = inner.get_arguments().map(|a| a.get_id().to_string());
                let shared: Vec<_> = ids.filter(|id| taken.contains(id)).collect();
                assert!(shared.is_empty(), "{}: {shared:?}", inner.get_name());
                visit(inner, taken);
            }
        }
        let cli = Cli::command();
        let global = cli.get_arguments().filter(|a| a.is_global_set());
        visit(&cli, &global.map(|a| a.get_id().to_string()).collect());
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
