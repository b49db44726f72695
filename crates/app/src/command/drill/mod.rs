//! `keywright drill`: examine a running service or a running issuer from outside.

mod api;
mod disposable;
mod given;
mod outcome;
mod server;

use std::time::Duration;

use clap::Subcommand;

use super::{Context, Outcome};

/// How long one answer may take before it counts as none.
const PATIENCE: Duration = Duration::from_secs(15);

/// Attack a running service or issuer of your own, and report what gets through
///
/// Exit codes: 0 sound, 1 something was found, 2 it could not be examined.
#[derive(Debug, Subcommand)]
pub enum Drill {
    Api(Box<api::DrillApi>),
    Server(server::DrillServer),
}

impl Drill {
    pub async fn run(self, context: &Context) -> Outcome {
        match self {
            Drill::Api(drill) => drill.run(context).await,
            Drill::Server(drill) => drill.run(context).await,
        }
    }
}

/// Ends with Ctrl-C. Without a handler there is nothing to wait for; the drill goes on to its end.
async fn stopped() {
    if tokio::signal::ctrl_c().await.is_err() {
        std::future::pending::<()>().await;
    }
}
