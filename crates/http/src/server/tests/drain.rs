use std::time::Duration;

use axum::Router;
use axum::routing::get;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::sleep;

use super::kit::{REQUEST, ask, router, short_limits, start};
use crate::server::ServerLimits;

#[tokio::test]
async fn a_request_that_has_begun_may_finish() {
    let server = start(ServerLimits::default(), None, router()).await;
    let address = server.address;
    let mut client = server.connect().await;
    client
        .write_all(b"GET /slow HTTP/1.1\r\nHost: x\r\n\r\n")
        .await
        .unwrap();
    sleep(Duration::from_millis(100)).await;
    let stopped = tokio::spawn(server.stop());
    sleep(Duration::from_millis(100)).await;
    assert!(
        TcpStream::connect(address).await.is_err(),
        "new connections are refused while it drains"
    );
    let mut response = String::new();
    client.read_to_string(&mut response).await.unwrap();
    assert!(response.ends_with("slow"), "{response}");
    assert!(response.contains("connection: close"), "{response}");
    assert!(
        stopped.await.unwrap() < Duration::from_secs(5),
        "nobody waits for the deadline in vain"
    );
}

#[tokio::test]
async fn idle_connections_do_not_hold_the_server_up() {
    let server = start(ServerLimits::default(), None, router()).await;
    let mut idle = server.connect().await;
    ask(&mut idle, REQUEST).await;
    let _silent = server.connect().await;
    server.counts("keywright_connections_open 2").await;
    assert!(server.stop().await < Duration::from_secs(5));
}

#[tokio::test]
async fn the_deadline_ends_what_does_not_end() {
    let never = async || std::future::pending::<&str>().await;
    let limits = ServerLimits {
        drain_deadline: Duration::from_millis(200),
        stall_timeout: Duration::from_secs(60),
        ..short_limits()
    };
    let server = start(limits, None, Router::new().route("/", get(never))).await;
    let metrics = server.metrics.connections();
    let mut client = server.connect().await;
    client.write_all(REQUEST).await.unwrap();
    sleep(Duration::from_millis(100)).await;
    assert!(server.stop().await < Duration::from_secs(5));
    assert_eq!(metrics.open.get(), 0);
    let mut response = Vec::new();
    let _ = client.read_to_end(&mut response).await;
    assert!(response.is_empty());
}
