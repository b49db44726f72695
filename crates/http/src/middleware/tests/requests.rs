use axum::body::Body;
use http::{Method, Request};

use super::kit::{LOCAL, PROXY, STRANGER, config, problem, stacked, text};

#[tokio::test]
async fn every_response_carries_the_security_headers_and_an_id() {
    let stacked = stacked(config());
    for path in ["/things/1", "/nowhere", "/panic"] {
        let response = stacked.get(path).await;
        let headers = response.headers();
        assert_eq!(headers["cache-control"], "no-store", "{path}");
        assert_eq!(headers["x-content-type-options"], "nosniff");
        assert_eq!(headers["referrer-policy"], "no-referrer");
        assert_eq!(
            headers["content-security-policy"],
            "default-src 'none'; frame-ancestors 'none'"
        );
        assert_eq!(headers["cross-origin-opener-policy"], "same-origin");
        assert_eq!(headers["cross-origin-resource-policy"], "same-origin");
        assert_eq!(headers["x-request-id"].len(), 16);
        assert!(!headers.contains_key("strict-transport-security"));
    }
}

#[tokio::test]
async fn only_a_trusted_proxy_names_a_request() {
    let stacked = stacked(config());
    for (peer, offered, kept) in [
        (PROXY, "from-the-proxy", true),
        (PROXY, "two words", false),
        (STRANGER, "from-a-stranger", false),
        (LOCAL, "local", false),
    ] {
        let request = Request::get("/things/1").header("x-request-id", offered);
        let response = stacked.send(peer, request, Body::empty()).await;
        assert_eq!(
            response.headers()["x-request-id"] == offered,
            kept,
            "{peer} {offered}"
        );
    }
}

#[tokio::test]
async fn handlers_learn_who_the_client_is() {
    let stacked = stacked(config());
    let ask = || {
        Request::get("/arrival")
            .header("x-forwarded-for", "203.0.113.5")
            .header("x-forwarded-proto", "https")
    };
    assert_eq!(
        text(stacked.send(PROXY, ask(), Body::empty()).await).await,
        "Some(203.0.113.5) true"
    );
    assert_eq!(
        text(stacked.send(STRANGER, ask(), Body::empty()).await).await,
        "Some(198.51.100.7) false"
    );
    let over_https = stacked.send(PROXY, ask(), Body::empty()).await;
    assert_eq!(
        over_https.headers()["strict-transport-security"],
        "max-age=63072000"
    );
}

#[tokio::test]
async fn requests_are_counted_by_the_template_of_their_route() {
    let stacked = stacked(config());
    stacked.get("/things/1").await;
    stacked.get("/things/2?token=secret").await;
    stacked.get("/nowhere/1").await;
    stacked.get("/nowhere/2").await;
    stacked
        .send(STRANGER, Request::delete("/things/1"), Body::empty())
        .await;
    stacked.shows(
        "keywright_http_requests_total{route=\"/things/{id}\",method=\"GET\",status=\"2xx\"} 2",
    );
    stacked.shows(
        "keywright_http_requests_total{route=\"/things/{id}\",method=\"DELETE\",status=\"4xx\"} 1",
    );
    stacked.shows(
        "keywright_http_requests_total{route=\"unmatched\",method=\"GET\",status=\"4xx\"} 2",
    );
    stacked.shows("keywright_http_requests_in_flight 0");
}

#[tokio::test]
async fn what_no_route_answers_is_a_problem_document() {
    let stacked = stacked(config());
    let response = stacked.get("/nowhere").await;
    assert_eq!(response.status(), 404);
    assert_eq!(problem(response).await, "not_found");

    let response = stacked
        .send(STRANGER, Request::delete("/things/1"), Body::empty())
        .await;
    assert_eq!(response.status(), 405);
    assert_eq!(response.headers()["allow"], "GET,HEAD");
    assert_eq!(problem(response).await, "method_not_allowed");
}

#[tokio::test]
async fn options_tells_the_methods_and_head_has_no_body() {
    let stacked = stacked(config());
    let response = stacked
        .send(
            STRANGER,
            Request::builder().method(Method::OPTIONS).uri("/things/1"),
            Body::empty(),
        )
        .await;
    assert_eq!(response.status(), 204);
    assert_eq!(response.headers()["allow"], "GET,HEAD");

    let response = stacked
        .send(STRANGER, Request::head("/things/1"), Body::empty())
        .await;
    assert_eq!(response.status(), 200);
    assert_eq!(response.headers()["content-length"], "1");
    assert_eq!(text(response).await, "");
}
