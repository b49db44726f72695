//! `--url` and who asks there, from the command line and the environment.

use std::fmt;
use std::net::IpAddr;
use std::path::PathBuf;

use anyhow::{Context as _, Result, bail, ensure};
use keywright_domain::secret::PlainSecret;
use reqwest::Url;

use super::credentials::{Applicant, Credentials};
use super::reference::Reference;
use crate::config::Environment;

/// Each has an id that no command's own argument has: clap takes two of one id for one.
#[derive(Debug, Default, clap::Args)]
#[command(next_help_heading = "A server elsewhere")]
pub struct Arguments {
    /// Work on the server at this address by its admin API, instead of on the database of --config [env: KEYWRIGHT_URL]
    #[arg(id = "elsewhere_url", long = "url", global = true, value_name = "URL")]
    url: Option<String>,
    /// The client that asks; it needs the grant client-credentials, and the scopes of the command [env: KEYWRIGHT_CLIENT_ID]
    #[arg(
        id = "elsewhere_client_id",
        long = "client-id",
        global = true,
        value_name = "CLIENT_ID"
    )]
    client_id: Option<String>,
    /// Where its secret is: file:PATH, env:NAME, cred:NAME, or - for the first line of standard input [env: KEYWRIGHT_CLIENT_SECRET]
    #[arg(
        id = "elsewhere_client_secret",
        long = "client-secret",
        global = true,
        value_name = "REF"
    )]
    client_secret: Option<Reference>,
    /// Or a person who asks, and is logged in for this command only
    #[arg(
        id = "elsewhere_login",
        long = "login",
        global = true,
        value_name = "NAME"
    )]
    login: Option<String>,
    /// Where the person's password is [default: -]
    #[arg(
        id = "elsewhere_password",
        long = "password",
        global = true,
        value_name = "REF"
    )]
    password: Option<Reference>,
    /// Or where an access token is
    #[arg(
        id = "elsewhere_token",
        long = "token",
        global = true,
        value_name = "REF"
    )]
    token: Option<Reference>,
    /// Trust these certificates (PEM), instead of those that the machine trusts
    #[arg(id = "elsewhere_ca", long = "ca", global = true, value_name = "FILE")]
    ca: Option<PathBuf>,
}

/// A server that is not reached through its database.
#[derive(Debug)]
pub struct Elsewhere {
    pub base: Base,
    pub ca: Option<PathBuf>,
    pub credentials: Option<Given>,
}

/// Credentials of which nothing secret has been read yet.
#[derive(Debug)]
pub enum Given {
    Token(Reference),
    Client { id: String, secret: Reference },
    Person { name: String, password: Reference },
}

/// The address that paths are appended to: HTTPS, or HTTP on this machine.
#[derive(Clone, Debug)]
pub struct Base(Url);

impl Arguments {
    /// `None`: the command is about the database of its configuration. A --config that is given outweighs the environment.
    pub fn resolve(self, config: bool, environment: &Environment) -> Result<Option<Elsewhere>> {
        ensure!(
            !(config && self.url.is_some()),
            "--config is a server on this machine and --url one elsewhere: give one of them"
        );
        let variable = |name| environment.get(name).filter(|_| !config);
        let Some(url) = self.url.as_deref().or_else(|| variable("KEYWRIGHT_URL")) else {
            ensure!(
                self.is_empty(),
                "the credentials are for a server elsewhere: give its --url"
            );
            return Ok(None);
        };
        Ok(Some(Elsewhere {
            base: Base::parse(url)?,
            ca: self.ca.clone(),
            credentials: self.credentials(environment)?,
        }))
    }

    fn is_empty(&self) -> bool {
        let names = [&self.client_id, &self.login];
        let references = [&self.client_secret, &self.password, &self.token];
        names.iter().all(|name| name.is_none())
            && references.iter().all(|reference| reference.is_none())
            && self.ca.is_none()
    }

    /// What the command line says outweighs the environment.
    fn credentials(self, environment: &Environment) -> Result<Option<Given>> {
        let on_line = [
            self.client_id.is_some(),
            self.login.is_some(),
            self.token.is_some(),
        ];
        ensure!(
            on_line.iter().filter(|given| **given).count() <= 1,
            "give one of --client-id, --login and --token"
        );
        ensure!(
            self.login.is_some() || self.password.is_none(),
            "--password is the one of --login NAME"
        );
        if let Some(token) = self.token {
            return Ok(Some(Given::Token(token)));
        }
        if let Some(name) = self.login {
            let password = self.password.unwrap_or(Reference::Input);
            return Ok(Some(Given::Person { name, password }));
        }
        let id = self
            .client_id
            .or_else(|| owned(environment, "KEYWRIGHT_CLIENT_ID"));
        let Some(id) = id else {
            ensure!(
                self.client_secret.is_none(),
                "--client-secret is the one of --client-id ID"
            );
            return Ok(None);
        };
        let variable = || {
            environment
                .get("KEYWRIGHT_CLIENT_SECRET")
                .map(Reference::parse)
        };
        let secret = self.client_secret.or_else(variable);
        let secret = secret.context("the client has no secret: give --client-secret REF")?;
        Ok(Some(Given::Client { id, secret }))
    }
}

fn owned(environment: &Environment, name: &str) -> Option<String> {
    environment.get(name).map(str::to_owned)
}

impl Given {
    pub fn read(&self, environment: &Environment) -> Result<Credentials> {
        let read = |reference: &Reference, what| -> Result<PlainSecret> {
            reference
                .read(what, environment)
                .with_context(|| format!("the {what}"))
        };
        Ok(match self {
            Self::Token(token) => Credentials::Token(read(token, "access token")?),
            Self::Client { id, secret } => Credentials::Applicant(Applicant::Client {
                id: id.clone(),
                secret: read(secret, "client secret")?,
            }),
            Self::Person { name, password } => Credentials::Applicant(Applicant::Person {
                name: name.clone(),
                password: read(password, "password")?,
            }),
        })
    }
}

impl Base {
    fn parse(text: &str) -> Result<Self> {
        // Nothing of the text is repeated before it is known to hold no password.
        let Ok(url) = Url::parse(text) else {
            bail!("--url: expected an address such as https://id.example.org");
        };
        let bare = url.query().is_none() && url.fragment().is_none();
        let nobody = url.username().is_empty() && url.password().is_none();
        ensure!(
            bare && nobody,
            "--url: an address without user, password, query or fragment is expected"
        );
        match url.scheme() {
            "https" => Ok(Self(url)),
            "http" if is_this_machine(&url) => Ok(Self(url)),
            _ => bail!(
                "--url {url}: expected https; http is for this machine alone, since credentials travel with it"
            ),
        }
    }

    /// Whether nothing is encrypted, because nothing leaves the machine.
    pub fn is_plain(&self) -> bool {
        self.0.scheme() == "http"
    }
}

/// Without a slash at its end.
impl fmt::Display for Base {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0.as_str().trim_end_matches('/'))
    }
}

fn is_this_machine(url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default();
    let address = host.trim_matches(['[', ']']).parse::<IpAddr>();
    host == "localhost" || address.is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
#[path = "arguments_tests.rs"]
mod tests;
