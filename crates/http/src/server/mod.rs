//! Connections: from the listening socket to a request, and to a clean end.
//!
//! Owns the accept loop, TLS, caps, time limits and the drain; works for any axum router. It does not look at requests: that
//! is [`middleware`](crate::middleware). It reads no files: certificates are handed in as bytes, and may be replaced at any
//! time. `axum::serve` is not enough for a server that faces the Internet: it has no caps and lets a silent peer wait for ever.

mod accept;
mod admission;
mod client_certificate;
mod connection;
mod handshake;
mod limits;
mod peer;
mod progress;
mod tls;

use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;

use axum::Router;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::time::timeout;

use crate::metrics::ConnectionMetrics;
use crate::middleware::ProxiesHandle;
use accept::Listener;
use admission::Admission;
use connection::{Guest, House};
use handshake::Handshakes;

pub use client_certificate::AskClients;
pub use limits::ServerLimits;
pub use peer::Peer;
pub use tls::{TlsError, TlsHandle};

#[derive(Debug)]
pub struct ServerConfig {
    pub listen: SocketAddr,
    /// `None`: plain HTTP.
    pub tls: Option<TlsHandle>,
    pub limits: ServerLimits,
    /// All of a proxy's clients come from its one address, so the cap per address does not apply to it.
    pub proxies: ProxiesHandle,
    pub metrics: ConnectionMetrics,
}

/// A bound socket: the kernel completes connections from [`Server::bind`] on, and [`Server::run`] answers them.
#[derive(Debug)]
pub struct Server {
    listener: TcpListener,
    config: ServerConfig,
}

/// What the connections are told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    Serving,
    /// Finish the requests that have begun, take no others.
    Draining,
    /// Close now.
    Closing,
}

impl Server {
    /// Binds, and tells the address: with port 0 in `listen`, the one that the kernel chose.
    pub async fn bind(config: ServerConfig) -> io::Result<(Self, SocketAddr)> {
        let listener = TcpListener::bind(config.listen).await?;
        let address = listener.local_addr()?;
        Ok((Self { listener, config }, address))
    }

    /// Serves until `shutdown` resolves, then drains: no new connections, requests that have begun may finish until the drain
    /// deadline, then everything is closed. Returns when no connection is left.
    pub async fn run(self, router: Router, shutdown: impl Future<Output = ()>) {
        let ServerConfig {
            tls,
            limits,
            proxies,
            metrics,
            ..
        } = self.config;
        let mut listener = Listener::new(self.listener);
        let admission = Admission::new(&limits, proxies, metrics.clone());
        let drain_deadline = limits.drain_deadline;
        let handshakes = tls.map(|tls| Handshakes::new(tls, &limits, metrics.clone()));
        let house = Arc::new(House::new(
            router.with_state(()),
            handshakes,
            limits,
            metrics,
        ));
        let (phase, _) = watch::channel(Phase::Serving);
        let mut shutdown = pin!(shutdown);
        loop {
            let (stream, address) = tokio::select! {
                biased;
                () = &mut shutdown => break,
                accepted = listener.accept() => accepted,
            };
            let Some(permit) = admission.admit(address.ip()) else {
                continue;
            };
            // Answers are small and written whole: waiting to fill a segment (Nagle) only delays them.
            let _ = stream.set_nodelay(true);
            let guest = Guest {
                stream,
                address,
                permit,
            };
            tokio::spawn(connection::serve(guest, house.clone(), phase.subscribe()));
        }
        // From here on the kernel refuses connections, so that a load balancer turns to another node at once.
        drop(listener);
        phase.send_replace(Phase::Draining);
        // Each connection holds a receiver until it is closed.
        if timeout(drain_deadline, phase.closed()).await.is_err() {
            phase.send_replace(Phase::Closing);
            phase.closed().await;
        }
    }
}

#[cfg(test)]
mod tests;
