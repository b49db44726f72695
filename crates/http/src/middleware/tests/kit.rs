use std::time::Duration;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{Extension, Path};
use axum::response::Response;
use axum::routing::{get, post};
use http::Request;
use http_body_util::BodyExt;
use keywright_domain::Time;
use tower::ServiceExt;

use crate::metrics::Metrics;
use crate::middleware::{Arrival, StackConfig, TrustedProxies, stack};
use crate::server::Peer;

pub const STRANGER: &str = "198.51.100.7:4000";
pub const PROXY: &str = "10.0.0.1:4000";
pub const LOCAL: &str = "127.0.0.1:4000";

pub struct Stacked {
    pub metrics: Metrics,
    router: Router,
}

pub fn config() -> StackConfig {
    let proxies = TrustedProxies {
        ranges: vec!["10.0.0.0/8".parse().unwrap()],
        ..TrustedProxies::default()
    };
    StackConfig {
        proxies: proxies.into(),
        https_required: false,
        request_id_seed: 1,
        ..StackConfig::default()
    }
}

pub fn stacked(config: StackConfig) -> Stacked {
    let metrics = Metrics::new("test", Time::from_secs(0));
    let router = Router::new()
        .route("/things/{id}", get(async |Path(id): Path<String>| id))
        .route(
            "/arrival",
            get(async |Extension(arrival): Extension<Arrival>| {
                format!("{:?} {}", arrival.address, arrival.https)
            }),
        )
        .route("/echo", post(async |body: Bytes| body))
        .route("/panic", get(panics))
        .route(
            "/logs",
            get(async || tracing::warn!(target: "test.handler.spoke", "hello")),
        )
        .route("/never", get(async || std::future::pending::<()>().await))
        .route("/healthz", get(async || "ok"));
    Stacked {
        router: stack(router, config, &metrics),
        metrics,
    }
}

/// A bug that a lint cannot see.
async fn panics() -> String {
    let empty: Vec<&str> = Vec::new();
    empty
        .first()
        .copied()
        .expect("a secret-in-a-panic")
        .to_owned()
}

impl Stacked {
    pub async fn send(&self, peer: &str, request: http::request::Builder, body: Body) -> Response {
        let mut request: Request<Body> = request.body(body).unwrap();
        request.extensions_mut().insert(Peer {
            address: peer.parse().unwrap(),
            is_tls: false,
            certificate: None,
        });
        tokio::time::timeout(
            Duration::from_secs(100),
            self.router.clone().oneshot(request),
        )
        .await
        .expect("an answer")
        .unwrap()
    }

    pub async fn get(&self, path: &str) -> Response {
        self.send(STRANGER, Request::get(path), Body::empty()).await
    }

    pub fn shows(&self, line: &str) {
        let text = self.metrics.expose().unwrap();
        assert!(
            text.lines().any(|l| l == line),
            "no line {line:?} in\n{text}"
        );
    }
}

pub async fn text(response: Response) -> String {
    String::from_utf8(
        response
            .into_body()
            .collect()
            .await
            .unwrap()
            .to_bytes()
            .to_vec(),
    )
    .unwrap()
}

/// The `code` of a problem document.
pub async fn problem(response: Response) -> String {
    assert_eq!(
        response.headers()["content-type"],
        "application/problem+json"
    );
    let body: serde_json::Value = serde_json::from_str(&text(response).await).unwrap();
    body["code"].as_str().unwrap().to_owned()
}
