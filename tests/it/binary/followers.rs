//! Two thousand followers of one server, over real sockets.

use std::io::Write;
use std::time::Duration;

use keywright_tests::Binary;
use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::task::JoinSet;
use tokio::time::timeout;

const FOLLOWERS: usize = 2_000;
const WARM_UP: usize = 500;
/// Each second has one; a busy machine may be late.
const HEARTBEATS: usize = 3;
const PATIENCE: Duration = Duration::from_secs(60);
/// Above what was measured, and far below what a queue per follower would take.
const MOST_KIB_EACH: u64 = 48;

/// Follows until so many heartbeats have come.
async fn follow(address: String, authorization: String) -> TcpStream {
    let mut stream = TcpStream::connect(&address).await.expect("a connection");
    let head = format!(
        "GET /feed HTTP/1.1\r\nHost: {address}\r\nAuthorization: Basic {authorization}\r\n\r\n"
    );
    stream.write_all(head.as_bytes()).await.expect("it is sent");
    let mut heard = String::new();
    let mut buffer = [0; 4096];
    while heard.matches("event: heartbeat").count() < HEARTBEATS {
        let read = stream.read(&mut buffer).await.expect("it goes on");
        assert_ne!(read, 0, "it ended after {heard}");
        heard.push_str(&String::from_utf8_lossy(&buffer[..read]));
    }
    assert!(heard.contains("event: snapshot"), "{heard}");
    stream
}

async fn follow_all(binary: &Binary, authorization: &str, count: usize) -> Vec<TcpStream> {
    let mut following = JoinSet::new();
    for _ in 0..count {
        let address = format!("127.0.0.1:{}", binary.port());
        following.spawn(timeout(PATIENCE, follow(address, authorization.to_owned())));
    }
    let followed = following.join_all().await.into_iter();
    let followed: Result<Vec<TcpStream>, _> = followed.collect();
    followed.expect("each hears the heartbeat")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_thousand_follow_at_once_and_a_stopping_server_does_not_wait_for_them() {
    let room = ("KEYWRIGHT_LISTEN__MAX_CONNECTIONS_PER_NETWORK", "4000");
    let mut binary = Binary::quickstart(&[room]).await;
    let arguments = [
        "client", "create", "--name", "W", "--id", "w", "--grant", "feed", "--json",
    ];
    let created = binary.run(&arguments);
    let created: Value = serde_json::from_slice(&created.stdout).expect("JSON");
    let secret = created["client_secret"].as_str().expect("a secret");
    let authorization = base64_simd::STANDARD.encode_to_string(format!("w:{secret}"));

    // A server that has hashed no password holds no memory that followers could hide in; what its start has left to the
    // allocator is used up by the first of them.
    assert!(binary.stop().await);
    binary.start_serve().await;
    let mut followed = follow_all(&binary, &authorization, WARM_UP).await;
    let before = binary.process().resident();
    followed.extend(follow_all(&binary, &authorization, FOLLOWERS - WARM_UP).await);
    let grown = binary.process().resident().saturating_sub(before);
    let each = grown / (FOLLOWERS - WARM_UP) as u64;
    // Not by `eprintln!`, which the test harness would keep to itself.
    let mut stderr = std::io::stderr();
    writeln!(stderr, "each of {FOLLOWERS} followers: {each} KiB resident").unwrap();
    assert!(each < MOST_KIB_EACH, "{each} KiB for each follower");

    let stopped = timeout(Duration::from_secs(10), binary.stop()).await;
    assert_eq!(stopped, Ok(true), "before the drain deadline of 20 seconds");
    drop(followed);
}
