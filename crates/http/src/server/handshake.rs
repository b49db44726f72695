//! TLS handshakes: so many at once, and none for ever.

use std::time::Duration;

use keywright_domain::client::ClientCertificate;
use tokio::net::TcpStream;
use tokio::sync::Semaphore;
use tokio::time::timeout;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;

use super::{ServerLimits, TlsHandle};
use crate::metrics::{ConnectionMetrics, HandshakeFailed};

/// A connection as TLS left it.
pub(super) struct Shaken {
    pub stream: TlsStream<TcpStream>,
    pub certificate: Option<ClientCertificate>,
}

pub(super) struct Handshakes {
    tls: TlsHandle,
    at_once: Semaphore,
    time: Duration,
    metrics: ConnectionMetrics,
}

impl Handshakes {
    pub fn new(tls: TlsHandle, limits: &ServerLimits, metrics: ConnectionMetrics) -> Self {
        Self {
            tls,
            at_once: Semaphore::new(limits.handshakes),
            time: limits.handshake_timeout,
            metrics,
        }
    }

    /// `None`: it failed, was counted, and the connection is closed. The wait for a place counts in the time.
    pub async fn shake(&self, stream: TcpStream) -> Option<Shaken> {
        let shaken = timeout(self.time, async {
            // Who has said nothing yet takes no place from others.
            stream.readable().await?;
            let _place = self
                .at_once
                .acquire()
                .await
                .map_err(std::io::Error::other)?;
            let tls = self.tls.current();
            let stream = TlsAcceptor::from(tls.config()).accept(stream).await?;
            let certificate = tls.certificate(stream.get_ref().1);
            Ok::<_, std::io::Error>(Shaken {
                stream,
                certificate,
            })
        });
        match shaken.await {
            Ok(Ok(shaken)) => Some(shaken),
            Ok(Err(error)) => {
                tracing::debug!(target: "http.connection.handshake_failed", %error);
                self.metrics.handshake_failed(HandshakeFailed::Refused);
                None
            }
            Err(_) => {
                self.metrics.handshake_failed(HandshakeFailed::TimedOut);
                None
            }
        }
    }
}
