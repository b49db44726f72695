//! One connection, from its first byte to its last.

use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::sync::watch;
use tokio::time::timeout;
use tower_service::Service;

use super::admission::Permit;
use super::handshake::Handshakes;
use super::progress::{Progress, Watched};
use super::{Peer, Phase, ServerLimits};
use crate::metrics::{ConnectionCut, ConnectionMetrics};

/// Room for a request's head: tokens and cookies travel in headers.
const HEAD_BYTES: usize = 32 * 1024;
const HTTP2_STREAMS: u32 = 128;
/// After this much silence an HTTP/2 peer is asked whether it still lives.
const HTTP2_PING: Duration = Duration::from_secs(30);
/// What a stalled peer gets to take note of its connection's end (GOAWAY).
const LAST_WORDS: Duration = Duration::from_secs(1);

/// What connections share.
pub(super) struct House {
    router: Router,
    handshakes: Option<Handshakes>,
    limits: ServerLimits,
    metrics: ConnectionMetrics,
    protocol: auto::Builder<TokioExecutor>,
}

/// A connection that was let in.
pub(super) struct Guest {
    pub stream: TcpStream,
    pub address: SocketAddr,
    pub permit: Permit,
}

impl House {
    pub fn new(
        router: Router,
        handshakes: Option<Handshakes>,
        limits: ServerLimits,
        metrics: ConnectionMetrics,
    ) -> Self {
        let mut protocol = auto::Builder::new(TokioExecutor::new());
        protocol
            .http1()
            .timer(TokioTimer::new())
            // hyper would set a timer for every request, also while the connection idles; `Progress` sees slow heads as well.
            .header_read_timeout(None)
            .max_buf_size(HEAD_BYTES);
        protocol
            .http2()
            .timer(TokioTimer::new())
            .max_concurrent_streams(HTTP2_STREAMS)
            .max_header_list_size(HEAD_BYTES as u32)
            .keep_alive_interval(HTTP2_PING)
            .keep_alive_timeout(HTTP2_PING);
        Self {
            router,
            handshakes,
            limits,
            metrics,
            protocol,
        }
    }
}

pub(super) async fn serve(guest: Guest, house: Arc<House>, mut phase: watch::Receiver<Phase>) {
    let Guest {
        stream,
        address,
        permit: _permit,
    } = guest;
    let Some(handshakes) = &house.handshakes else {
        let peer = Peer {
            address,
            is_tls: false,
            certificate: None,
        };
        return converse(stream, peer, &house, phase).await;
    };
    let shaken = tokio::select! {
        shaken = handshakes.shake(stream) => shaken,
        () = left(&mut phase, Phase::Serving) => None,
    };
    if let Some(shaken) = shaken {
        let peer = Peer {
            address,
            is_tls: true,
            certificate: shaken.certificate,
        };
        converse(shaken.stream, peer, &house, phase).await;
    }
}

/// Requests and responses, until the peer leaves, stalls, or the server stops.
async fn converse<S>(stream: S, peer: Peer, house: &House, mut phase: watch::Receiver<Phase>)
where
    S: AsyncRead + AsyncWrite + Unpin + 'static,
{
    let progress = Progress::default();
    let service = service_fn(|mut request: http::Request<Incoming>| {
        progress.made();
        request.extensions_mut().insert(peer.clone());
        let answer = house.router.clone().call(request.map(Body::new));
        let progress = progress.clone();
        async move {
            let response = answer.await?;
            progress.made();
            Ok::<_, std::convert::Infallible>(response.map(|body| Watched::new(body, progress)))
        }
    });
    let mut connection = pin!(
        house
            .protocol
            .serve_connection(TokioIo::new(stream), service)
    );
    let stalled = tokio::select! {
        biased;
        ended = connection.as_mut() => return note(ended),
        () = progress.stalled(&house.limits) => true,
        () = left(&mut phase, Phase::Serving) => false,
    };
    connection.as_mut().graceful_shutdown();
    if stalled {
        house.metrics.cut(ConnectionCut::Stalled);
        if let Ok(ended) = timeout(LAST_WORDS, connection).await {
            note(ended);
        }
        return;
    }
    tokio::select! {
        biased;
        ended = connection => note(ended),
        () = left(&mut phase, Phase::Draining) => house.metrics.cut(ConnectionCut::DrainDeadline),
    }
}

/// Resolves when the server has moved on from `phase`.
async fn left(now: &mut watch::Receiver<Phase>, phase: Phase) {
    // An error means that the server itself is gone: that is past every phase.
    let _ = now.wait_for(|now| *now != phase).await;
}

/// How peers break off is their affair: worth a line to whoever debugs, not to whoever operates.
fn note<E: std::fmt::Display>(ended: Result<(), E>) {
    if let Err(error) = ended {
        tracing::debug!(target: "http.connection.broken", %error);
    }
}
