use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;

use anyhow::Result;

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
        let default = SocketAddr::from((Ipv4Addr::LOCALHOST, 8080));
        let directory =
            Directory::prepare(&self.dir, self.listen, default).map_err(could_not_run)?;
        let file = directory.config_file();
        let config = Config::load(&file, &context.environment).map_err(could_not_run)?;
        log::start(&config.log).map_err(could_not_run)?;
        super::serving(async {
            let prepared = Prepared::new(config, &file, &context.environment)
                .await
                .map_err(could_not_run)?;
            let manifest = complete(&directory, &prepared).await?;
            prepared.serve(|| tell(&directory, &manifest)).await?;
            Ok(())
        })
    }
}

/// What an earlier run left, or everything anew.
async fn complete(directory: &Directory, prepared: &Prepared) -> Result<Manifest> {
    if let Some(manifest) = directory.manifest()? {
        return Ok(manifest);
    }
    let manifest = seed(&prepared.deployment).await?;
    directory.write_manifest(&manifest)?;
    Ok(manifest)
}

fn tell(directory: &Directory, manifest: &Manifest) {
    if let Err(error) = print(&story(directory, manifest)) {
        tracing::warn!(target: "quickstart.story.unprinted", %error, "the story could not be printed");
    }
}
