//! Keys sealed in the database under a master key. They sign in this process, from memory.

use std::fmt;
use std::sync::Arc;

use keywright_domain::keys::KeyRecord;
use keywright_domain::ports::{Custody, CustodyError, NewKey, Signer};
use keywright_domain::secret::Sealed;
use keywright_jwt::{Algorithm, PrivateKey, SigningKey};
use zeroize::Zeroizing;

use crate::envelope::{Envelope, OpenError};
use crate::label::{bad, label_of, server_label, signing_label};
use crate::{MasterKey, Place, local};

pub struct SealedCustody {
    envelope: Envelope,
}

impl SealedCustody {
    pub fn new(master: &MasterKey) -> Result<Self, CustodyError> {
        let envelope = Envelope::new(master).map_err(|e| bad("master key", e))?;
        Ok(Self { envelope })
    }

    fn private_key(&self, record: &KeyRecord) -> Result<PrivateKey, CustodyError> {
        let bytes = self.unseal_bytes(&label_of(record), &record.sealed)?;
        Ok(PrivateKey::from_bytes(bytes.to_vec()))
    }

    fn unseal_bytes(
        &self,
        label: &str,
        sealed: &Sealed,
    ) -> Result<Zeroizing<Vec<u8>>, CustodyError> {
        Place::MasterKey.demand(label, sealed)?;
        self.envelope
            .open(label, sealed.as_bytes())
            .map_err(|reason| match reason {
                OpenError::OtherMasterKey => CustodyError::WrongMasterKey {
                    label: label.to_owned(),
                },
                OpenError::UnknownVersion(_) | OpenError::Truncated | OpenError::Changed => {
                    bad(label, reason)
                }
            })
    }
}

impl Custody for SealedCustody {
    fn supports(&self, _: Algorithm) -> Result<(), CustodyError> {
        Ok(())
    }

    fn generate(&self, algorithm: Algorithm) -> Result<NewKey, CustodyError> {
        let (key, private) =
            SigningKey::generate(algorithm).map_err(|e| bad(algorithm.as_str(), e))?;
        let label = signing_label(algorithm, key.kid());
        let sealed = self
            .envelope
            .seal(&label, private.as_bytes())
            .map_err(|e| bad(&label, e))?;
        Ok(NewKey {
            kid: key.kid().to_owned(),
            public: key.public_jwk(),
            sealed: Sealed::from_bytes(sealed),
        })
    }

    fn open(&self, record: &KeyRecord) -> Result<Arc<dyn Signer>, CustodyError> {
        local::open(record, &self.private_key(record)?)
    }

    fn reveal(&self, record: &KeyRecord) -> Result<PrivateKey, CustodyError> {
        if !record.ring.algorithm.is_symmetric() {
            return Err(never_leaves(record));
        }
        self.private_key(record)
    }

    fn seal(&self, label: &str, secret: &[u8]) -> Result<Sealed, CustodyError> {
        let label = server_label(label);
        let sealed = self
            .envelope
            .seal(&label, secret)
            .map_err(|e| bad(&label, e))?;
        Ok(Sealed::from_bytes(sealed))
    }

    fn unseal(&self, label: &str, sealed: &Sealed) -> Result<Zeroizing<Vec<u8>>, CustodyError> {
        self.unseal_bytes(&server_label(label), sealed)
    }

    fn reseal(&self, _: &str, _: &Sealed) -> Result<Option<Sealed>, CustodyError> {
        Ok(None)
    }
}

pub(crate) fn never_leaves(record: &KeyRecord) -> CustodyError {
    bad(
        &label_of(record),
        "the private half of a key pair never leaves",
    )
}

impl fmt::Debug for SealedCustody {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SealedCustody(…)")
    }
}
