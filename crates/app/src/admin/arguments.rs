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

/// What the command line and the environment say of a server elsewhere. Nothing secret has been read yet.
#[derive(Debug, Default)]
pub struct Elsewhere {
    /// `None`: the command is about the database of its configuration.
    pub base: Option<Base>,
    pub ca: Option<PathBuf>,
    token: Option<Reference>,
    person: Option<Named>,
    client: Option<Named>,
}

#[derive(Debug)]
struct Named {
    name: String,
    secret: Reference,
}

/// The address that paths are appended to: HTTPS, or HTTP on this machine.
#[derive(Clone, Debug)]
pub struct Base(Url);

impl Arguments {
    /// What the command line says outweighs the environment; of that, a --config that is given leaves nothing.
    pub fn resolve(self, config: bool, environment: &Environment) -> Result<Elsewhere> {
        ensure!(
            !(config && self.url.is_some()),
            "--config is a server on this machine and --url one elsewhere: give one of them"
        );
        let variable = |name| environment.get(name).filter(|_| !config);
        let base = self.url.as_deref().or_else(|| variable("KEYWRIGHT_URL"));
        let base = base.map(Base::parse).transpose()?;
        let variable = |name| variable(name).filter(|_| base.is_some());
        let id = self.client_id.clone();
        let id = id.or_else(|| variable("KEYWRIGHT_CLIENT_ID").map(str::to_owned));
        let secret = self.client_secret.clone();
        let secret = secret.or_else(|| variable("KEYWRIGHT_CLIENT_SECRET").map(Reference::parse));
        let password = self
            .password
            .or(self.login.as_ref().map(|_| Reference::Input));
        Ok(Elsewhere {
            client: named(id, secret).context("--client-id and --client-secret belong together")?,
            person: named(self.login, password).context("--password is the one of --login NAME")?,
            token: self.token,
            ca: self.ca,
            base,
        })
    }
}

fn named(name: Option<String>, secret: Option<Reference>) -> Option<Option<Named>> {
    match (name, secret) {
        (Some(name), Some(secret)) => Some(Some(Named { name, secret })),
        (None, None) => Some(None),
        (Some(_), None) | (None, Some(_)) => None,
    }
}

impl Elsewhere {
    /// For what only a server's own machine can do.
    pub fn refuse(&self) -> Result<()> {
        if let Some(base) = &self.base {
            bail!(
                "this command works on the server's own machine only, not on {base}: name its --config, or leave out --url"
            );
        }
        let given = self.token.is_some() || self.person.is_some() || self.client.is_some();
        ensure!(
            !given,
            "the credentials are for a server elsewhere: give its --url"
        );
        Ok(())
    }

    /// The most particular of those that are given: a token, a person, a client.
    pub fn credentials(&self, environment: &Environment) -> Result<Option<Credentials>> {
        if let Some(token) = self.token(environment)? {
            return Ok(Some(Credentials::Token(token)));
        }
        let person = self.person(environment)?;
        let person = person.map(|(name, password)| Applicant::Person { name, password });
        let applicant = match person {
            Some(person) => Some(person),
            None => {
                let client = self.client(environment)?;
                client.map(|(id, secret)| Applicant::Client { id, secret })
            }
        };
        Ok(applicant.map(Credentials::Applicant))
    }

    pub fn token(&self, environment: &Environment) -> Result<Option<PlainSecret>> {
        let token = self.token.as_ref();
        token
            .map(|token| read(token, "access token", environment))
            .transpose()
    }

    /// Name and password.
    pub fn person(&self, environment: &Environment) -> Result<Option<(String, PlainSecret)>> {
        pair(self.person.as_ref(), "password", environment)
    }

    /// Its id and its secret.
    pub fn client(&self, environment: &Environment) -> Result<Option<(String, PlainSecret)>> {
        pair(self.client.as_ref(), "client secret", environment)
    }
}

fn pair(
    named: Option<&Named>,
    what: &str,
    environment: &Environment,
) -> Result<Option<(String, PlainSecret)>> {
    let read = |of: &Named| Ok((of.name.clone(), read(&of.secret, what, environment)?));
    named.map(read).transpose()
}

fn read(reference: &Reference, what: &str, environment: &Environment) -> Result<PlainSecret> {
    reference
        .read(what, environment)
        .with_context(|| format!("the {what}"))
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
