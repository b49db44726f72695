//! A vault whose calls may take milliseconds, kept from holding up the workers of the runtime: the other requests of a worker move on to
//! another thread meanwhile.

use std::sync::Arc;

use keywright_domain::keys::KeyRecord;
use keywright_domain::ports::{Custody, CustodyError, NewKey, SignError, Signer};
use keywright_domain::secret::Sealed;
use keywright_jwt::{Algorithm, PrivateKey};
use tokio::runtime::{Handle, RuntimeFlavor};
use tokio::task::block_in_place;
use zeroize::Zeroizing;

pub struct OffWorkers<C>(pub Arc<C>);

struct OffWorkersSigner(Arc<dyn Signer>);

/// A command has one thread and nobody else to serve.
pub fn off_workers<T>(call: impl FnOnce() -> T) -> T {
    let flavor = Handle::try_current().map(|runtime| runtime.runtime_flavor());
    match flavor {
        Ok(RuntimeFlavor::MultiThread) => block_in_place(call),
        Ok(_) | Err(_) => call(),
    }
}

impl<C: Custody> Custody for OffWorkers<C> {
    fn supports(&self, algorithm: Algorithm) -> Result<(), CustodyError> {
        self.0.supports(algorithm)
    }

    fn generate(&self, algorithm: Algorithm) -> Result<NewKey, CustodyError> {
        off_workers(|| self.0.generate(algorithm))
    }

    /// Symmetric keys sign in this process, at once.
    fn open(&self, record: &KeyRecord) -> Result<Arc<dyn Signer>, CustodyError> {
        let signer = off_workers(|| self.0.open(record))?;
        match record.ring.algorithm.is_symmetric() {
            true => Ok(signer),
            false => Ok(Arc::new(OffWorkersSigner(signer))),
        }
    }

    fn reveal(&self, record: &KeyRecord) -> Result<PrivateKey, CustodyError> {
        off_workers(|| self.0.reveal(record))
    }

    fn seal(&self, label: &str, secret: &[u8]) -> Result<Sealed, CustodyError> {
        off_workers(|| self.0.seal(label, secret))
    }

    fn unseal(&self, label: &str, sealed: &Sealed) -> Result<Zeroizing<Vec<u8>>, CustodyError> {
        off_workers(|| self.0.unseal(label, sealed))
    }

    fn reseal(&self, label: &str, sealed: &Sealed) -> Result<Option<Sealed>, CustodyError> {
        off_workers(|| self.0.reseal(label, sealed))
    }

    fn reseal_key(&self, record: &KeyRecord) -> Result<Option<Sealed>, CustodyError> {
        off_workers(|| self.0.reseal_key(record))
    }
}

impl Signer for OffWorkersSigner {
    fn kid(&self) -> &str {
        self.0.kid()
    }

    fn algorithm(&self) -> Algorithm {
        self.0.algorithm()
    }

    fn sign(&self, typ: &str, payload: &[u8]) -> Result<String, SignError> {
        off_workers(|| self.0.sign(typ, payload))
    }

    fn ready(&self) -> Result<(), SignError> {
        off_workers(|| self.0.ready())
    }
}
