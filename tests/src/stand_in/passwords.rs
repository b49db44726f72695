use std::future::{Future, ready};
use std::pin::Pin;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use keywright_domain::account::password::{HashCost, Hasher, PasswordCheck, PasswordHash};
use keywright_domain::ports::{Entropy, Passwords, PasswordsError};
use keywright_domain::secret::PlainSecret;

type Hashed<'a, T> = Pin<Box<dyn Future<Output = Result<T, PasswordsError>> + Send + 'a>>;

/// The real hasher at a cost that a test can pay, on the caller's thread.
pub struct InlinePasswords {
    hasher: Mutex<Hasher>,
    entropy: Arc<dyn Entropy>,
    hashes: AtomicU64,
}

impl InlinePasswords {
    pub const COST: HashCost = HashCost {
        memory_kib: 64,
        passes: 1,
        lanes: 1,
    };

    pub fn new(entropy: Arc<dyn Entropy>) -> Self {
        let hasher = Hasher::new(Self::COST);
        Self {
            hasher: Mutex::new(hasher),
            entropy,
            hashes: AtomicU64::new(0),
        }
    }

    /// How many passwords were hashed or checked so far.
    pub fn hashes(&self) -> u64 {
        self.hashes.load(Ordering::SeqCst)
    }
}

impl Passwords for InlinePasswords {
    fn hash(&self, password: PlainSecret) -> Hashed<'_, PasswordHash> {
        self.hashes.fetch_add(1, Ordering::SeqCst);
        let mut salt = [0; 16];
        self.entropy.fill(&mut salt);
        let hash = self.hasher.lock().unwrap().hash(&password, &salt);
        Box::pin(ready(hash.map_err(|_| PasswordsError::Failed)))
    }

    fn verify(
        &self,
        password: PlainSecret,
        hash: Option<PasswordHash>,
    ) -> Hashed<'_, PasswordCheck> {
        self.hashes.fetch_add(1, Ordering::SeqCst);
        let check = self.hasher.lock().unwrap().verify(&password, hash.as_ref());
        Box::pin(ready(Ok(check)))
    }
}
