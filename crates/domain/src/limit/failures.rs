//! The limit that all guesses at secrets share: failures from one network.

use crate::Issuer;
use crate::audit::Origin;
use crate::limit::{LimitKey, Network, Quota};

impl Issuer {
    pub(crate) fn failures_from(&self, origin: &Origin) -> (LimitKey<'static>, Quota) {
        let network = Network::from(origin.address);
        (LimitKey::Address(network), self.policy().limits.address())
    }
}
