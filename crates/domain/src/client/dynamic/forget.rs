//! Clients that registered themselves and that nobody uses are forgotten: anybody may register, and few ever withdraw.

use crate::audit::{Actor, Event, EventKind};
use crate::{Issuer, Unavailable};

/// Looked for at a time.
const BITE: u32 = 200;

impl Issuer {
    /// Forgets those that have had no living session for as long as the policy says; answers how many.
    pub async fn forget_unused_clients(&self) -> Result<u64, Unavailable> {
        let now = self.now();
        let before = now - self.policy().self_registration.unused;
        let store = &self.outside.store;
        store.note_used_clients(now).await?;
        let mut forgotten = 0;
        loop {
            let unused = store.unused_clients(before, BITE).await?;
            if unused.is_empty() {
                return Ok(forgotten);
            }
            for id in unused {
                let event = Event::new(EventKind::ClientForgotten, Actor::Issuer, now);
                // One that withdrew a moment ago is gone, which is what was wanted.
                store
                    .delete_client(&id, now, &event.client(&id).into())
                    .await?;
                forgotten += 1;
            }
        }
    }
}
