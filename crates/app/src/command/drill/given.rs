//! What a drill is given to work with: by options, or by the configuration file and the `quickstart.json` beside it.

use anyhow::{Context as _, Result, anyhow};
use keywright_domain::secret::PlainSecret;

use super::super::{Context, Failure, could_not_run};
use crate::config::{Config, SecretRef};
use crate::quickstart::{Directory, Manifest};

/// Names, and secrets as `file:PATH`, `cred:NAME` or `env:NAME`, or as they are (which other users of the machine can see).
#[derive(Debug, clap::Args)]
pub struct CredentialOptions {
    /// A client with the grant client_credentials
    #[arg(long, value_name = "ID", requires = "client_secret")]
    client_id: Option<String>,
    /// Its secret: file:PATH, cred:NAME, env:NAME, or the secret itself
    #[arg(long, value_name = "SECRET", requires = "client_id")]
    client_secret: Option<String>,
    /// A person's user name
    #[arg(long, value_name = "NAME", requires = "password")]
    username: Option<String>,
    /// The password: file:PATH, cred:NAME, env:NAME, or the password itself
    #[arg(long, value_name = "PASSWORD", requires = "username")]
    password: Option<String>,
}

/// Name and secret.
pub type Pair = (String, String);

/// The configuration, unless the command is told to look elsewhere.
pub struct Given {
    pub config: Option<Config>,
    pub manifest: Option<Manifest>,
    pub issuer: String,
}

impl Given {
    /// With a URL, nothing of this machine is read.
    pub fn find(url: Option<String>, context: &Context) -> Result<Self, Failure> {
        if let Some(issuer) = url {
            return Ok(Self {
                config: None,
                manifest: None,
                issuer,
            });
        }
        let config = context.config()?;
        let manifest = Directory::of_config(&config)
            .manifest()
            .map_err(could_not_run)?;
        let issuer = config.issuer.url.as_ref();
        let issuer = issuer.ok_or_else(|| could_not_run(anyhow!("issuer.url is not set")))?;
        Ok(Self {
            issuer: issuer.to_string(),
            manifest,
            config: Some(config),
        })
    }
}

impl CredentialOptions {
    pub fn client(&self, context: &Context) -> Result<Option<Pair>, Failure> {
        pair(&self.client_id, &self.client_secret, context)
    }

    pub fn user(&self, context: &Context) -> Result<Option<Pair>, Failure> {
        pair(&self.username, &self.password, context)
    }
}

fn pair(
    name: &Option<String>,
    secret: &Option<String>,
    context: &Context,
) -> Result<Option<Pair>, Failure> {
    let (Some(name), Some(secret)) = (name, secret) else {
        return Ok(None);
    };
    let secret = read(secret, context).map_err(could_not_run)?;
    Ok(Some((name.clone(), secret.expose().to_owned())))
}

/// A relative path starts where the command runs.
pub fn read(text: &str, context: &Context) -> Result<PlainSecret> {
    match text.parse::<SecretRef>() {
        Ok(reference) => {
            let here = std::env::current_dir().context("the current directory")?;
            Ok(reference.read(&here, &context.environment)?)
        }
        Err(_) => Ok(PlainSecret::new(text)),
    }
}
