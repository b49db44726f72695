//! A loaded PKCS#11 module. A process initialises each once, however many tokens it opens behind it, and never unloads it: vendors' modules
//! leave threads behind.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};
use std::time::Instant;

use cryptoki::context::{CInitializeArgs, CInitializeFlags, Pkcs11};
use cryptoki::error::{Error, RvError};

use super::error::Pkcs11Error;
use crate::contact::{PAUSE, now};

pub(super) struct Module {
    pub(super) library: Pkcs11,
    epoch: RwLock<Epoch>,
}

/// Whatever was opened in an earlier one is void, and its numbers may be given out again.
pub(super) struct Epoch {
    pub number: u64,
    began: Instant,
}

static LOADED: Mutex<BTreeMap<PathBuf, Arc<Module>>> = Mutex::new(BTreeMap::new());

impl Module {
    pub fn load(path: &Path) -> Result<Arc<Self>, Pkcs11Error> {
        let mut loaded = LOADED.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(module) = loaded.get(path) {
            return Ok(module.clone());
        }
        let unusable = |error: Error| Pkcs11Error::Module {
            path: path.to_owned(),
            detail: error.to_string(),
        };
        let library = Pkcs11::new(path).map_err(unusable)?;
        initialize(&library).map_err(unusable)?;
        let began = now();
        let epoch = RwLock::new(Epoch { number: 0, began });
        let module = Arc::new(Self { library, epoch });
        loaded.insert(path.to_owned(), module.clone());
        Ok(module)
    }

    /// Held during each call: nobody may call while the module is initialised anew (PKCS#11 3.1 §5.4.2).
    pub fn calling(&self) -> RwLockReadGuard<'_, Epoch> {
        self.epoch.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// Held by whoever must be the only one.
    pub fn alone(&self) -> RwLockWriteGuard<'_, Epoch> {
        self.epoch.write().unwrap_or_else(PoisonError::into_inner)
    }

    /// Initialises the module anew, which is what many a module needs to find its token again, unless somebody did so since `seen`, or a
    /// moment ago and in vain.
    pub fn restart(&self, seen: u64) -> Result<(), Pkcs11Error> {
        let mut epoch = self.alone();
        if epoch.number != seen || (seen > 0 && now() - epoch.began < PAUSE) {
            return Ok(());
        }
        // What cannot be finalised was lost already.
        let _ = self.library.clone().finalize();
        epoch.number += 1;
        epoch.began = now();
        Ok(initialize(&self.library)?)
    }
}

fn initialize(library: &Pkcs11) -> Result<(), Error> {
    let begun = library.initialize(CInitializeArgs::new(CInitializeFlags::OS_LOCKING_OK));
    match begun {
        Err(Error::Pkcs11(RvError::CryptokiAlreadyInitialized, _)) => Ok(()),
        other => other,
    }
}
