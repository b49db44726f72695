//! Clients that have proved themselves, kept so that a service that asks for tokens all day long is not read for each of them.
//!
//! A kept client decides nothing by itself. Every change of a client raises the catalog's version, so a token that is recorded only if the
//! catalog still has the version under which its client was kept ([`record_token_at`](crate::ports::Ledger::record_token_at)) is a token of
//! the client as it is stored at that moment, whichever node changed it. Whatever is refused by a kept client is asked again of the store.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

use crate::Issuer;
use crate::audit::Origin;
use crate::client::{Client, ClientId, ClientProof, Grant, PresentedClient};
use crate::issuer::Held;

/// Beyond, all are forgotten: those that ask often are soon back.
const MOST: usize = 4096;

/// The clients of one version of the catalog.
pub(crate) struct ProvenClients(RwLock<Option<HashMap<ClientId, Arc<Client>>>>);

impl Default for ProvenClients {
    fn default() -> Self {
        Self(RwLock::new(Some(HashMap::new())))
    }
}

impl ProvenClients {
    /// `client` was read after the catalog that this belongs to.
    pub(crate) fn keep(&self, client: Arc<Client>) {
        let mut known = self.0.write().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = known.as_mut() {
            if known.len() >= MOST {
                known.clear();
            }
            known.insert(client.id.clone(), client);
        }
    }

    /// The catalog has another version by now. Nothing is kept any more until that is read.
    pub(crate) fn give_up(&self) {
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = None;
    }

    fn get(&self, id: &ClientId) -> Option<Arc<Client>> {
        let known = self.0.read().unwrap_or_else(PoisonError::into_inner);
        known.as_ref()?.get(id).cloned()
    }
}

impl Issuer {
    /// The kept client that `presented` proves by its secret, if it may use `grant`. Other proofs are good for once, or have dates.
    pub(crate) fn proven_client(
        &self,
        held: &Held,
        grant: Grant,
        presented: &PresentedClient,
        origin: &Origin,
    ) -> Option<Arc<Client>> {
        let ClientProof::Secret { secret, .. } = &presented.proof else {
            return None;
        };
        let client = held.clients.get(&presented.id)?;
        let quota = self.policy().limits.account();
        self.limits
            .check(presented.guesses(origin), quota, self.now())
            .ok()?;
        let proved = client.proves_itself_by(presented.method(&client))
            && self.is_secret_of(&client, secret)
            && client.grants.contains(&grant);
        proved.then_some(client)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::client::fixtures::client;

    #[test]
    fn what_is_given_up_keeps_nothing_more() {
        let (known, kept) = (ProvenClients::default(), Arc::new(client("svc")));
        known.keep(kept.clone());
        assert_eq!(known.get(&kept.id).as_ref(), Some(&kept));
        known.give_up();
        assert_eq!(known.get(&kept.id), None);
        known.keep(kept.clone());
        assert_eq!(known.get(&kept.id), None);
    }

    #[test]
    fn it_does_not_grow_without_bound() {
        let known = ProvenClients::default();
        for number in 0..=MOST {
            known.keep(Arc::new(client(&format!("c{number}"))));
        }
        let size = known.0.read().unwrap().as_ref().map(HashMap::len);
        assert_eq!(size, Some(1));
    }
}
