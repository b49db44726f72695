use super::kit::{REQUEST, ask, closed_after, router, short_limits, start};
use crate::server::ServerLimits;

#[tokio::test]
async fn a_full_server_closes_further_connections_at_once() {
    let limits = ServerLimits {
        connections: 1,
        ..ServerLimits::default()
    };
    let server = start(limits, None, router()).await;
    let mut held = server.connect().await;
    assert!(ask(&mut held, REQUEST).await.starts_with("HTTP/1.1 200"));
    closed_after(&mut server.connect().await).await;
    server
        .counts("keywright_connections_refused_total{reason=\"full\"} 1")
        .await;
    assert!(
        ask(&mut held, REQUEST).await.starts_with("HTTP/1.1 200"),
        "who is inside stays"
    );
}

#[tokio::test]
async fn one_address_holds_no_more_connections_than_its_share() {
    let limits = ServerLimits {
        connections_per_network: 2,
        ..ServerLimits::default()
    };
    let server = start(limits, None, router()).await;
    let mut first = server.connect().await;
    let mut second = server.connect().await;
    ask(&mut first, REQUEST).await;
    ask(&mut second, REQUEST).await;
    closed_after(&mut server.connect().await).await;
    server
        .counts("keywright_connections_refused_total{reason=\"network_full\"} 1")
        .await;
    drop(first);
    server.counts("keywright_connections_open 1").await;
    let mut third = server.connect().await;
    assert!(
        ask(&mut third, REQUEST).await.starts_with("HTTP/1.1 200"),
        "a closed connection frees its place"
    );
}

#[tokio::test]
async fn a_head_that_does_not_fit_is_refused() {
    let server = start(short_limits(), None, router()).await;
    let mut client = server.connect().await;
    let huge = format!(
        "GET / HTTP/1.1\r\nHost: x\r\nX-Filler: {}\r\n\r\n",
        "x".repeat(40 * 1024)
    );
    let response = ask(&mut client, huge.as_bytes()).await;
    assert!(response.starts_with("HTTP/1.1 431"), "{response}");
}
