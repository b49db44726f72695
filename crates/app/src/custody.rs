//! Which custodies the configuration asks for: a master key, a vault, or several of them while keys move.

mod master;
mod pkcs11;
mod transit;

use std::sync::Arc;

use anyhow::{Context, Result};
use keywright_custody::{Kept, MixedCustody, Pkcs11Custody, Place, TransitCustody};
use keywright_domain::ports::Custody;

use crate::adapter::{OffWorkers, off_workers};
use crate::config::{Config, Environment, Issuer, Pkcs11, Transit};

pub struct Chosen {
    pub custody: Arc<dyn Custody>,
    pub vaults: Arc<Vaults>,
}

/// What is wrong, behind the key of the configuration that is to be mended.
pub type Fault = (&'static str, String);

/// The vaults that are in use, and the sections that they were opened by.
pub struct Vaults {
    /// Names the master keys in use.
    issuer: Issuer,
    token: Option<Arc<Pkcs11Custody>>,
    pkcs11: Pkcs11,
    engine: Option<Arc<TransitCustody>>,
    transit: Transit,
}

pub fn open(config: &Config, environment: &Environment) -> Result<Chosen> {
    let mut kept: Vec<Kept> = Vec::new();
    if let Some(sealed) = master::open(config, environment)? {
        kept.push((Place::MasterKey, Arc::new(sealed)));
    }
    let vaults = Vaults {
        issuer: config.issuer.clone(),
        token: pkcs11::open(config, environment)?.map(Arc::new),
        pkcs11: config.pkcs11.clone(),
        engine: transit::open(config, environment)?.map(Arc::new),
        transit: config.transit.clone(),
    };
    if let Some(token) = &vaults.token {
        kept.push((Place::Pkcs11, Arc::new(OffWorkers(token.clone()))));
    }
    if let Some(engine) = &vaults.engine {
        kept.push((Place::Transit, Arc::new(OffWorkers(engine.clone()))));
    }
    let wanted = new_keys(config);
    let wanted = kept.iter().position(|(place, _)| *place == wanted);
    let new_keys = kept.remove(wanted.context("issuer.master_key is not set")?);
    let custody = match kept.is_empty() {
        true => new_keys.1,
        false => Arc::new(MixedCustody {
            new_keys,
            others: kept,
        }),
    };
    let vaults = Arc::new(vaults);
    Ok(Chosen { custody, vaults })
}

/// Where keys are made by this configuration.
pub fn new_keys(config: &Config) -> Place {
    if config.pkcs11.takes_new_keys() {
        Place::Pkcs11
    } else if config.transit.takes_new_keys() {
        Place::Transit
    } else {
        Place::MasterKey
    }
}

/// Opens each of them as `serve` does, and names what is wrong.
pub fn faults(config: &Config, environment: &Environment) -> Vec<Fault> {
    let faults = [
        master::fault(config, environment),
        pkcs11::fault(config, environment),
        transit::fault(config, environment),
    ];
    faults.into_iter().flatten().collect()
}

impl Vaults {
    /// Takes up what may be changed: the PIN, and the token. A vault that does not answer, or refuses it, refuses the reload too: the
    /// next start would fail with it.
    pub fn reload(&self, config: &Config, environment: &Environment) -> Result<()> {
        master::demand_same(&self.issuer, &config.issuer)?;
        pkcs11::demand_same(&self.pkcs11, &config.pkcs11)?;
        transit::demand_same(&self.transit, &config.transit)?;
        if let Some(token) = &self.token {
            let pin = pkcs11::pin(config, environment)?;
            off_workers(|| token.take_pin(pin)).map_err(pkcs11::named)?;
        }
        if let Some(engine) = &self.engine {
            let source = transit::token(config, environment)?;
            off_workers(|| engine.take_token(source)).map_err(transit::named)?;
        }
        Ok(())
    }

    /// Whether there is one that has to be looked after.
    pub fn need_tending(&self) -> bool {
        self.engine.is_some()
    }

    /// What a vault needs to go on knowing us. Blocks.
    pub fn tend(&self) -> Result<()> {
        match &self.engine {
            Some(engine) => engine.tend().map_err(transit::named),
            None => Ok(()),
        }
    }
}
