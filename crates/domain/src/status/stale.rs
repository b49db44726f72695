//! Telling verifiers that sessions' tokens are out of date, after roles, APIs or clients were narrowed.

use crate::status::Concern;
use crate::{Issuer, Unavailable};

/// Sessions that are looked at in one go.
const BITE: u32 = 500;

impl Issuer {
    /// Marks every session that `concern` has, a bite at a time, after the change itself is durable. If it is interrupted, the
    /// rest of the sessions keep tokens of the old kind until these expire, which is minutes; a refresh brings the new kind in
    /// any case.
    pub(crate) async fn mark_stale(&self, concern: &Concern) -> Result<(), Unavailable> {
        if concern.is_empty() {
            return Ok(());
        }
        let mut after = None;
        loop {
            let store = &self.outside.store;
            after = store.mark_stale(concern, after, BITE, self.now()).await?;
            if after.is_none() {
                return Ok(());
            }
        }
    }
}
