use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;

use anyhow::{Error, Result, anyhow};

use super::{Context, Outcome, could_not_run};
use crate::config::Config;
use crate::log;
use crate::output::print;
use crate::quickstart::{Directory, Manifest, seed, story};
use crate::serve::Prepared;

/// Create everything that a first look needs, serve it, and say what to try
///
/// Running it again finds what is there and changes nothing. `DIR/quickstart.json` holds the names, passwords and
/// addresses; only you can read it.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Example:\n  keywright quickstart --dir ./keywright-data --listen 127.0.0.1:8080"
)]
pub struct Quickstart {
    /// Where everything goes
    #[arg(long, default_value = "./keywright-data")]
    dir: PathBuf,
    /// The address to serve, on loopback [default: 127.0.0.1:8080, or what DIR was made for]
    #[arg(long, value_name = "ADDR")]
    listen: Option<SocketAddr>,
}

impl Quickstart {
    pub fn run(self, context: &Context) -> Outcome {
        context.on_this_machine()?;
        if let Some(listen) = self.listen.filter(|listen| !listen.ip().is_loopback()) {
            return Err(could_not_run(anyhow!(
                "{listen} is not on loopback: quickstart serves plain HTTP"
            )));
        }
        let default = SocketAddr::from((Ipv4Addr::LOCALHOST, 8080));
        let directory =
            Directory::prepare(&self.dir, self.listen, default).map_err(could_not_run)?;
        let file = directory.config_file();
        let config = Config::load(&file, &context.environment).map_err(could_not_run)?;
        log::start(&config.log).map_err(could_not_run)?;
        super::serving(async {
            let prepared = Prepared::new(config, &file, &context.environment).await;
            let prepared = prepared.map_err(|error| could_not_run(advise(error)))?;
            let manifest = complete(&directory, &prepared).await?;
            prepared.serve(|| tell(&directory, &manifest)).await?;
            Ok(())
        })
    }
}

/// The one thing that goes wrong on a machine where somebody works.
fn advise(error: Error) -> Error {
    let taken = |cause: &(dyn std::error::Error + 'static)| {
        cause
            .downcast_ref::<io::Error>()
            .is_some_and(|e| e.kind() == io::ErrorKind::AddrInUse)
    };
    if error.chain().any(taken) {
        return error.context("choose another address, such as --listen 127.0.0.1:8090");
    }
    error
}

/// What an earlier run left, or everything anew.
async fn complete(directory: &Directory, prepared: &Prepared) -> Result<Manifest> {
    if let Some(manifest) = directory.manifest()? {
        return Ok(manifest);
    }
    let (manifest, follower) = seed(&prepared.deployment).await?;
    directory.write_follower_secret(&follower)?;
    directory.write_manifest(&manifest)?;
    Ok(manifest)
}

fn tell(directory: &Directory, manifest: &Manifest) {
    if let Err(error) = print(&story(directory, manifest)) {
        tracing::warn!(target: "quickstart.story.unprinted", %error, "the story could not be printed");
    }
}
