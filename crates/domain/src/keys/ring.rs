//! The keys in use, opened: which one signs for which ring.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::access::Api;
use crate::keys::{KeyRecord, KeyState, RingId};
use crate::ports::{Custody, CustodyError, SignError, Signer};

#[derive(Clone, Default)]
pub struct KeyRing {
    active: BTreeMap<RingId, Arc<dyn Signer>>,
    /// While no key with a public half is active: one in waiting, for [`KeyRing::announcer`].
    herald: Option<Arc<dyn Signer>>,
}

/// No key may sign now. It can only follow an emergency revocation that was forced while no successor was known to verifiers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("no signing key is active")]
pub struct NoSigningKey;

impl KeyRing {
    /// Opens the active keys of `records`; signers that `self` has open already are kept. Opening probes a key, so a ring
    /// that cannot sign is never taken into use: the caller keeps the old one.
    pub fn advance(
        &self,
        records: &[KeyRecord],
        custody: &dyn Custody,
    ) -> Result<Self, CustodyError> {
        let in_state = |state| records.iter().filter(move |record| record.state == state);
        let open = |record: &KeyRecord| {
            let known = self
                .active
                .get(&record.ring)
                .into_iter()
                .chain(&self.herald);
            let mut known = known.filter(|signer| signer.kid() == record.kid);
            known
                .next()
                .cloned()
                .map_or_else(|| custody.open(record), Ok)
        };
        let mut active = BTreeMap::new();
        for record in in_state(KeyState::Active) {
            active.insert(record.ring.clone(), open(record)?);
        }
        let herald = match active.keys().any(|ring| ring.audience.is_none()) {
            true => None,
            false => in_state(KeyState::Published)
                .find(|record| record.ring.audience.is_none())
                .map(open)
                .transpose()?,
        };
        Ok(Self { active, herald })
    }

    /// The signer of events and status lists. They must leave also after an emergency revocation that left no key active, or nobody
    /// would hear of it; a key in waiting signs them then. Tokens must wait until every verifier knows that key, but whoever
    /// follows the feed or fetches a list asks for a key that it does not know.
    pub fn announcer(&self, preferred: &RingId) -> Result<&Arc<dyn Signer>, NoSigningKey> {
        let herald = self.herald.as_ref().ok_or(NoSigningKey);
        self.public_signer(preferred).or(herald)
    }

    /// The active key of `preferred`, or of another ring with a public half while that one has none.
    fn public_signer(&self, preferred: &RingId) -> Result<&Arc<dyn Signer>, NoSigningKey> {
        self.active
            .get(preferred)
            .or_else(|| {
                self.active
                    .iter()
                    .find(|(ring, _)| ring.audience.is_none())
                    .map(|(_, signer)| signer)
            })
            .ok_or(NoSigningKey)
    }

    /// Whether every active key can sign at this moment.
    pub fn ready(&self) -> Result<(), SignError> {
        self.active.values().try_for_each(|signer| signer.ready())
    }

    /// The active key of exactly this ring.
    pub fn active(&self, ring: &RingId) -> Result<&Arc<dyn Signer>, NoSigningKey> {
        self.active.get(ring).ok_or(NoSigningKey)
    }

    /// The signer for an API's tokens. While the ring of the API's own algorithm has no active key yet (the algorithm was
    /// just changed and verifiers do not know the new key), the default ring goes on signing.
    pub fn signer(&self, api: &Api, fallback: &RingId) -> Result<&Arc<dyn Signer>, NoSigningKey> {
        match self.active.get(&RingId::of(api)) {
            Some(own) => Ok(own),
            None => self.public_signer(fallback),
        }
    }
}
