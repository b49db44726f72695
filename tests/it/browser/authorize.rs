//! From a client's request through our pages to the client's own, in a real browser.

use std::sync::Arc;

use axum::Router;
use axum::extract::RawQuery;
use axum::response::Redirect;
use axum::routing::get;
use keywright_tests::flow::{CHALLENGE, VERIFIER};
use keywright_tests::{Administrator, Binary, Browser, escaped};
use serde_json::{Value, json};
use tokio::net::TcpListener;

/// A client's site: its callback sends the browser on to yet another origin, as clients behind a gateway do.
async fn callback_that_leads_on() -> (String, String) {
    let inner = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let outer = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let url = |listener: &TcpListener, path: &str| {
        let port = listener.local_addr().expect("an address").port();
        format!("http://127.0.0.1:{port}{path}")
    };
    let (callback, end) = (url(&outer, "/cb"), url(&inner, "/end"));
    let home: Arc<str> = end.as_str().into();
    let lead_on = move |RawQuery(query): RawQuery| {
        let location = format!("{home}?{}", query.unwrap_or_default());
        async move { Redirect::to(&location) }
    };
    let leading = Router::new().route("/cb", get(lead_on));
    let home = Router::new().route("/end", get(async || "welcome"));
    tokio::spawn(async { axum::serve(outer, leading).await });
    tokio::spawn(async { axum::serve(inner, home).await });
    (callback, end)
}

/// Answers its secret. A public client whose callback is on loopback would be asked about at each visit (RFC 8252 §8.6).
pub async fn register(binary: &Binary, callback: &str) -> String {
    let client = json!({
        "client_id": "shop",
        "name": "The Flower Shop",
        "kind": "confidential",
        "grants": ["authorization_code", "refresh_token"],
        "allowed": { "https://orders.example": "read:orders" },
        "default_audience": "https://orders.example",
        "registration": {
            "redirect_uris": [callback],
            "openid_scope": "openid profile email offline_access",
        },
    });
    let secret = Administrator::of(binary).await.register(client).await;
    secret.expect("a secret")
}

pub fn request(binary: &Binary, callback: &str) -> String {
    let parameters = [
        ("client_id", "shop"),
        ("response_type", "code"),
        ("redirect_uri", callback),
        ("scope", "openid profile read:orders"),
        ("state", "a b&c"),
        ("code_challenge", CHALLENGE),
        ("code_challenge_method", "S256"),
    ];
    let pairs = parameters.map(|(name, value)| format!("{name}={}", escaped(value)));
    binary.url(&format!("/oauth2/authorize?{}", pairs.join("&")))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn person_goes_from_a_client_through_login_and_consent_and_back() {
    let binary = Binary::quickstart(&[]).await;
    let (callback, end) = callback_that_leads_on().await;
    let secret = register(&binary, &callback).await;
    let browser = Browser::start().await;

    browser.goto(&request(&binary, &callback)).await;
    assert_eq!(browser.text("#client-name").await, "The Flower Shop");
    browser.log_in("nobody", "wrong").await;
    assert_eq!(
        browser.text("#client-name").await,
        "The Flower Shop",
        "the page still knows"
    );
    browser.log_in_as_user(&binary).await;
    assert!(browser.has("#consent-form").await);
    browser.consent_if_asked().await;
    let arrived = browser.driver().current_url().await.expect("a page");
    assert!(
        arrived.as_str().starts_with(&end),
        "{arrived}: a policy of our page must not stop the client's own redirects"
    );
    let answered: std::collections::BTreeMap<_, _> = arrived.query_pairs().into_owned().collect();
    assert_eq!(answered["state"], "a b&c");
    assert_eq!(answered["iss"], binary.issuer());

    let form = [
        ("grant_type", "authorization_code"),
        ("redirect_uri", callback.as_str()),
        ("code_verifier", VERIFIER),
        ("code", answered["code"].as_str()),
    ];
    let body: Vec<String> = form
        .iter()
        .map(|(name, value)| format!("{name}={}", escaped(value)))
        .collect();
    let exchanged = binary
        .http()
        .post(binary.url("/oauth2/token"))
        .basic_auth("shop", Some(secret))
        .header("content-type", "application/x-www-form-urlencoded")
        .body(body.join("&"));
    let exchanged = exchanged.send().await.expect("an answer");
    assert_eq!(exchanged.status(), 200);
    let tokens: Value = exchanged.json().await.expect("JSON");
    assert!(tokens["access_token"].is_string(), "{tokens}");

    // Logged in and asked before: no page in between.
    browser.goto(&request(&binary, &callback)).await;
    let arrived = browser.url().await;
    assert!(arrived.starts_with(&end), "{arrived}");

    browser.goto(&binary.url("/account")).await;
    browser.click("#consents button").await;
    assert!(
        browser.has("#no-sessions").await,
        "its session went as well"
    );
    browser.goto(&request(&binary, &callback)).await;
    assert!(browser.has("#consent-form").await);
    browser.click("#consent-deny").await;
    assert!(browser.url().await.contains("error=access_denied"));
}
