use axum::Router;
use axum::http::StatusCode;
use axum::http::header::LOCATION;
use axum::routing::get;
use tokio::net::TcpListener;

use super::*;

/// A probe of an issuer on loopback that serves this.
async fn probe(router: Router) -> PublicUrl {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let issuer = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, router).await });
    PublicUrl::of(&issuer.parse().unwrap()).unwrap()
}

const KEY_SET: &str = "/.well-known/jwks.json";

#[tokio::test]
async fn the_key_set_is_read_where_verifiers_read_it() {
    let probe = probe(Router::new().route(KEY_SET, get(|| async { "{}" }))).await;
    assert_eq!(probe.key_set().await, Ok(b"{}".to_vec()));
}

#[tokio::test]
async fn a_redirect_is_not_followed_and_an_error_is_no_key_set() {
    let elsewhere = || async { (StatusCode::FOUND, [(LOCATION, "/elsewhere")], "moved") };
    let moved = Router::new()
        .route(KEY_SET, get(elsewhere))
        .route("/elsewhere", get(|| async { "{}" }));
    let answered = probe(moved).await.key_set().await;
    assert_ne!(answered.ok(), Some(b"{}".to_vec()));
    let failing = get(|| async { StatusCode::BAD_GATEWAY });
    let refused = probe(Router::new().route(KEY_SET, failing)).await;
    let error = refused.key_set().await.unwrap_err();
    assert!(error.detail.contains("502"), "{error}");
}

#[tokio::test]
async fn a_body_without_end_is_cut() {
    let long = get(|| async { "x".repeat(8 * 1024 * 1024) });
    let probe = probe(Router::new().route(KEY_SET, long)).await;
    let read = probe.key_set().await.unwrap().len();
    assert!((LONGEST..2 * 1024 * 1024).contains(&read), "{read}");
}

#[tokio::test]
async fn nobody_there_is_said_with_its_cause() {
    let gone = PublicUrl::of(&"http://127.0.0.1:1".parse().unwrap()).unwrap();
    let error = gone.key_set().await.unwrap_err();
    assert_eq!(error.what, "public URL");
    assert!(error.detail.contains("refused"), "{error}");
}

/// The clock of this test runs as soon as everybody waits.
#[tokio::test(start_paused = true)]
async fn who_never_answers_is_not_waited_for() {
    let silent = get(std::future::pending::<&'static str>);
    let probe = probe(Router::new().route(KEY_SET, silent)).await;
    assert!(probe.key_set().await.is_err());
}
