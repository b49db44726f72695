//! What `issuer.master_key` and `issuer.previous_master_key` mean to custody.

use anyhow::{Result, anyhow, bail};
use keywright_custody::{MasterKey, SealedCustody};

use super::Fault;
use crate::config::{Config, Environment, Issuer, SecretRef};

const MASTER: &str = "issuer.master_key";
const PREVIOUS: &str = "issuer.previous_master_key";

pub fn open(config: &Config, environment: &Environment) -> Result<Option<SealedCustody>> {
    try_open(config, environment).map_err(|(key, text)| anyhow!("{key}: {text}"))
}

pub fn fault(config: &Config, environment: &Environment) -> Option<Fault> {
    try_open(config, environment).err()
}

/// A reload that passed over another master key would let its operator throw away the one in use.
pub fn demand_same(opened: &Issuer, now: &Issuer) -> Result<()> {
    for (opened, now, key) in [
        (&opened.master_key, &now.master_key, MASTER),
        (
            &opened.previous_master_key,
            &now.previous_master_key,
            PREVIOUS,
        ),
    ] {
        if opened != now {
            bail!("{key}: master keys are exchanged by a restart, not while the server runs");
        }
    }
    Ok(())
}

fn try_open(config: &Config, environment: &Environment) -> Result<Option<SealedCustody>, Fault> {
    let read = |reference: &Option<SecretRef>, key| {
        let read = |from: &SecretRef| from.read_master_key(&config.base, environment);
        let read: Option<Result<MasterKey, _>> = reference.as_ref().map(read);
        read.transpose().map_err(named(key))
    };
    let Some(master) = read(&config.issuer.master_key, MASTER)? else {
        return Ok(None);
    };
    let mut sealed = SealedCustody::new(&master).map_err(named(MASTER))?;
    if let Some(previous) = read(&config.issuer.previous_master_key, PREVIOUS)? {
        sealed = sealed.with_previous(&previous).map_err(named(PREVIOUS))?;
    }
    Ok(Some(sealed))
}

fn named<E: ToString>(key: &'static str) -> impl Fn(E) -> Fault {
    move |error| (key, error.to_string())
}
