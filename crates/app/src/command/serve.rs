use super::{Context, Outcome, could_not_run};
use crate::log;
use crate::serve::Prepared;

/// Serve, until SIGTERM or SIGINT; SIGHUP reloads the configuration and the certificate
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  keywright serve --config /etc/keywright/keywright.toml")]
pub struct Serve {}

impl Serve {
    pub fn run(self, context: &Context) -> Outcome {
        let config = context.config()?;
        log::start(&config.log).map_err(could_not_run)?;
        super::serving(async {
            let prepared = Prepared::new(config, &context.config_file, &context.environment).await;
            Ok(prepared.map_err(could_not_run)?.serve(|| {}).await?)
        })
    }
}
