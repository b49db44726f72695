//! What a drill is given to work with: by options, or by the configuration file and the `quickstart.json` beside it.

use anyhow::{Context as _, anyhow};

use super::super::{Context, Failure, could_not_run};
use crate::admin::Base;
use crate::config::Config;
use crate::quickstart::{Directory, Manifest};

/// The configuration, unless the command is told to look elsewhere.
pub struct Given {
    pub config: Option<Config>,
    pub manifest: Option<Manifest>,
    pub issuer: String,
    /// The CA to trust, PEM.
    pub ca: Option<Vec<u8>>,
}

impl Given {
    /// With a URL, nothing of this machine is read.
    pub fn find(url: Option<String>, context: &Context) -> Result<Self, Failure> {
        let elsewhere = context.elsewhere.base.as_ref();
        let ca = context.elsewhere.ca.as_ref().map(|file| {
            let read = std::fs::read(file);
            read.with_context(|| format!("cannot read {}", file.display()))
        });
        let ca = ca.transpose().map_err(could_not_run)?;
        if let Some(issuer) = url.or_else(|| elsewhere.map(Base::to_string)) {
            return Ok(Self {
                config: None,
                manifest: None,
                issuer,
                ca,
            });
        }
        let config = context.load()?;
        let manifest = Directory::of_config(&config)
            .manifest()
            .map_err(could_not_run)?;
        let issuer = config.issuer.url.as_ref();
        let issuer = issuer.ok_or_else(|| could_not_run(anyhow!("issuer.url is not set")))?;
        Ok(Self {
            issuer: issuer.to_string(),
            manifest,
            ca,
            config: Some(config),
        })
    }
}
