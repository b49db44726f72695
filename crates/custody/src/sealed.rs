//! Keys sealed in the database under a master key. They sign in this process, from memory. While a master key is exchanged for another,
//! what the previous one sealed is opened too.

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
    /// Seals whatever is new.
    envelope: Envelope,
    /// Opens what it sealed, and seals nothing.
    previous: Option<Envelope>,
}

impl SealedCustody {
    pub fn new(master: &MasterKey) -> Result<Self, CustodyError> {
        Ok(Self {
            envelope: envelope("master key", master)?,
            previous: None,
        })
    }

    /// Two keys of one id are refused: nothing would tell which of them opens what, and most likely they are the same.
    pub fn with_previous(self, previous: &MasterKey) -> Result<Self, CustodyError> {
        let label = "previous master key";
        let previous = envelope(label, previous)?;
        if previous.has_id_of(&self.envelope) {
            return Err(bad(label, "it is the master key itself"));
        }
        Ok(Self {
            previous: Some(previous),
            ..self
        })
    }

    fn private_key(&self, record: &KeyRecord) -> Result<PrivateKey, CustodyError> {
        let bytes = self.unseal_bytes(&label_of(record), &record.sealed)?;
        Ok(PrivateKey::from_bytes(bytes.to_vec()))
    }

    fn sealed_before(&self, sealed: &Sealed) -> Option<&Envelope> {
        let previous = self.previous.as_ref();
        previous.filter(|previous| previous.sealed(sealed.as_bytes()))
    }

    fn seal_bytes(&self, label: &str, secret: &[u8]) -> Result<Sealed, CustodyError> {
        let sealed = self.envelope.seal(label, secret);
        let sealed = sealed.map_err(|reason| bad(label, reason))?;
        Ok(Sealed::from_bytes(sealed))
    }

    fn unseal_bytes(
        &self,
        label: &str,
        sealed: &Sealed,
    ) -> Result<Zeroizing<Vec<u8>>, CustodyError> {
        Place::MasterKey.demand(label, sealed)?;
        self.sealed_before(sealed)
            .unwrap_or(&self.envelope)
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

    fn reseal_bytes(&self, label: &str, sealed: &Sealed) -> Result<Option<Sealed>, CustodyError> {
        if self.sealed_before(sealed).is_none() {
            return Ok(None);
        }
        let secret = self.unseal_bytes(label, sealed)?;
        self.seal_bytes(label, &secret).map(Some)
    }
}

fn envelope(label: &str, master: &MasterKey) -> Result<Envelope, CustodyError> {
    Envelope::new(master).map_err(|reason| bad(label, reason))
}

impl Custody for SealedCustody {
    fn supports(&self, _: Algorithm) -> Result<(), CustodyError> {
        Ok(())
    }

    fn generate(&self, algorithm: Algorithm) -> Result<NewKey, CustodyError> {
        let (key, private) =
            SigningKey::generate(algorithm).map_err(|e| bad(algorithm.as_str(), e))?;
        let label = signing_label(algorithm, key.kid());
        Ok(NewKey {
            kid: key.kid().to_owned(),
            public: key.public_jwk(),
            sealed: self.seal_bytes(&label, private.as_bytes())?,
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
        self.seal_bytes(&server_label(label), secret)
    }

    fn unseal(&self, label: &str, sealed: &Sealed) -> Result<Zeroizing<Vec<u8>>, CustodyError> {
        self.unseal_bytes(&server_label(label), sealed)
    }

    fn reseal(&self, label: &str, sealed: &Sealed) -> Result<Option<Sealed>, CustodyError> {
        self.reseal_bytes(&server_label(label), sealed)
    }

    fn reseal_key(&self, record: &KeyRecord) -> Result<Option<Sealed>, CustodyError> {
        self.reseal_bytes(&label_of(record), &record.sealed)
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
