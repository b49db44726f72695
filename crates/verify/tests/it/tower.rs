//! Bound tokens and the service's own metadata over HTTP.

use std::sync::Arc;

use axum::body::{Body, to_bytes};
use axum::http::{HeaderMap, Request, StatusCode};
use axum::{Router, routing::get};
use keywright_jwt::Algorithm;
use keywright_verify::tower::{ClientCertificate, ResourceMetadata, VerifyLayer};
use keywright_verify::{Dpop, Nonces, Possession};
use serde_json::{Value, json};
use tower::ServiceExt;

use crate::possession::{Client, sha256};
use crate::support::{Issuer, NOW, good, with};

const ORIGIN: &str = "https://orders.example";

struct Scene {
    issuer: Issuer,
    client: Client,
    app: Router,
}

impl Scene {
    fn new(dpop: Dpop) -> Self {
        let issuer = Issuer::new(Algorithm::EdDsa);
        let verifier = issuer.builder().build_bound(Possession::new().dpop(dpop));
        let layer = VerifyLayer::bound(verifier.expect("a verifier"), "https://orders.example/");
        let app = Router::new()
            .route("/orders", get(|| async { "orders" }))
            .layer(layer.realm("orders"));
        Self {
            issuer,
            client: Client::new(),
            app,
        }
    }

    fn token(&self) -> String {
        self.issuer
            .token(&with("cnf", json!({"jkt": self.client.jkt})))
    }

    fn proof(&self, token: &str, jti: &str, nonce: Option<&str>) -> String {
        let mut claims = json!({"jti": jti, "htm": "GET", "htu": format!("{ORIGIN}/orders"), "iat": NOW,
            "ath": sha256(token.as_bytes())});
        if let Some(nonce) = nonce {
            claims["nonce"] = json!(nonce);
        }
        self.client.proof(&claims)
    }

    async fn ask(&self, authorization: &str, proofs: &[&str]) -> (StatusCode, HeaderMap) {
        let mut request = Request::get("/orders?page=2").header("authorization", authorization);
        for proof in proofs {
            request = request.header("dpop", *proof);
        }
        let request = request.body(Body::empty()).expect("a request");
        let response = self.app.clone().oneshot(request).await.expect("an answer");
        (response.status(), response.headers().clone())
    }
}

fn challenge(headers: &HeaderMap) -> &str {
    headers["www-authenticate"].to_str().expect("ASCII")
}

#[tokio::test]
async fn a_dpop_request_reaches_the_handler_once() {
    let scene = Scene::new(Dpop::new());
    let token = scene.token();
    let (authorization, proof) = (format!("DPoP {token}"), scene.proof(&token, "1", None));
    assert_eq!(scene.ask(&authorization, &[&proof]).await.0, StatusCode::OK);
    let (status, headers) = scene.ask(&authorization, &[&proof]).await;
    assert_eq!(status, StatusCode::UNAUTHORIZED);
    let expected = r#"DPoP realm="orders", error="invalid_dpop_proof""#;
    assert!(
        challenge(&headers).starts_with(expected),
        "{}",
        challenge(&headers)
    );
    assert!(challenge(&headers).contains(r#"algs="ES256 EdDSA ES384 PS256 RS256""#));
}

#[tokio::test]
async fn a_request_that_proves_nothing_is_asked_for_a_proof() {
    let scene = Scene::new(Dpop::new());
    let token = scene.token();
    let proof = scene.proof(&token, "1", None);
    for (authorization, proofs) in [
        (format!("Bearer {token}"), vec![]),
        (format!("Bearer {token}"), vec![proof.as_str()]),
        (format!("DPoP {token}"), vec![]),
        ("Basic YTpi".to_owned(), vec![]),
    ] {
        let (status, headers) = scene.ask(&authorization, &proofs).await;
        assert_eq!(status, StatusCode::UNAUTHORIZED, "{authorization}");
        assert!(
            challenge(&headers).starts_with("DPoP "),
            "{}",
            challenge(&headers)
        );
    }
    let (status, _) = scene.ask(&format!("DPoP {token}"), &[&proof, &proof]).await;
    assert_eq!(status, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn an_unbound_token_passes_as_a_bearer_token_and_not_with_a_proof() {
    let scene = Scene::new(Dpop::new());
    let token = scene.issuer.token(&good());
    assert_eq!(
        scene.ask(&format!("Bearer {token}"), &[]).await.0,
        StatusCode::OK
    );
    let proof = scene.proof(&token, "1", None);
    let (status, headers) = scene.ask(&format!("DPoP {token}"), &[&proof]).await;
    assert_eq!(status, StatusCode::UNAUTHORIZED);
    assert!(challenge(&headers).contains(r#"error="invalid_token""#));
}

#[tokio::test]
async fn a_client_without_a_nonce_gets_one_and_may_try_again() {
    let scene = Scene::new(Dpop::new().nonces(Nonces::new(&[5; 32], 60)));
    let token = scene.token();
    let authorization = format!("DPoP {token}");
    let (status, headers) = scene
        .ask(&authorization, &[&scene.proof(&token, "1", None)])
        .await;
    assert_eq!(status, StatusCode::UNAUTHORIZED);
    assert!(challenge(&headers).contains(r#"error="use_dpop_nonce""#));
    let nonce = headers["dpop-nonce"].to_str().expect("ASCII");
    let (status, headers) = scene
        .ask(&authorization, &[&scene.proof(&token, "2", Some(nonce))])
        .await;
    assert_eq!(status, StatusCode::OK);
    assert!(
        headers.contains_key("dpop-nonce"),
        "the next one comes with the answer"
    );
}

#[tokio::test]
async fn the_certificate_of_the_connection_is_taken_from_the_extensions_alone() {
    let scene = Scene::new(Dpop::new());
    let token = scene
        .issuer
        .token(&with("cnf", json!({"x5t#S256": sha256(b"certificate")})));
    let ask = async |certificate: Option<&[u8]>| {
        let mut request = Request::get("/orders")
            .header("authorization", format!("Bearer {token}"))
            .header("x-client-certificate", "certificate")
            .body(Body::empty())
            .expect("a request");
        if let Some(certificate) = certificate {
            request
                .extensions_mut()
                .insert(ClientCertificate(Arc::from(certificate)));
        }
        scene
            .app
            .clone()
            .oneshot(request)
            .await
            .expect("an answer")
            .status()
    };
    assert_eq!(ask(Some(b"certificate")).await, StatusCode::OK);
    assert_eq!(ask(Some(b"another")).await, StatusCode::UNAUTHORIZED);
    assert_eq!(ask(None).await, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn a_bearer_layer_takes_no_dpop_credentials() {
    let issuer = Issuer::new(Algorithm::EdDsa);
    let app = Router::new()
        .route("/orders", get(|| async { "orders" }))
        .layer(VerifyLayer::new(issuer.verifier()));
    let request = Request::get("/orders")
        .header("authorization", format!("DPoP {}", issuer.token(&good())))
        .body(Body::empty());
    let response = app
        .oneshot(request.expect("a request"))
        .await
        .expect("an answer");
    assert_eq!(response.status(), StatusCode::UNAUTHORIZED);
    assert_eq!(challenge(response.headers()), "Bearer");
}

#[tokio::test]
async fn the_service_describes_itself_where_clients_look() {
    let metadata = ResourceMetadata::new("https://api.example/orders/")
        .issuer("https://id.example")
        .scope("read:orders")
        .name("Orders")
        .documentation("https://api.example/docs")
        .dpop(&[Algorithm::Es256], true)
        .certificate_bound();
    assert_eq!(
        metadata.path(),
        "/.well-known/oauth-protected-resource/orders"
    );
    assert_eq!(
        metadata.url(),
        "https://api.example/.well-known/oauth-protected-resource/orders"
    );
    let app: Router = Router::new().route_service(&metadata.path(), metadata.service());
    let ask = async |method: &str| {
        let request = Request::builder()
            .method(method)
            .uri(metadata.path())
            .body(Body::empty());
        app.clone()
            .oneshot(request.expect("a request"))
            .await
            .expect("an answer")
    };
    let response = ask("GET").await;
    assert_eq!(response.headers()["content-type"], "application/json");
    let body = to_bytes(response.into_body(), 1 << 16)
        .await
        .expect("a body");
    let document: Value = serde_json::from_slice(&body).expect("JSON");
    assert_eq!(
        document,
        json!({
            "resource": "https://api.example/orders/", "authorization_servers": ["https://id.example"],
            "scopes_supported": ["read:orders"], "bearer_methods_supported": ["header"],
            "resource_name": "Orders", "resource_documentation": "https://api.example/docs",
            "dpop_signing_alg_values_supported": ["ES256"], "dpop_bound_access_tokens_required": true,
            "tls_client_certificate_bound_access_tokens": true,
        })
    );
    assert_eq!(ask("POST").await.status(), StatusCode::METHOD_NOT_ALLOWED);
    let plain = ResourceMetadata::new("https://orders.example");
    assert_eq!(
        plain.url(),
        "https://orders.example/.well-known/oauth-protected-resource"
    );
}
