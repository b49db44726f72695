//! Networks and clocks at their worst: verification goes on from the last good keys, and the state says so.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use keywright_jwt::{Algorithm, JwkSet};
use keywright_verify::remote::{FetchError, RemoteKeys};
use keywright_verify::{JwkSet as Set, KeySlot, Verifier};
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

use crate::site::{Page, Site};
use crate::support::{AUDIENCE, ISSUER, Issuer, NOW, code, good, with};

#[tokio::test]
async fn a_service_starts_from_its_snapshot_while_the_issuer_is_down() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("keys.json");
    let (site, issuer) = (Site::start().await, Issuer::new(Algorithm::Es256));
    site.publish(&[&issuer]);
    let first = site
        .keys()
        .snapshot(&path)
        .clock(|| NOW)
        .start()
        .expect("a fetcher");
    first.ready().await.expect("keys");
    assert!(!first.state().snapshot_failed);
    drop(first);
    site.server.abort();
    let bound = 24 * 3600 + 300;
    for (later, expected) in [
        (0, "accepted"),
        (bound, "accepted"),
        (bound + 1, "keys_unavailable"),
        (-600, "accepted"),
    ] {
        let again = site
            .keys()
            .snapshot(&path)
            .clock(move || NOW + later)
            .start()
            .expect("a fetcher");
        // Before any answer of the network, which is down.
        assert_eq!(
            code(site.verifier(again.slot()).verify(&site.token(&issuer))),
            expected,
            "{later}"
        );
        assert_eq!(again.ready().await.is_ok(), expected == "accepted");
        assert_eq!(again.state().last_error, Some(FetchError::Unreachable));
    }
}

#[tokio::test]
async fn a_snapshot_that_is_not_ours_is_not_believed() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("keys.json");
    let (site, issuer) = (Site::start().await, Issuer::new(Algorithm::Es256));
    site.put("/jwks", Page::status(503));
    let document = |origin: &str, keys: serde_json::Value| {
        json!({"origin": origin, "confirmed_at": NOW, "max_age": 300, "jwks": keys}).to_string()
    };
    let keys: serde_json::Value = serde_json::from_str(&issuer.jwks().to_json()).expect("JSON");
    for (content, kids) in [
        (document(&site.url, keys.clone()), 1),
        (document("https://evil.example", keys), 0),
        (document(&site.url, json!({"keys": []})), 0),
        ("{".to_owned(), 0),
        (String::new(), 0),
    ] {
        std::fs::write(&path, &content).expect("a file");
        let remote = site
            .keys()
            .snapshot(&path)
            .clock(|| NOW)
            .start()
            .expect("a fetcher");
        assert_eq!(remote.state().kids.len(), kids, "{content}");
    }
}

#[tokio::test]
async fn a_snapshot_that_cannot_be_written_is_reported_and_stops_nothing() {
    let (site, issuer) = (Site::start().await, Issuer::new(Algorithm::Es256));
    site.publish(&[&issuer]);
    let keys = site
        .keys()
        .snapshot("/nowhere/keys.json")
        .start()
        .expect("a fetcher");
    keys.ready().await.expect("keys");
    assert!(keys.state().snapshot_failed);
    assert_eq!(
        code(site.verifier(keys.slot()).verify(&site.token(&issuer))),
        "accepted"
    );
}

#[tokio::test]
async fn a_service_that_starts_first_verifies_once_the_issuer_is_up() {
    let (site, issuer) = (Site::start().await, Issuer::new(Algorithm::Es256));
    site.put("/jwks", Page::status(503));
    let keys = site.keys().start().expect("a fetcher");
    assert_eq!(keys.ready().await, Err(FetchError::Status(503)));
    site.publish(&[&issuer]);
    let verifier = site.verifier(keys.slot());
    assert_eq!(
        code(verifier.verify_fresh(&site.token(&issuer)).await),
        "accepted"
    );
    assert_eq!((keys.state().failures, keys.state().last_error), (0, None));
}

/// A server that answers every connection with exactly these bytes and hangs up.
async fn raw(answer: String) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let url = format!("http://{}", listener.local_addr().expect("an address"));
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let mut request = [0; 4096];
            let _ = stream.read(&mut request).await;
            let _ = stream.write_all(answer.as_bytes()).await;
        }
    });
    url
}

#[tokio::test]
async fn a_document_that_breaks_off_is_no_document() {
    let document = Issuer::new(Algorithm::Es256).jwks().to_json();
    // The part that arrives would be a valid key set by itself.
    for (promised, expected) in [
        (document.len(), Ok(())),
        (document.len() + 1, Err(FetchError::Unreachable)),
    ] {
        let head =
            format!("HTTP/1.1 200 OK\r\ncontent-length: {promised}\r\nconnection: close\r\n\r\n");
        let keys = RemoteKeys::at(raw(head + &document).await)
            .start()
            .expect("a fetcher");
        assert_eq!(keys.ready().await, expected);
    }
}

#[tokio::test]
async fn an_answer_that_is_no_http_is_an_issuer_that_cannot_be_reached() {
    for answer in ["", "220 mail.example ESMTP\r\n", "HTTP/1.1 200"] {
        let keys = RemoteKeys::at(raw(answer.to_owned()).await)
            .start()
            .expect("a fetcher");
        assert_eq!(keys.ready().await, Err(FetchError::Unreachable), "{answer}");
    }
}

#[tokio::test]
async fn a_name_that_does_not_resolve_is_an_issuer_that_cannot_be_reached() {
    let keys = RemoteKeys::at("https://issuer.invalid/jwks")
        .timeout(Duration::from_secs(2))
        .start()
        .expect("a fetcher");
    assert_eq!(keys.ready().await, Err(FetchError::Unreachable));
}

#[tokio::test]
async fn a_set_that_no_issuer_would_publish_leaves_the_last_good_one() {
    let site = Site::start().await;
    let (issuer, stranger) = (Issuer::new(Algorithm::Es256), Issuer::new(Algorithm::Es256));
    site.publish(&[&issuer]);
    let keys = site.keys().start().expect("a fetcher");
    keys.ready().await.expect("keys");
    let verifier = site.verifier(keys.slot());
    let one = &stranger.jwks().to_json()["{\"keys\":[".len()..];
    let one = &one[..one.len() - 2];
    let named = |kid: usize| one.replace(stranger.key.kid(), &kid.to_string());
    let many = |count: usize| (0..count).map(named).collect::<Vec<_>>().join(",");
    for (failed, set) in [format!("{one},{one}"), many(257), many(2_000), many(10_000)]
        .into_iter()
        .enumerate()
    {
        site.put("/jwks", Page::ok(format!("{{\"keys\":[{set}]}}")));
        assert_eq!(
            code(verifier.verify_fresh(&site.token(&stranger)).await),
            "unknown_key"
        );
        assert!(
            keys.state().failures as usize > failed,
            "{:?}",
            keys.state()
        );
        assert_eq!(keys.state().kids, [issuer.key.kid()]);
        assert_eq!(code(verifier.verify(&site.token(&issuer))), "accepted");
    }
    site.put("/jwks", Page::ok(format!("{{\"keys\":[{}]}}", many(256))));
    verifier
        .verify_fresh(&site.token(&stranger))
        .await
        .expect_err("another name");
    assert_eq!(keys.state().kids.len(), 256);
}

#[tokio::test]
async fn a_slow_issuer_keeps_nobody_waiting_who_has_keys() {
    let (site, issuer) = (Site::start().await, Issuer::new(Algorithm::Es256));
    site.publish(&[&issuer]);
    let keys = site.keys().start().expect("a fetcher");
    keys.ready().await.expect("keys");
    site.put(
        "/jwks",
        Page {
            delay: Duration::from_secs(30),
            ..Page::ok("")
        },
    );
    let verifier = site.verifier(keys.slot());
    let stranger = site.token(&Issuer::new(Algorithm::Es256));
    let waiting = tokio::spawn({
        let verifier = verifier.clone();
        async move { code(verifier.verify_fresh(&stranger).await) }
    });
    tokio::task::yield_now().await;
    assert_eq!(
        code(verifier.verify_fresh(&site.token(&issuer)).await),
        "accepted"
    );
    assert!(!waiting.is_finished(), "the slow fetch is still under way");
    // Bounded by the fetcher's own time limit.
    let answer = tokio::time::timeout(Duration::from_secs(5), waiting).await;
    assert_eq!(answer.expect("in time").expect("no panic"), "unknown_key");
}

#[test]
fn a_clock_that_steps_refuses_what_it_must_and_recovers() {
    let issuer = Issuer::new(Algorithm::EdDsa);
    let now = Arc::new(AtomicI64::new(NOW));
    let clock = now.clone();
    let verifier = issuer
        .builder()
        .clock(move || clock.load(Ordering::SeqCst))
        .build()
        .expect("a verifier");
    let long = issuer.token(&with("exp", NOW + 3600));
    let short = issuer.token(&good());
    for (step, of_long, of_short) in [
        (600, "accepted", "expired"),
        (-600, "issued_in_future", "issued_in_future"),
        (i64::MAX - 2 * NOW, "expired", "expired"),
        (0, "accepted", "accepted"),
    ] {
        now.store(NOW + step, Ordering::SeqCst);
        let answers = (code(verifier.verify(&long)), code(verifier.verify(&short)));
        assert_eq!(answers, (of_long, of_short), "{step}");
    }
}

#[test]
fn keys_come_from_a_document_or_a_file_as_well() {
    let (old, new) = (Issuer::new(Algorithm::Es256), Issuer::new(Algorithm::EdDsa));
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("jwks.json");
    assert!(KeySlot::from_file(&path).is_err());
    std::fs::write(&path, old.jwks().to_json()).expect("a file");
    let slot = KeySlot::from_file(&path).expect("keys");
    let verifier = Verifier::builder(ISSUER, slot.clone())
        .audience(AUDIENCE)
        .clock(|| NOW)
        .build()
        .expect("a verifier");
    assert_eq!(code(verifier.verify(&old.token(&good()))), "accepted");
    for bad in ["", "{}", "{\"keys\":[]}"] {
        std::fs::write(&path, bad).expect("a file");
        assert!(slot.load_file(&path).is_err() && KeySlot::from_json(bad.as_bytes()).is_err());
        assert_eq!(code(verifier.verify(&old.token(&good()))), "accepted");
    }
    std::fs::write(&path, new.jwks().to_json()).expect("a file");
    slot.load_file(&path).expect("keys");
    assert_eq!(code(verifier.verify(&new.token(&good()))), "accepted");
    assert_eq!(code(verifier.verify(&old.token(&good()))), "unknown_key");
    let set: Set = JwkSet { keys: Vec::new() };
    assert!(KeySlot::new(set).is_err());
}
