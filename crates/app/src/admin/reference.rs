//! A secret is never an argument, which other users of the machine see and shells remember: arguments say where it is.

use std::convert::Infallible;
use std::path::Path;
use std::str::FromStr;

use anyhow::{Result, bail};
use keywright_domain::secret::PlainSecret;

use crate::config::{Environment, SecretRef};
use crate::typed;

#[derive(Clone, Debug, PartialEq)]
pub enum Reference {
    To(SecretRef),
    /// The first line of standard input, or what is typed.
    Input,
    /// Something else: perhaps the secret itself, so it is not kept to be repeated anywhere.
    Unusable,
}

impl Reference {
    pub fn parse(text: &str) -> Self {
        match text {
            "-" => Self::Input,
            text => text.parse().map_or(Self::Unusable, Self::To),
        }
    }

    /// `what` is asked for by this name where somebody types it.
    pub fn read(&self, what: &str, environment: &Environment) -> Result<PlainSecret> {
        Ok(match self {
            Self::To(reference) => reference.read(Path::new(""), environment)?,
            Self::Input => typed::secret_line(what)?,
            Self::Unusable => bail!(
                "it does not belong onto the command line: expected file:PATH, env:NAME, cred:NAME, or - for standard input"
            ),
        })
    }
}

/// So that the parser of arguments has nothing to refuse, and hence nothing to repeat.
impl FromStr for Reference {
    type Err = Infallible;

    fn from_str(text: &str) -> Result<Self, Infallible> {
        Ok(Self::parse(text))
    }
}
