//! What the section `[transit]` means to custody.

use std::fs;

use anyhow::{Context, Result, bail};
use keywright_custody::{TokenSource, TransitCustody, TransitError, TransitSettings};

use super::Fault;
use crate::config::{Config, Environment, Transit};

pub fn open(config: &Config, environment: &Environment) -> Result<Option<TransitCustody>> {
    let settings = settings(config, environment)?;
    let opened = settings.map(|settings| TransitCustody::open(settings).map_err(named));
    opened.transpose()
}

pub fn fault(config: &Config, environment: &Environment) -> Option<Fault> {
    let settings = match settings(config, environment) {
        Ok(settings) => settings?,
        Err(error) => return Some(("transit.ca", format!("{error:#}"))),
    };
    let error = TransitCustody::open(settings).err()?;
    Some((key_at_fault(&error), error.to_string()))
}

pub fn demand_same(opened: &Transit, now: &Transit) -> Result<()> {
    let but_for_the_token = |section: &Transit| Transit {
        token: None,
        ..section.clone()
    };
    if but_for_the_token(opened) != but_for_the_token(now) {
        bail!("transit: only the token can be changed while the server runs");
    }
    Ok(())
}

/// Not read yet: it is read whenever a newer one may be there.
pub fn token(config: &Config, environment: &Environment) -> Result<TokenSource> {
    let reference = config.transit.token.clone();
    let reference = reference.context("transit.token is not set")?;
    let (base, environment) = (config.base.clone(), environment.clone());
    Ok(TokenSource::new(move || {
        let token = reference.read(&base, &environment);
        token.map_err(|error| error.to_string())
    }))
}

pub fn named(error: TransitError) -> anyhow::Error {
    let key = key_at_fault(&error);
    anyhow::Error::new(error).context(key)
}

fn settings(config: &Config, environment: &Environment) -> Result<Option<TransitSettings>> {
    let section = &config.transit;
    let Some(url) = &section.url else {
        return Ok(None);
    };
    let ca = section.ca.as_ref().map(|path| {
        let path = config.path(path);
        fs::read(&path).with_context(|| format!("transit.ca: {}", path.display()))
    });
    Ok(Some(TransitSettings {
        url: url.clone(),
        mount: section.mount.clone(),
        namespace: section.namespace.clone(),
        ca: ca.transpose()?,
        token: token(config, environment)?,
    }))
}

/// The key of the configuration that is to be mended.
const fn key_at_fault(error: &TransitError) -> &'static str {
    match error {
        TransitError::Url(_)
        | TransitError::Unreachable(_)
        | TransitError::Dropped(_)
        | TransitError::Away(_)
        | TransitError::Busy(_)
        | TransitError::Sealed
        | TransitError::NotNow { .. } => "transit.url",
        TransitError::Namespace => "transit.namespace",
        TransitError::Ca(_) => "transit.ca",
        TransitError::NoToken(_)
        | TransitError::MalformedToken
        | TransitError::TokenRefused
        | TransitError::NoCapability { .. }
        | TransitError::Denied { .. } => "transit.token",
        TransitError::NoMount { .. } => "transit.mount",
        TransitError::NoKey { .. }
        | TransitError::OtherType { .. }
        | TransitError::Exportable
        | TransitError::PublicKey(_)
        | TransitError::Unexpected { .. }
        | TransitError::NoRandomness(_)
        | TransitError::NotFound { .. }
        | TransitError::Refused { .. } => "transit",
    }
}
