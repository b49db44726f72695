//! Lending the issuer's signature to an operator who drills a service: tokens that are wrong in what they say must be right in
//! their signature, or their refusal would prove nothing.

use std::sync::Arc;

use crate::Issuer;
use crate::access::Audience;
use crate::audit::{Actor, Effects, Event, EventKind};
use crate::keys::{KeyError, TickError};
use crate::ports::Signer;

impl Issuer {
    /// What signs the tokens for `audience` now. Each loan is on record.
    pub async fn lend_signer(
        &self,
        audience: &Audience,
        actor: &Actor,
    ) -> Result<Arc<dyn Signer>, KeyError> {
        self.refresh_held().await?;
        let held = self.held();
        let api = held.catalog.apis.get(audience).ok_or(KeyError::NoRing)?;
        let signer = held.ring.signer(api, &self.policy().keys.public_ring());
        let signer = signer.map_err(|_| KeyError::NoRing)?.clone();
        let event = Event::new(EventKind::KeyLent, actor.clone(), self.now()).detail(signer.kid());
        let effects = Effects {
            events: vec![event],
            ..Effects::default()
        };
        self.outside
            .store
            .record(&effects)
            .await
            .map_err(TickError::from)?;
        Ok(signer)
    }
}
