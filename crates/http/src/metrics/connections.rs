//! What the accept loop counts.

use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::Registry;

use super::label::{Counters, labels};

labels! {
    /// Why a connection was closed before a byte of it was read.
    ConnectionRefused {
        /// The server holds as many connections as it may.
        Full = "full",
        /// One address (IPv6: one /64) holds as many as it may.
        NetworkFull = "network_full",
    }

    /// Why a TLS handshake came to nothing.
    HandshakeFailed {
        TimedOut = "timed_out",
        Refused = "refused",
    }

    /// Why the server closed a connection that had been served.
    ConnectionCut {
        /// Nothing moved on it: idle, or sending a request byte by byte.
        Stalled = "stalled",
        /// The drain deadline passed while it was still busy.
        DrainDeadline = "drain_deadline",
    }
}

/// Cheap to clone; all clones count together.
#[derive(Clone, Debug)]
pub struct ConnectionMetrics {
    pub(crate) open: Gauge,
    pub(crate) accepted: Counter,
    refused: Counters<ConnectionRefused>,
    handshakes_failed: Counters<HandshakeFailed>,
    cut: Counters<ConnectionCut>,
}

impl ConnectionMetrics {
    pub(super) fn register(registry: &mut Registry) -> Self {
        let (open, accepted) = (Gauge::default(), Counter::default());
        registry.register(
            "connections_open",
            "Connections that are open now",
            open.clone(),
        );
        registry.register(
            "connections_accepted",
            "Connections accepted",
            accepted.clone(),
        );
        Self {
            open,
            accepted,
            refused: Counters::register(
                registry,
                "connections_refused",
                "Connections closed at once because of a cap",
                "reason",
            ),
            handshakes_failed: Counters::register(
                registry,
                "tls_handshakes_failed",
                "TLS handshakes that came to nothing",
                "reason",
            ),
            cut: Counters::register(
                registry,
                "connections_cut",
                "Connections that the server closed on its own account",
                "reason",
            ),
        }
    }

    pub(crate) fn refused(&self, why: ConnectionRefused) {
        self.refused.count(why);
    }

    pub(crate) fn handshake_failed(&self, why: HandshakeFailed) {
        self.handshakes_failed.count(why);
    }

    pub(crate) fn cut(&self, why: ConnectionCut) {
        self.cut.count(why);
    }
}

#[cfg(test)]
impl Default for ConnectionMetrics {
    fn default() -> Self {
        Self::register(&mut Registry::default())
    }
}
