use axum::Router;
use axum::routing::get;
use keywright_domain::Time;

use super::kit::{REQUEST, ask, router, start};
use crate::metrics::Metrics;
use crate::middleware::{StackConfig, stack};
use crate::server::ServerLimits;

/// A bug that a lint cannot see.
async fn panics() -> String {
    let empty: Vec<&str> = Vec::new();
    empty.first().copied().expect("a bug").to_owned()
}

#[tokio::test]
async fn a_panic_ends_one_request_and_not_its_connection() {
    let metrics = Metrics::new("test", Time::from_secs(0));
    let routes = router().merge(Router::new().route("/panic", get(panics)));
    let routes = stack(routes, StackConfig::default(), &metrics);
    let server = start(ServerLimits::default(), None, routes).await;
    let mut client = server.connect().await;
    let response = ask(&mut client, b"GET /panic HTTP/1.1\r\nHost: x\r\n\r\n").await;
    assert!(response.starts_with("HTTP/1.1 500"), "{response}");
    assert!(
        response.contains("application/problem+json") && !response.contains("a bug"),
        "{response}"
    );
    let response = ask(&mut client, REQUEST).await;
    assert!(
        response.starts_with("HTTP/1.1 200"),
        "the same connection goes on: {response}"
    );
    server
        .counts("keywright_connections_accepted_total 1")
        .await;
}
