//! Another custody, or another master key: what is sealed as it was before is sealed as new secrets are. Names, public halves and states stay,
//! so nobody outside notices.

use crate::audit::Effects;
use crate::issuer::{Outside, StartError};
use crate::keys::{KeyRecord, ServerKey};
use crate::ports::KeysRead;
use crate::{Issuer, Unavailable};

/// Server keys, all of them: one that does not open is an error, since nothing works without it.
pub(crate) async fn server_keys(outside: &Outside, stored: &[ServerKey]) -> Result<(), StartError> {
    for key in stored {
        if let Some(sealed) = outside.custody.reseal(&key.label(), &key.sealed)? {
            outside.store.reseal_server_key(key, &sealed).await?;
        }
    }
    Ok(())
}

/// Signing keys, those that ended lately included. One that does not open stays as it is: opening it says why, if it is ever needed.
///
/// The version of the set is the guard, and it is raised: a node that planned on the keys of before would write their old bytes back. Where
/// another change was first, the keys are read again.
pub(crate) async fn signing_keys(outside: &Outside) -> Result<(), Unavailable> {
    loop {
        let KeysRead { version, keys } = outside.store.signing_keys().await?;
        let anew = |key: &KeyRecord| {
            let sealed = outside.custody.reseal_key(key).ok().flatten()?;
            let key = key.clone();
            Some(KeyRecord { sealed, ..key })
        };
        let changed: Vec<KeyRecord> = keys.iter().filter_map(anew).collect();
        let unsaid = Effects::default();
        if changed.is_empty()
            || outside
                .store
                .change_keys(version, &changed, &unsaid)
                .await?
        {
            return Ok(());
        }
    }
}

impl Issuer {
    /// The keys that rest under the previous master key still, by name: a node that was not restarted yet made them since this one started, or
    /// they are damaged.
    pub async fn keys_to_reseal(&self) -> Result<Vec<String>, Unavailable> {
        let Outside { store, custody, .. } = &self.outside;
        let mut left = Vec::new();
        for key in store.server_keys().await? {
            if custody.reseal(&key.label(), &key.sealed) != Ok(None) {
                left.push(key.label());
            }
        }
        for key in store.signing_keys().await?.keys {
            if custody.reseal_key(&key) != Ok(None) {
                left.push(format!("{} key {}", key.ring.algorithm, key.kid));
            }
        }
        Ok(left)
    }
}
