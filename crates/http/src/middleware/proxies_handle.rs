use std::sync::Arc;

use arc_swap::{ArcSwap, Guard};

use super::TrustedProxies;

/// The proxies that are trusted now. Clones share what [`ProxiesHandle::replace`] puts in.
#[derive(Clone, Debug, Default)]
pub struct ProxiesHandle(Arc<ArcSwap<TrustedProxies>>);

impl ProxiesHandle {
    /// Requests and connections that come from now on are judged by these.
    pub fn replace(&self, proxies: TrustedProxies) {
        self.0.store(Arc::new(proxies));
    }

    pub(crate) fn current(&self) -> Guard<Arc<TrustedProxies>> {
        self.0.load()
    }
}

impl From<TrustedProxies> for ProxiesHandle {
    fn from(proxies: TrustedProxies) -> Self {
        Self(Arc::new(ArcSwap::from_pointee(proxies)))
    }
}
