//! Several custodies side by side, while keys move from one to another: everything is opened where it rests, and what is new rests where the
//! operator wants it.

use std::sync::Arc;

use keywright_domain::keys::KeyRecord;
use keywright_domain::ports::{Custody, CustodyError, NewKey, Signer};
use keywright_domain::secret::Sealed;
use keywright_jwt::{Algorithm, PrivateKey};
use zeroize::Zeroizing;

use crate::Place;

/// A custody, and where its secrets rest.
pub type Kept = (Place, Arc<dyn Custody>);

pub struct MixedCustody {
    /// Where new keys are made. Server secrets move there at once; signing keys follow with their rotation.
    pub new_keys: Kept,
    pub others: Vec<Kept>,
}

impl MixedCustody {
    fn new_at(&self) -> &dyn Custody {
        &*self.new_keys.1
    }

    /// What none of these wrote is refused by the custody of new keys, which says why: it is damaged, or rests elsewhere.
    fn of(&self, sealed: &Sealed) -> &dyn Custody {
        let place = Place::of(sealed);
        let rests = self.others.iter().find(|(other, _)| place == Some(*other));
        let (_, custody) = rests.unwrap_or(&self.new_keys);
        &**custody
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
        if Place::of(sealed) == Some(self.new_keys.0) {
            return self.new_at().reseal(label, sealed);
        }
        let secret = self.unseal(label, sealed)?;
        self.seal(label, &secret).map(Some)
    }

    fn reseal_key(&self, record: &KeyRecord) -> Result<Option<Sealed>, CustodyError> {
        self.of(&record.sealed).reseal_key(record)
    }
}
