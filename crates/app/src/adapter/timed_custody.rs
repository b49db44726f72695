//! Custody whose signatures are timed: a vault that grows slow shows in the metrics before it shows in the logins.

use std::sync::{Arc, OnceLock};
use std::time::Instant;

use keywright_domain::keys::KeyRecord;
use keywright_domain::ports::{Custody, CustodyError, NewKey, SignError, Signer};
use keywright_domain::secret::Sealed;
use keywright_http::metrics::Metrics;
use keywright_jwt::{Algorithm, PrivateKey};
use zeroize::Zeroizing;

/// Where the times go, once there is a server that shows them; commands have none.
#[derive(Clone, Default)]
pub struct SigningTimes(Arc<OnceLock<Arc<Metrics>>>);

pub struct TimedCustody {
    pub custody: Arc<dyn Custody>,
    pub times: SigningTimes,
}

struct TimedSigner {
    signer: Arc<dyn Signer>,
    times: SigningTimes,
}

impl SigningTimes {
    /// The first call counts; a process has one server.
    pub fn show_in(&self, metrics: &Arc<Metrics>) {
        let _ = self.0.set(metrics.clone());
    }
}

impl Custody for TimedCustody {
    fn supports(&self, algorithm: Algorithm) -> Result<(), CustodyError> {
        self.custody.supports(algorithm)
    }

    fn generate(&self, algorithm: Algorithm) -> Result<NewKey, CustodyError> {
        self.custody.generate(algorithm)
    }

    fn open(&self, record: &KeyRecord) -> Result<Arc<dyn Signer>, CustodyError> {
        let signer = self.custody.open(record)?;
        let times = self.times.clone();
        Ok(Arc::new(TimedSigner { signer, times }))
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

impl Signer for TimedSigner {
    fn kid(&self) -> &str {
        self.signer.kid()
    }

    fn algorithm(&self) -> Algorithm {
        self.signer.algorithm()
    }

    fn ready(&self) -> Result<(), SignError> {
        self.signer.ready()
    }

    #[expect(
        clippy::disallowed_methods,
        reason = "a measurement of real time decides nothing"
    )]
    fn sign(&self, typ: &str, payload: &[u8]) -> Result<String, SignError> {
        let Some(metrics) = self.times.0.get() else {
            return self.signer.sign(typ, payload);
        };
        let start = Instant::now();
        let signed = self.signer.sign(typ, payload);
        metrics.signed(self.signer.algorithm(), start.elapsed());
        signed
    }
}
