use std::sync::{Arc, Mutex};

use keywright_custody::SealedCustody;
use keywright_domain::keys::KeyRecord;
use keywright_domain::ports::{Custody, CustodyError, NewKey, Signer};
use keywright_domain::secret::Sealed;
use keywright_jwt::{Algorithm, PrivateKey};
use zeroize::Zeroizing;

/// Keys under a master key, of which some algorithms can be taken away, as a token may never have had them.
pub struct LackingCustody {
    custody: SealedCustody,
    lacks: Mutex<Vec<Algorithm>>,
}

impl LackingCustody {
    pub fn new(custody: SealedCustody) -> Self {
        Self {
            custody,
            lacks: Mutex::default(),
        }
    }

    /// No key of this algorithm is made or used from now on.
    pub fn lack(&self, algorithm: Algorithm) {
        self.lacks.lock().unwrap().push(algorithm);
    }
}

impl Custody for LackingCustody {
    fn supports(&self, algorithm: Algorithm) -> Result<(), CustodyError> {
        if self.lacks.lock().unwrap().contains(&algorithm) {
            let detail = "the token has no such mechanism".to_owned();
            return Err(CustodyError::Unsupported { algorithm, detail });
        }
        self.custody.supports(algorithm)
    }

    fn generate(&self, algorithm: Algorithm) -> Result<NewKey, CustodyError> {
        self.supports(algorithm)?;
        self.custody.generate(algorithm)
    }

    fn open(&self, record: &KeyRecord) -> Result<Arc<dyn Signer>, CustodyError> {
        self.custody.open(record)
    }

    fn reveal(&self, record: &KeyRecord) -> Result<PrivateKey, CustodyError> {
        self.custody.reveal(record)
    }

    fn seal(&self, label: &str, secret: &[u8]) -> Result<Sealed, CustodyError> {
        self.custody.seal(label, secret)
    }

    fn unseal(&self, label: &str, sealed: &Sealed) -> Result<Zeroizing<Vec<u8>>, CustodyError> {
        self.custody.unseal(label, sealed)
    }

    fn reseal(&self, label: &str, sealed: &Sealed) -> Result<Option<Sealed>, CustodyError> {
        self.custody.reseal(label, sealed)
    }

    fn reseal_key(&self, record: &KeyRecord) -> Result<Option<Sealed>, CustodyError> {
        self.custody.reseal_key(record)
    }
}
