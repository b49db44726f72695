//! Keys in the Transit secrets engine of an OpenBao or HashiCorp Vault server. Private keys are made in it and never leave it. What must be known in
//! this process to be used is sealed under a key that does not leave it either.
//!
//! | file | owns |
//! |---|---|
//! | `server` | what one server is asked, and as whom |
//! | `refusal` | what its refusals mean |
//! | `link` | HTTP: connections, deadlines |
//! | `login` | the token that we show |
//! | `algorithm` | what JWS algorithms are called in Transit |
//! | `key` | a key in the engine, by its name |
//! | `key_pair` | key pairs and their signatures |
//! | `cipher` | sealed secrets |

mod algorithm;
mod cipher;
mod error;
mod key;
mod key_pair;
mod link;
mod login;
mod refusal;
mod server;

use std::fmt;
use std::sync::Arc;

use keywright_domain::keys::KeyRecord;
use keywright_domain::ports::{Custody, CustodyError, NewKey, Signer};
use keywright_domain::secret::Sealed;
use keywright_jwt::{Algorithm, PrivateKey, SigningKey};
use zeroize::Zeroizing;

use crate::label::{bad, label_of, server_label, signing_label};
use crate::sealed::never_leaves;
use crate::{Place, local};
use cipher::Cipher;
use key_pair::TransitSigner;
use server::Server;

pub use error::TransitError;
pub use login::TokenSource;

#[derive(Clone, Debug)]
pub struct TransitSettings {
    /// Where the server is, such as `https://bao.example.org:8200`.
    pub url: String,
    /// The path at which the engine is enabled.
    pub mount: String,
    pub namespace: Option<String>,
    /// Certificates of the authorities that are believed, in PEM; without them, the machine's.
    pub ca: Option<Vec<u8>>,
    pub token: TokenSource,
}

pub struct TransitCustody {
    server: Arc<Server>,
    cipher: Cipher,
}

impl TransitCustody {
    /// Contacts the server, and refuses a token that is not good for everything that will be needed.
    pub fn open(settings: TransitSettings) -> Result<Self, TransitError> {
        let server = Arc::new(Server::open(settings)?);
        let cipher = Cipher::default();
        cipher.check(&server)?;
        Ok(Self { server, cipher })
    }

    /// Renews the token when half of its life is gone. To be called now and then.
    pub fn tend(&self) -> Result<(), TransitError> {
        self.server.tend()
    }

    /// Shows the token of this source from now on. If the vault refuses it, the one before goes on.
    pub fn take_token(&self, source: TokenSource) -> Result<(), TransitError> {
        self.server.take_token(source)
    }

    fn symmetric_key(&self, record: &KeyRecord) -> Result<PrivateKey, CustodyError> {
        let label = label_of(record);
        Place::Transit.demand(&label, &record.sealed)?;
        let bytes = self.cipher.open(&self.server, &label, &record.sealed)?;
        Ok(PrivateKey::from_bytes(bytes.to_vec()))
    }

    fn generate_symmetric(&self, algorithm: Algorithm) -> Result<NewKey, CustodyError> {
        let (key, private) =
            SigningKey::generate(algorithm).map_err(|e| bad(algorithm.as_str(), e))?;
        let label = signing_label(algorithm, key.kid());
        Ok(NewKey {
            kid: key.kid().to_owned(),
            public: None,
            sealed: self.cipher.seal(&self.server, &label, private.as_bytes())?,
        })
    }
}

impl Custody for TransitCustody {
    /// OpenBao and every Vault of the last years have what all of our algorithms need.
    fn supports(&self, _: Algorithm) -> Result<(), CustodyError> {
        Ok(())
    }

    fn generate(&self, algorithm: Algorithm) -> Result<NewKey, CustodyError> {
        let Some(pair) = algorithm::pair(algorithm) else {
            return self.generate_symmetric(algorithm);
        };
        let made = key_pair::generate(&self.server, algorithm, &pair);
        let (id, public) = made.map_err(|error| error.into_custody(algorithm.as_str()))?;
        Ok(NewKey {
            kid: public.thumbprint(),
            public: Some(public),
            sealed: key_pair::reference(id),
        })
    }

    fn open(&self, record: &KeyRecord) -> Result<Arc<dyn Signer>, CustodyError> {
        let label = label_of(record);
        Place::Transit.demand(&label, &record.sealed)?;
        let Some(pair) = algorithm::pair(record.ring.algorithm) else {
            return local::open(record, &self.symmetric_key(record)?);
        };
        let id = key_pair::referred(&record.sealed)
            .ok_or_else(|| bad(&label, "it is not the name of a key in a Transit engine"))?;
        let public = local::named_half(record)?;
        key_pair::demand(&self.server, id, &pair).map_err(|error| error.into_custody(&label))?;
        let signer = TransitSigner::new(self.server.clone(), id, &pair, &record.kid, &public);
        local::probe(&signer, &public)?;
        Ok(Arc::new(signer))
    }

    fn reveal(&self, record: &KeyRecord) -> Result<PrivateKey, CustodyError> {
        if !record.ring.algorithm.is_symmetric() {
            return Err(never_leaves(record));
        }
        self.symmetric_key(record)
    }

    fn seal(&self, label: &str, secret: &[u8]) -> Result<Sealed, CustodyError> {
        self.cipher.seal(&self.server, &server_label(label), secret)
    }

    fn unseal(&self, label: &str, sealed: &Sealed) -> Result<Zeroizing<Vec<u8>>, CustodyError> {
        let label = server_label(label);
        Place::Transit.demand(&label, sealed)?;
        self.cipher.open(&self.server, &label, sealed)
    }

    fn reseal(&self, _: &str, _: &Sealed) -> Result<Option<Sealed>, CustodyError> {
        Ok(None)
    }

    fn reseal_key(&self, _: &KeyRecord) -> Result<Option<Sealed>, CustodyError> {
        Ok(None)
    }
}

impl fmt::Debug for TransitCustody {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TransitCustody(…)")
    }
}
