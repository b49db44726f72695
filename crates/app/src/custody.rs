//! Which custody the configuration asks for: a master key, a PKCS#11 token, or both while keys move.

use std::sync::Arc;

use anyhow::{Context, Result};
use keywright_custody::{
    MasterKey, MixedCustody, Pkcs11Custody, Pkcs11Error, Pkcs11Settings, Place, SealedCustody,
};
use keywright_domain::ports::Custody;
use keywright_domain::secret::PlainSecret;

use crate::adapter::OffWorkers;
use crate::config::{Config, Environment};

pub struct Chosen {
    pub custody: Arc<dyn Custody>,
    /// What a reload gives a changed PIN.
    pub token: Option<Arc<Pkcs11Custody>>,
}

pub fn open(config: &Config, environment: &Environment) -> Result<Chosen> {
    let sealed = match master_key(config, environment)? {
        Some(master) => Some(SealedCustody::new(&master)?),
        None => None,
    };
    let Some(settings) = pkcs11_settings(config, environment)? else {
        let sealed = sealed.context("issuer.master_key is not set")?;
        return Ok(Chosen {
            custody: Arc::new(sealed),
            token: None,
        });
    };
    let token = Pkcs11Custody::open(settings).map_err(named)?;
    let token = Arc::new(token);
    let vault: Arc<dyn Custody> = Arc::new(OffWorkers(token.clone()));
    let custody = match sealed {
        None => vault,
        Some(sealed) => Arc::new(MixedCustody {
            sealed,
            vault,
            new_keys: new_keys(config),
        }),
    };
    Ok(Chosen {
        custody,
        token: Some(token),
    })
}

/// Where keys are made by this configuration.
pub fn new_keys(config: &Config) -> Place {
    match config.pkcs11.module.is_some() && config.pkcs11.new_keys {
        true => Place::Pkcs11,
        false => Place::MasterKey,
    }
}

fn master_key(config: &Config, environment: &Environment) -> Result<Option<MasterKey>> {
    let reference = config.issuer.master_key.as_ref();
    let read = |reference: &crate::config::SecretRef| {
        reference
            .read_master_key(&config.base, environment)
            .context("issuer.master_key")
    };
    reference.map(read).transpose()
}

pub fn pkcs11_settings(
    config: &Config,
    environment: &Environment,
) -> Result<Option<Pkcs11Settings>> {
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

pub fn pin(config: &Config, environment: &Environment) -> Result<PlainSecret> {
    let reference = config.pkcs11.pin.as_ref();
    let reference = reference.context("pkcs11.pin is not set")?;
    reference
        .read(&config.base, environment)
        .context("pkcs11.pin")
}

/// The key of the configuration that is to be mended.
pub const fn key_at_fault(error: &Pkcs11Error) -> &'static str {
    match error {
        Pkcs11Error::Module { .. } => "pkcs11.module",
        Pkcs11Error::NoToken { .. } | Pkcs11Error::Ambiguous { .. } => "pkcs11.token",
        Pkcs11Error::WrongPin | Pkcs11Error::PinLocked | Pkcs11Error::NoPin => "pkcs11.pin",
        Pkcs11Error::NoMechanism { .. }
        | Pkcs11Error::NoKey { .. }
        | Pkcs11Error::Extractable
        | Pkcs11Error::PublicKey(_)
        | Pkcs11Error::Unexpected(_)
        | Pkcs11Error::NoRandomness
        | Pkcs11Error::Lost(_)
        | Pkcs11Error::Failed(_)
        | Pkcs11Error::Busy(_)
        | Pkcs11Error::Refused(_) => "pkcs11",
    }
}

pub fn named(error: Pkcs11Error) -> anyhow::Error {
    let key = key_at_fault(&error);
    anyhow::Error::new(error).context(key)
}
