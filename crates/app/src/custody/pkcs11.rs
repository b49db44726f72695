//! What the section `[pkcs11]` means to custody.

use anyhow::{Context, Result, bail};
use keywright_custody::{Pkcs11Custody, Pkcs11Error, Pkcs11Settings};
use keywright_domain::ports::Custody;
use keywright_domain::secret::PlainSecret;

use super::Fault;
use crate::config::{Config, Environment, Pkcs11};

pub fn open(config: &Config, environment: &Environment) -> Result<Option<Pkcs11Custody>> {
    let settings = settings(config, environment)?;
    let opened = settings.map(|settings| Pkcs11Custody::open(settings).map_err(named));
    opened.transpose()
}

/// A wrong PIN shows here, and counts at the token.
pub fn fault(config: &Config, environment: &Environment) -> Option<Fault> {
    let settings = match settings(config, environment) {
        Ok(settings) => settings?,
        Err(error) => return Some(("pkcs11.pin", format!("{error:#}"))),
    };
    let token = match Pkcs11Custody::open(settings) {
        Ok(token) => token,
        Err(error) => return Some((key_at_fault(&error), error.to_string())),
    };
    let supported = match config.pkcs11.new_keys {
        true => token.supports(config.keys.algorithm),
        false => Ok(()),
    };
    let error = supported.err()?;
    Some(("keys.algorithm", error.to_string()))
}

pub fn demand_same(opened: &Pkcs11, now: &Pkcs11) -> Result<()> {
    let but_for_the_pin = |section: &Pkcs11| Pkcs11 {
        pin: None,
        ..section.clone()
    };
    if but_for_the_pin(opened) != but_for_the_pin(now) {
        bail!("pkcs11: only the PIN can be changed while the server runs");
    }
    Ok(())
}

pub fn pin(config: &Config, environment: &Environment) -> Result<PlainSecret> {
    let reference = config.pkcs11.pin.as_ref();
    let reference = reference.context("pkcs11.pin is not set")?;
    reference
        .read(&config.base, environment)
        .context("pkcs11.pin")
}

pub fn named(error: Pkcs11Error) -> anyhow::Error {
    let key = key_at_fault(&error);
    anyhow::Error::new(error).context(key)
}

fn settings(config: &Config, environment: &Environment) -> Result<Option<Pkcs11Settings>> {
    let section = &config.pkcs11;
    let (Some(module), Some(token)) = (&section.module, &section.token) else {
        return Ok(None);
    };
    Ok(Some(Pkcs11Settings {
        module: config.path(module),
        token: token.clone(),
        pin: pin(config, environment)?,
        sessions: usize::try_from(section.sessions)?,
    }))
}

/// The key of the configuration that is to be mended.
const fn key_at_fault(error: &Pkcs11Error) -> &'static str {
    match error {
        Pkcs11Error::Module { .. } => "pkcs11.module",
        Pkcs11Error::NoToken { .. } | Pkcs11Error::Ambiguous { .. } => "pkcs11.token",
        Pkcs11Error::WrongPin | Pkcs11Error::PinLocked | Pkcs11Error::NoPin => "pkcs11.pin",
        Pkcs11Error::NoMechanism { .. }
        | Pkcs11Error::NoKey { .. }
        | Pkcs11Error::Extractable
        | Pkcs11Error::PublicKey(_)
        | Pkcs11Error::Unexpected(_)
        | Pkcs11Error::NoRandomness(_)
        | Pkcs11Error::Lost(_)
        | Pkcs11Error::Failed(_)
        | Pkcs11Error::Busy(_)
        | Pkcs11Error::TooMany(_)
        | Pkcs11Error::Refused(_) => "pkcs11",
    }
}
