//! Keys in a PKCS#11 token: a hardware security module, a smart card, or software that speaks like one. Private keys are made in the token and
//! never leave it. What must be known in this process to be used is sealed under a key that does not leave it either.
//!
//! | file | owns |
//! |---|---|
//! | `module` | the vendor's library, loaded once |
//! | `token` | one token: finding it, logging in, going on when it was away |
//! | `standing` | whether it is worth asking the token now |
//! | `pool`, `session` | sessions, and the calls that are made in them |
//! | `algorithm` | what JWS algorithms are called in PKCS#11 |
//! | `key_pair` | key pairs and their signatures |
//! | `cipher` | sealed secrets |

mod algorithm;
mod cipher;
mod error;
mod key_pair;
mod module;
mod pool;
mod session;
mod standing;
mod token;

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;

use cryptoki::object::ObjectClass;
use keywright_domain::keys::KeyRecord;
use keywright_domain::ports::{Custody, CustodyError, NewKey, Signer};
use keywright_domain::secret::{PlainSecret, Sealed};
use keywright_jwt::{Algorithm, PrivateKey, SigningKey};
use zeroize::Zeroizing;

use crate::label::{bad, label_of, server_label, signing_label};
use crate::sealed::never_leaves;
use crate::{Place, local};
use cipher::Cipher;
use key_pair::TokenSigner;
use token::Token;

pub use error::Pkcs11Error;

#[derive(Clone, Debug)]
pub struct Pkcs11Settings {
    /// The vendor's library.
    pub module: PathBuf,
    /// The token's label or serial number.
    pub token: String,
    pub pin: PlainSecret,
    /// How many calls the token may be given at once.
    pub sessions: usize,
}

pub struct Pkcs11Custody {
    token: Arc<Token>,
    cipher: Cipher,
}

impl Pkcs11Custody {
    /// Opens the token and refuses one that cannot seal. Whether it can sign as the issuer wants is asked of
    /// [`supports`](Custody::supports).
    pub fn open(settings: Pkcs11Settings) -> Result<Self, Pkcs11Error> {
        let token = Arc::new(Token::open(settings)?);
        let this = Self {
            token,
            cipher: Cipher::default(),
        };
        this.demand(&algorithm::SEALING, "sealing server secrets")?;
        Ok(this)
    }

    /// Whether the token answers.
    pub fn check(&self) -> Result<(), Pkcs11Error> {
        self.token.check()
    }

    /// Logs in with this PIN from now on. If the token refuses it, the one before goes on.
    pub fn take_pin(&self, pin: PlainSecret) -> Result<(), Pkcs11Error> {
        self.token.take_pin(pin)
    }

    fn demand(&self, needed: &[algorithm::Named], for_what: &str) -> Result<(), Pkcs11Error> {
        match needed.iter().find(|(needed, _)| !self.token.has(*needed)) {
            None => Ok(()),
            Some((_, mechanism)) => Err(Pkcs11Error::NoMechanism {
                mechanism,
                needed_for: for_what.to_owned(),
            }),
        }
    }

    fn symmetric_key(&self, record: &KeyRecord) -> Result<PrivateKey, CustodyError> {
        let label = label_of(record);
        Place::Pkcs11.demand(&label, &record.sealed)?;
        let bytes = self.cipher.open(&self.token, &label, &record.sealed)?;
        Ok(PrivateKey::from_bytes(bytes.to_vec()))
    }

    fn generate_symmetric(&self, algorithm: Algorithm) -> Result<NewKey, CustodyError> {
        let (key, private) =
            SigningKey::generate(algorithm).map_err(|e| bad(algorithm.as_str(), e))?;
        let label = signing_label(algorithm, key.kid());
        Ok(NewKey {
            kid: key.kid().to_owned(),
            public: None,
            sealed: self.cipher.seal(&self.token, &label, private.as_bytes())?,
        })
    }
}

impl Custody for Pkcs11Custody {
    fn supports(&self, algorithm: Algorithm) -> Result<(), CustodyError> {
        self.demand(algorithm::needed(algorithm), algorithm.as_str())
            .map_err(|error| CustodyError::Unsupported {
                algorithm,
                detail: error.to_string(),
            })
    }

    fn generate(&self, algorithm: Algorithm) -> Result<NewKey, CustodyError> {
        self.supports(algorithm)?;
        let failed = |error: Pkcs11Error| error.into_custody(algorithm.as_str());
        match key_pair::generate(&self.token, algorithm).map_err(failed)? {
            None => self.generate_symmetric(algorithm),
            Some((id, public)) => Ok(NewKey {
                kid: public.thumbprint(),
                public: Some(public),
                sealed: key_pair::reference(id),
            }),
        }
    }

    fn open(&self, record: &KeyRecord) -> Result<Arc<dyn Signer>, CustodyError> {
        let label = label_of(record);
        Place::Pkcs11.demand(&label, &record.sealed)?;
        if record.ring.algorithm.is_symmetric() {
            return local::open(record, &self.symmetric_key(record)?);
        }
        let id = key_pair::referred(&record.sealed)
            .ok_or_else(|| bad(&label, "it is not the name of a key in a token"))?;
        let public = local::named_half(record)?;
        self.token
            .with(|session| session.key(ObjectClass::PRIVATE_KEY, id))
            .map_err(|error| error.into_custody(&label))?;
        let signer = TokenSigner::new(self.token.clone(), id, &record.kid, &public);
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
        self.cipher.seal(&self.token, &server_label(label), secret)
    }

    fn unseal(&self, label: &str, sealed: &Sealed) -> Result<Zeroizing<Vec<u8>>, CustodyError> {
        let label = server_label(label);
        Place::Pkcs11.demand(&label, sealed)?;
        self.cipher.open(&self.token, &label, sealed)
    }

    fn reseal(&self, _: &str, _: &Sealed) -> Result<Option<Sealed>, CustodyError> {
        Ok(None)
    }

    fn reseal_key(&self, _: &KeyRecord) -> Result<Option<Sealed>, CustodyError> {
        Ok(None)
    }
}

impl fmt::Debug for Pkcs11Custody {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Pkcs11Custody(…)")
    }
}
