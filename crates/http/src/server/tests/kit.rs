//! A server on a free port, and clients that do as little as a test needs.

use std::io::ErrorKind;
use std::net::SocketAddr;
use std::time::Duration;

use axum::Router;
use axum::routing::get;
use keywright_domain::Time;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep, timeout};

use crate::metrics::Metrics;
use crate::middleware::ProxiesHandle;
use crate::server::{Server, ServerConfig, ServerLimits, TlsHandle};

pub const REQUEST: &[u8] = b"GET / HTTP/1.1\r\nHost: x\r\n\r\n";

pub struct Running {
    pub address: SocketAddr,
    pub metrics: Metrics,
    stop: oneshot::Sender<()>,
    done: JoinHandle<()>,
}

pub fn short_limits() -> ServerLimits {
    ServerLimits {
        handshake_timeout: Duration::from_millis(200),
        header_timeout: Duration::from_millis(200),
        stall_timeout: Duration::from_millis(300),
        drain_deadline: Duration::from_secs(5),
        ..ServerLimits::default()
    }
}

pub async fn start(limits: ServerLimits, tls: Option<TlsHandle>, router: Router) -> Running {
    let metrics = Metrics::new("test", Time::from_secs(0));
    let config = ServerConfig {
        listen: "127.0.0.1:0".parse().unwrap(),
        tls,
        limits,
        proxies: ProxiesHandle::default(),
        metrics: metrics.connections(),
    };
    let (server, address) = Server::bind(config).await.unwrap();
    let (stop, stopped) = oneshot::channel::<()>();
    let done = tokio::spawn(server.run(router, async move {
        let _ = stopped.await;
    }));
    Running {
        address,
        metrics,
        stop,
        done,
    }
}

/// `/` answers at once, `/slow` after half a second.
pub fn router() -> Router {
    let slow = || async {
        sleep(Duration::from_millis(500)).await;
        "slow"
    };
    Router::new()
        .route("/", get(async || "hello"))
        .route("/slow", get(slow))
}

impl Running {
    pub async fn connect(&self) -> TcpStream {
        TcpStream::connect(self.address).await.unwrap()
    }

    /// Asks it to stop; resolves when it has.
    pub async fn stop(self) -> Duration {
        let began = Instant::now();
        self.stop.send(()).unwrap();
        timeout(Duration::from_secs(20), self.done)
            .await
            .expect("the server stops")
            .unwrap();
        began.elapsed()
    }

    /// Waits until the exposition has this line: counting may come a moment after what the client sees.
    pub async fn counts(&self, line: &str) {
        for _ in 0..200 {
            if self.metrics.expose().unwrap().lines().any(|l| l == line) {
                return;
            }
            sleep(Duration::from_millis(10)).await;
        }
        panic!("no line {line:?} in\n{}", self.metrics.expose().unwrap());
    }
}

/// Sends one request and reads its response's head and body, which is all in one piece here.
pub async fn ask(stream: &mut TcpStream, request: &[u8]) -> String {
    stream.write_all(request).await.unwrap();
    let mut response = vec![0; 4096];
    let read = timeout(Duration::from_secs(5), stream.read(&mut response))
        .await
        .expect("an answer")
        .unwrap();
    String::from_utf8(response[..read].to_vec()).unwrap()
}

/// How long the server leaves the connection open. Whatever it sends meanwhile is passed over.
pub async fn closed_after(stream: &mut TcpStream) -> Duration {
    let began = Instant::now();
    let mut sink = [0; 4096];
    loop {
        match timeout(Duration::from_secs(10), stream.read(&mut sink))
            .await
            .expect("the server closes")
        {
            Ok(0) => return began.elapsed(),
            Ok(_) => {}
            Err(error)
                if matches!(
                    error.kind(),
                    ErrorKind::ConnectionReset | ErrorKind::BrokenPipe
                ) =>
            {
                return began.elapsed();
            }
            Err(error) => panic!("{error}"),
        }
    }
}
