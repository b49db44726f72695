//! The keys in use, opened: which one signs for which ring.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::access::Api;
use crate::keys::{KeyRecord, KeyState, RingId};
use crate::ports::{Custody, CustodyError, Signer};

#[derive(Clone, Default)]
pub struct KeyRing {
    active: BTreeMap<RingId, Arc<dyn Signer>>,
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
        let mut active = BTreeMap::new();
        for record in records.iter().filter(|r| r.state == KeyState::Active) {
            let signer = match self
                .active
                .get(&record.ring)
                .filter(|open| open.kid() == record.kid)
            {
                Some(open) => open.clone(),
                None => custody.open(record)?,
            };
            active.insert(record.ring.clone(), signer);
        }
        Ok(Self { active })
    }

    /// The signer of what everybody must be able to verify: that of `preferred`, or of another ring with a public half while that
    /// one has no active key.
    pub fn public_signer(&self, preferred: &RingId) -> Result<&Arc<dyn Signer>, NoSigningKey> {
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

    /// The signer for an API's tokens. While the ring of the API's own algorithm has no active key yet (the algorithm was
    /// just changed and verifiers do not know the new key), the default ring goes on signing.
    pub fn signer(&self, api: &Api, fallback: &RingId) -> Result<&Arc<dyn Signer>, NoSigningKey> {
        match self.active.get(&RingId::of(api)) {
            Some(own) => Ok(own),
            None => self.public_signer(fallback),
        }
    }
}
