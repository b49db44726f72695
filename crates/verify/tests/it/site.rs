//! An issuer on loopback that misbehaves in every way that real ones do.

use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use keywright_jwt::JwkSet;
use keywright_verify::remote::{RemoteKeys, RemoteKeysBuilder};
use keywright_verify::{KeySlot, Verifier};
use serde_json::json;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use crate::support::{AUDIENCE, Issuer, NOW, with};

/// An HTTP server on loopback whose answers a test can change at any time.
#[derive(Clone, Default)]
pub struct Web {
    pages: Arc<Mutex<HashMap<String, Page>>>,
    hits: Arc<AtomicUsize>,
}

#[derive(Clone)]
pub struct Page {
    pub status: u16,
    pub headers: Vec<(&'static str, String)>,
    pub body: String,
    pub delay: Duration,
}

pub struct Site {
    web: Web,
    pub url: String,
    pub server: JoinHandle<()>,
}

impl Drop for Site {
    fn drop(&mut self) {
        self.server.abort();
    }
}

impl Page {
    pub fn ok(body: impl Into<String>) -> Self {
        Self {
            status: 200,
            headers: Vec::new(),
            body: body.into(),
            delay: Duration::ZERO,
        }
    }

    pub fn status(status: u16) -> Self {
        Self {
            status,
            ..Self::ok("")
        }
    }
}

async fn answer(State(web): State<Web>, uri: Uri, headers: HeaderMap) -> Response {
    web.hits.fetch_add(1, Ordering::SeqCst);
    let page = web.pages.lock().expect("a lock").get(uri.path()).cloned();
    let page = page.unwrap_or_else(|| Page::status(404));
    tokio::time::sleep(page.delay).await;
    let etag = page
        .headers
        .iter()
        .find(|(name, _)| *name == "etag")
        .map(|(_, value)| value.as_str());
    if etag.is_some()
        && etag
            == headers
                .get("if-none-match")
                .and_then(|value| value.to_str().ok())
    {
        return StatusCode::NOT_MODIFIED.into_response();
    }
    let mut response = (
        StatusCode::from_u16(page.status).expect("a status"),
        page.body,
    )
        .into_response();
    for (name, value) in page.headers {
        response
            .headers_mut()
            .insert(name, value.parse().expect("a header"));
    }
    response
}

impl Site {
    pub async fn start() -> Self {
        let web = Web::default();
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let url = format!("http://{}", listener.local_addr().expect("an address"));
        let router = axum::Router::new().fallback(answer).with_state(web.clone());
        let server =
            tokio::spawn(async move { axum::serve(listener, router).await.expect("a server") });
        let site = Self { web, url, server };
        let metadata = json!({"issuer": site.url, "jwks_uri": format!("{}/jwks", site.url)});
        site.put(
            "/.well-known/openid-configuration",
            Page::ok(metadata.to_string()),
        );
        site
    }

    pub fn put(&self, path: &str, page: Page) {
        self.web
            .pages
            .lock()
            .expect("a lock")
            .insert(path.to_owned(), page);
    }

    pub fn publish(&self, issuers: &[&Issuer]) {
        let keys = issuers
            .iter()
            .flat_map(|issuer| issuer.jwks().keys)
            .collect();
        self.put("/jwks", Page::ok(JwkSet { keys }.to_json()));
    }

    pub fn hits(&self) -> usize {
        self.web.hits.load(Ordering::SeqCst)
    }

    pub fn keys(&self) -> RemoteKeysBuilder {
        RemoteKeys::of_issuer(&self.url)
            .timeout(Duration::from_millis(500))
            .min_interval(Duration::ZERO)
    }

    pub fn verifier(&self, slot: KeySlot) -> Verifier {
        Verifier::builder(&self.url, slot)
            .audience(AUDIENCE)
            .clock(|| NOW)
            .build()
            .expect("a verifier")
    }

    pub fn token(&self, issuer: &Issuer) -> String {
        issuer.token(&with("iss", self.url.as_str()))
    }
}
