//! A master key and a vault side by side, while keys move from one to the other: everything is opened where it rests, and what is new rests
//! where the operator wants it.

use std::sync::Arc;

use keywright_domain::keys::KeyRecord;
use keywright_domain::ports::{Custody, CustodyError, NewKey, Signer};
use keywright_domain::secret::Sealed;
use keywright_jwt::{Algorithm, PrivateKey};
use zeroize::Zeroizing;

use crate::{Place, SealedCustody};

pub struct MixedCustody {
    pub sealed: SealedCustody,
    pub vault: Arc<dyn Custody>,
    /// Where new keys are made. Server secrets move there at once; signing keys follow with their rotation.
    pub new_keys: Place,
}

impl MixedCustody {
    fn at(&self, place: Place) -> &dyn Custody {
        match place {
            Place::MasterKey => &self.sealed,
            Place::Pkcs11 => &*self.vault,
        }
    }

    fn new_at(&self) -> &dyn Custody {
        self.at(self.new_keys)
    }

    /// What no custody wrote is as good as damaged: the custody of new keys says in which way.
    fn of(&self, sealed: &Sealed) -> &dyn Custody {
        self.at(Place::of(sealed).unwrap_or(self.new_keys))
    }
}

impl Custody for MixedCustody {
    fn supports(&self, algorithm: Algorithm) -> Result<(), CustodyError> {
        self.new_at().supports(algorithm)
    }

    fn generate(&self, algorithm: Algorithm) -> Result<NewKey, CustodyError> {
        self.new_at().generate(algorithm)
    }

    fn open(&self, record: &KeyRecord) -> Result<Arc<dyn Signer>, CustodyError> {
        self.of(&record.sealed).open(record)
    }

    fn reveal(&self, record: &KeyRecord) -> Result<PrivateKey, CustodyError> {
        self.of(&record.sealed).reveal(record)
    }

    fn seal(&self, label: &str, secret: &[u8]) -> Result<Sealed, CustodyError> {
        self.new_at().seal(label, secret)
    }

    fn unseal(&self, label: &str, sealed: &Sealed) -> Result<Zeroizing<Vec<u8>>, CustodyError> {
        self.of(sealed).unseal(label, sealed)
    }

    fn reseal(&self, label: &str, sealed: &Sealed) -> Result<Option<Sealed>, CustodyError> {
        if Place::of(sealed) == Some(self.new_keys) {
            return Ok(None);
        }
        let secret = self.unseal(label, sealed)?;
        self.seal(label, &secret).map(Some)
    }
}
