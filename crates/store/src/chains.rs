//! Which audit chains this process writes.
//!
//! An entry needs the hash of the one before it, so a chain has one writer from the moment at which its head is read to the
//! commit. On PostgreSQL that is a flush of the disk: with one chain for a node, its logins would be flushed one
//! after another. So a node has lanes, each a chain of its own, and a write takes the first that is free. A quiet node has one.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use keywright_domain::audit::ChainKey;

use crate::fault::Fault;

pub(crate) struct Chains {
    node: String,
    key: RwLock<Option<Arc<ChainKey>>>,
    lanes: Mutex<Lanes>,
    /// Whether notices are queued of what is written to them.
    queues_notices: AtomicBool,
}

#[derive(Default)]
struct Lanes {
    opened: u32,
    free: BTreeSet<u32>,
}

/// A chain that nobody else in this process writes as long as this is held.
pub(crate) struct Lane {
    pub(crate) chain: String,
    number: u32,
    chains: Arc<Chains>,
}

impl Chains {
    pub(crate) fn new(node: &str) -> Self {
        Self {
            node: node.to_owned(),
            key: RwLock::new(None),
            lanes: Mutex::default(),
            queues_notices: AtomicBool::new(false),
        }
    }

    pub(crate) fn arm(&self, key: ChainKey) {
        *self.key.write().unwrap_or_else(PoisonError::into_inner) = Some(Arc::new(key));
    }

    pub(crate) fn queue_notices(&self, wanted: bool) {
        self.queues_notices.store(wanted, Ordering::Relaxed);
    }

    pub(crate) fn queues_notices(&self) -> bool {
        self.queues_notices.load(Ordering::Relaxed)
    }

    pub(crate) fn key(&self) -> Result<Arc<ChainKey>, Fault> {
        self.key
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
            .ok_or(Fault::Unarmed)
    }

    pub(crate) fn take_lane(self: &Arc<Self>) -> Lane {
        let mut lanes = self.lanes.lock().unwrap_or_else(PoisonError::into_inner);
        let number = lanes.free.pop_first().unwrap_or_else(|| {
            lanes.opened += 1;
            lanes.opened
        });
        let chain = if number == 1 {
            self.node.clone()
        } else {
            format!("{}/{number}", self.node)
        };
        Lane {
            chain,
            number,
            chains: Arc::clone(self),
        }
    }
}

impl Drop for Lane {
    fn drop(&mut self) {
        let mut lanes = self
            .chains
            .lanes
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        lanes.free.insert(self.number);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_free_lane_is_taken() {
        let chains = Arc::new(Chains::new("node"));
        let (first, second) = (chains.take_lane(), chains.take_lane());
        assert_eq!(
            (first.chain.as_str(), second.chain.as_str()),
            ("node", "node/2")
        );
        drop(first);
        assert_eq!(chains.take_lane().chain, "node");
        let again = [chains.take_lane(), chains.take_lane()];
        assert_eq!(again.map(|lane| lane.chain.clone()), ["node", "node/3"]);
    }
}
