use std::time::Duration;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::routing::get;
use http_body_util::channel::Channel;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::time::sleep;

use super::kit::{REQUEST, Running, ask, closed_after, router, short_limits, start};

const CUT: &str = "keywright_connections_cut_total{reason=\"stalled\"} 1";

async fn server() -> Running {
    start(short_limits(), None, router()).await
}

#[tokio::test]
async fn a_client_that_says_nothing_is_cut() {
    let server = server().await;
    assert!(closed_after(&mut server.connect().await).await < Duration::from_secs(3));
    server.counts(CUT).await;
}

#[tokio::test]
async fn a_client_that_sends_its_head_byte_by_byte_is_cut() {
    let server = server().await;
    let (mut read, mut write) = server.connect().await.into_split();
    let drip = tokio::spawn(async move {
        for byte in b"GET / HTTP/1.1\r\nHost: x\r\nX-Slow: "
            .iter()
            .chain(std::iter::repeat(&b'x'))
        {
            if write.write_all(&[*byte]).await.is_err() {
                return;
            }
            sleep(Duration::from_millis(20)).await;
        }
    });
    let mut response = Vec::new();
    let _ = tokio::time::timeout(Duration::from_secs(5), read.read_to_end(&mut response))
        .await
        .expect("cut");
    assert!(!response.starts_with(b"HTTP/1.1 200"));
    server.counts(CUT).await;
    drip.abort();
}

#[tokio::test]
async fn one_good_request_does_not_buy_a_slow_second_one() {
    let server = server().await;
    let mut client = server.connect().await;
    ask(&mut client, REQUEST).await;
    client
        .write_all(b"GET / HTTP/1.1\r\nHost: x\r\n")
        .await
        .unwrap();
    closed_after(&mut client).await;
    server.counts(CUT).await;
}

#[tokio::test]
async fn a_connection_that_is_used_lives_on() {
    let server = server().await;
    let mut client = server.connect().await;
    for _ in 0..12 {
        assert!(ask(&mut client, REQUEST).await.starts_with("HTTP/1.1 200"));
        sleep(Duration::from_millis(100)).await;
    }
    assert!(!server.metrics.expose().unwrap().contains(CUT));
}

/// Sixteen MiB: more than the kernel's buffers take.
fn endless() -> Router {
    Router::new().route(
        "/",
        get(async || Body::from(Bytes::from(vec![b'x'; 16 << 20]))),
    )
}

#[tokio::test]
async fn a_client_that_does_not_read_its_answer_is_cut() {
    let server = start(short_limits(), None, endless()).await;
    let mut client = server.connect().await;
    client.write_all(REQUEST).await.unwrap();
    server.counts(CUT).await;
    server.counts("keywright_connections_open 0").await;
}

#[tokio::test]
async fn a_stream_that_beats_is_not_cut() {
    let beats = async || {
        let (mut sender, body) = Channel::<Bytes>::new(1);
        tokio::spawn(async move {
            for _ in 0..12 {
                sleep(Duration::from_millis(100)).await;
                if sender
                    .send_data(Bytes::from_static(b"beat\n"))
                    .await
                    .is_err()
                {
                    return;
                }
            }
        });
        Body::new(body)
    };
    let server = start(short_limits(), None, Router::new().route("/", get(beats))).await;
    let mut client = server.connect().await;
    client
        .write_all(b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        .await
        .unwrap();
    let mut response = String::new();
    client.read_to_string(&mut response).await.unwrap();
    assert_eq!(response.matches("beat").count(), 12);
}
