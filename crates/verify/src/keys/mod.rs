//! The keys that a verifier believes.

mod file;
#[cfg(test)]
mod recognition;
mod table;

pub use file::KeyDocumentError;

pub(crate) use table::{KeyEntry, KeyTable, Known};

use std::collections::BTreeSet;
use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use arc_swap::{ArcSwapOption, Guard};
use keywright_jwt::{Algorithm, JwkSet, KeyError, VerifyingKey};

use crate::KeySource;

/// The current keys of one issuer. Clones share them: whoever holds one can [`KeySlot::replace`] the keys of every
/// verifier built on it, without a lock on the verifying side.
#[derive(Clone)]
pub struct KeySlot {
    table: Arc<ArcSwapOption<KeyTable>>,
    /// Counts the replacements: what was verified under an earlier table has to be verified again.
    generation: Arc<AtomicU64>,
    /// Names that never count again. Held by whoever changes the table; never by a verification.
    revoked: Arc<Mutex<BTreeSet<String>>>,
    source: Option<Arc<dyn KeySource>>,
}

/// Why keys are not taken.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum KeySetRefused {
    /// No key in it can verify anything here: taking it would refuse every token.
    #[error("the key set has no usable key")]
    NoUsableKey,
    /// Symmetric and asymmetric keys side by side: then a public key could be tried as a secret (CVE-2016-10555).
    #[error("symmetric and asymmetric keys cannot share a verifier")]
    MixedFamilies,
    /// Two keys have one name.
    #[error("two keys are named {0:?}")]
    DuplicateKid(String),
    /// A secret is too short or the algorithm does not take one.
    #[error(transparent)]
    Key(#[from] KeyError),
}

impl KeySlot {
    /// Holds the keys of a published set.
    pub fn new(set: JwkSet) -> Result<Self, KeySetRefused> {
        let slot = Self::empty();
        slot.replace(set)?;
        Ok(slot)
    }

    /// Holds nothing yet: every token is refused as [`crate::Refusal::KeysUnavailable`] until keys arrive.
    pub fn empty() -> Self {
        Self {
            table: Arc::new(ArcSwapOption::empty()),
            generation: Arc::default(),
            revoked: Arc::default(),
            source: None,
        }
    }

    /// Asks `source` whenever a token names a key that is not known.
    #[must_use]
    pub fn with_source(mut self, source: Arc<dyn KeySource>) -> Self {
        self.source = Some(source);
        self
    }

    /// Holds one shared secret; tokens may name it as they like, or not at all.
    pub fn from_secret(algorithm: Algorithm, secret: &[u8]) -> Result<Self, KeySetRefused> {
        let key = VerifyingKey::from_secret(algorithm, secret)?;
        Self::from_table(KeyTable::new(vec![KeyEntry::unnamed(key)]))
    }

    /// Holds keys that are at hand as such, each under the name that tokens use: what an issuer does with its own.
    pub fn from_keys(
        keys: impl IntoIterator<Item = (String, VerifyingKey)>,
    ) -> Result<Self, KeySetRefused> {
        let slot = Self::empty();
        slot.replace_keys(keys)?;
        Ok(slot)
    }

    /// Takes a new published set in place of the old keys. A set without a usable key changes nothing.
    pub fn replace(&self, set: JwkSet) -> Result<(), KeySetRefused> {
        self.store(KeyTable::from_set(&set))
    }

    /// Takes new keys in place of the old ones.
    pub fn replace_keys(
        &self,
        keys: impl IntoIterator<Item = (String, VerifyingKey)>,
    ) -> Result<(), KeySetRefused> {
        self.store(KeyTable::new(
            keys.into_iter()
                .map(|(kid, key)| KeyEntry::named(kid, key))
                .collect(),
        ))
    }

    /// Forgets all keys: tokens are refused until new ones arrive.
    pub fn clear(&self) {
        let _changing = self.revoked_names();
        self.table.store(None);
        self.begin_generation();
    }

    /// Refuses this key from now on, whatever sets still name it: a cache on the way, or a snapshot, may be older than the
    /// revocation.
    pub fn revoke(&self, kid: &str) {
        let mut revoked = self.revoked_names();
        revoked.insert(kid.to_owned());
        let remaining = self
            .table
            .load()
            .as_ref()
            .map(|table| table.without(&revoked));
        self.table.store(remaining.map(Arc::new));
        self.begin_generation();
    }

    /// The names of keys that were revoked, in order.
    pub fn revoked(&self) -> Vec<String> {
        self.revoked_names().iter().cloned().collect()
    }

    /// The names of the current keys, in order.
    pub fn kids(&self) -> Vec<String> {
        let table = self.table.load();
        table
            .iter()
            .flat_map(|table| table.entries())
            .filter_map(|entry| entry.kid().map(str::to_owned))
            .collect()
    }

    /// Tries to get newer keys; `true` if it is worth looking again.
    pub(crate) async fn refresh(&self) -> bool {
        match &self.source {
            Some(source) => source.refresh().await,
            None => false,
        }
    }

    pub(crate) fn load(&self) -> Guard<Option<Arc<KeyTable>>> {
        self.table.load()
    }

    /// Which keys are current. Read it before [`KeySlot::load`]: an outcome is then never taken for a newer one.
    pub(crate) fn generation(&self) -> u64 {
        self.generation.load(Ordering::Acquire)
    }

    fn begin_generation(&self) {
        self.generation.fetch_add(1, Ordering::Release);
    }

    fn revoked_names(&self) -> MutexGuard<'_, BTreeSet<String>> {
        self.revoked.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn from_table(table: KeyTable) -> Result<Self, KeySetRefused> {
        let slot = Self::empty();
        slot.store(table)?;
        Ok(slot)
    }

    fn store(&self, table: KeyTable) -> Result<(), KeySetRefused> {
        let revoked = self.revoked_names();
        let table = table.without(&revoked);
        table.check()?;
        self.table.store(Some(Arc::new(table)));
        self.begin_generation();
        Ok(())
    }
}

impl fmt::Debug for KeySlot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("KeySlot")
            .field("kids", &self.kids())
            .finish()
    }
}
