use std::time::Duration;

use axum::body::{Body, Bytes};
use http::Request;
use http_body_util::channel::Channel;

use super::kit::{LOCAL, PROXY, STRANGER, config, problem, stacked};
use crate::middleware::StackConfig;

#[tokio::test]
async fn a_panic_is_one_failed_request() {
    let stacked = stacked(config());
    let response = stacked.get("/panic").await;
    assert_eq!(response.status(), 500);
    assert_eq!(problem(response).await, "internal");
    assert_eq!(stacked.get("/things/1").await.status(), 200);
    stacked.shows("keywright_http_requests_panicked_total 1");
    stacked
        .shows("keywright_http_requests_total{route=\"/panic\",method=\"GET\",status=\"5xx\"} 1");
    stacked.shows("keywright_http_requests_in_flight 0");
}

#[tokio::test]
async fn plain_http_is_refused_unless_it_stays_on_this_machine() {
    let stacked = stacked(StackConfig {
        https_required: true,
        ..config()
    });
    for (why, peer, headers, allowed) in [
        ("a stranger", STRANGER, &[][..], false),
        (
            "a stranger who says https",
            STRANGER,
            &[("x-forwarded-proto", "https")],
            false,
        ),
        (
            "a stranger who says to be local",
            STRANGER,
            &[("x-forwarded-for", "127.0.0.1")],
            false,
        ),
        ("this machine", LOCAL, &[], true),
        (
            "our proxy, over https",
            PROXY,
            &[
                ("x-forwarded-for", "203.0.113.5"),
                ("x-forwarded-proto", "https"),
            ],
            true,
        ),
        (
            "our proxy, over http",
            PROXY,
            &[
                ("x-forwarded-for", "203.0.113.5"),
                ("x-forwarded-proto", "http"),
            ],
            false,
        ),
        ("our proxy, silent", PROXY, &[], false),
    ] {
        let request = headers
            .iter()
            .fold(Request::get("/things/1"), |r, (name, value)| {
                r.header(*name, *value)
            });
        let response = stacked.send(peer, request, Body::empty()).await;
        assert_eq!(response.status() == 200, allowed, "{why}");
        if !allowed {
            assert_eq!(problem(response).await, "https_required", "{why}");
        }
        let probe = stacked
            .send(peer, Request::get("/healthz"), Body::empty())
            .await;
        assert_eq!(
            probe.status(),
            200,
            "probes come over plain HTTP from inside: {why}"
        );
    }
}

#[tokio::test]
async fn a_body_over_the_limit_is_refused_whether_its_length_is_declared_or_not() {
    let stacked = stacked(config());
    let limit = config().body_limit;
    let post = |length: usize| Request::post("/echo").header("content-length", length);
    let response = stacked
        .send(STRANGER, post(limit), Body::from(vec![b'x'; limit]))
        .await;
    assert_eq!(response.status(), 200, "the limit itself is allowed");
    let response = stacked
        .send(STRANGER, post(limit + 1), Body::from(vec![b'x'; limit + 1]))
        .await;
    assert_eq!(response.status(), 413);
    assert_eq!(problem(response).await, "body_too_large");

    let (mut sender, body) = Channel::<Bytes>::new(1);
    let sending = async move {
        for _ in 0..100 {
            if sender
                .send_data(Bytes::from(vec![b'x'; 1024]))
                .await
                .is_err()
            {
                return;
            }
        }
    };
    let (response, ()) = tokio::join!(
        stacked.send(STRANGER, Request::post("/echo"), Body::new(body)),
        sending
    );
    assert_eq!(response.status(), 413);
}

#[tokio::test(start_paused = true)]
async fn a_handler_that_hangs_is_our_fault_and_a_body_that_hangs_the_clients() {
    let stacked = stacked(config());
    let response = stacked.get("/never").await;
    assert_eq!(response.status(), 504);
    assert_eq!(problem(response).await, "timeout");

    let (sender, body) = Channel::<Bytes>::new(1);
    let response = stacked
        .send(STRANGER, Request::post("/echo"), Body::new(body))
        .await;
    assert_eq!(response.status(), 408);
    assert_eq!(problem(response).await, "request_timeout");
    drop(sender);
    stacked.shows("keywright_http_requests_in_flight 0");
}

#[tokio::test(start_paused = true)]
async fn beyond_its_capacity_the_server_refuses_at_once_but_still_answers_probes() {
    let stacked = stacked(StackConfig {
        in_flight: 2,
        ..config()
    });
    let refused = async {
        tokio::time::sleep(Duration::from_secs(1)).await;
        let response = stacked.get("/things/1").await;
        assert_eq!(response.status(), 503);
        assert!(response.headers().contains_key("retry-after"));
        assert_eq!(problem(response).await, "overloaded");
        assert_eq!(stacked.get("/healthz").await.status(), 200);
    };
    tokio::join!(stacked.get("/never"), stacked.get("/never"), refused);
    assert_eq!(stacked.get("/things/1").await.status(), 200);
    stacked.shows("keywright_http_requests_shed_total 1");
}

#[tokio::test(start_paused = true)]
async fn a_client_that_goes_away_leaves_its_place_and_is_counted() {
    let stacked = stacked(config());
    let gone = tokio::time::timeout(Duration::from_secs(1), stacked.get("/never")).await;
    assert!(gone.is_err());
    stacked.shows(
        "keywright_http_requests_total{route=\"/never\",method=\"GET\",status=\"aborted\"} 1",
    );
    stacked.shows("keywright_http_requests_in_flight 0");
}
