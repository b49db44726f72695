//! The layer and the extractors, as a client of the service sees them.

use axum::body::{Body, to_bytes};
use axum::http::{Request, StatusCode};
use axum::{Router, routing::get};
use keywright_jwt::Algorithm;
use keywright_verify::axum::{Bearer, Claims, Rejection};
use keywright_verify::tower::{VerifyLayer, require_role, require_scope};
use serde_json::Value;
use tower::ServiceExt;

use crate::support::{Issuer, NOW, good, with};

#[derive(serde::Deserialize)]
struct Tenant {
    tenant: String,
}

async fn whoami(token: Bearer) -> String {
    token.sub().unwrap_or_default().to_owned()
}

async fn tenant(Claims(claims): Claims<Tenant>) -> String {
    claims.tenant
}

async fn delete_everything(token: Bearer) -> Result<&'static str, Rejection> {
    token.require_scope("delete:everything")?;
    Ok("gone")
}

fn app(issuer: &Issuer) -> Router {
    let layer = VerifyLayer::new(issuer.verifier())
        .realm("orders")
        .resource_metadata("https://orders.example/.well-known/oauth-protected-resource");
    Router::new()
        .route("/whoami", get(whoami))
        .route("/tenant", get(tenant))
        .route("/everything", get(delete_everything))
        .route("/write", get(whoami).layer(require_scope("write:orders")))
        .route("/audit", get(whoami).layer(require_scope("read:audit")))
        .route("/edit", get(whoami).layer(require_role("editor")))
        .route("/admin", get(whoami).layer(require_role("admin")))
        .layer(layer)
        .route("/open", get(whoami))
        .route(
            "/forgotten",
            get(|| async { "" }).layer(require_scope("read:orders")),
        )
}

struct Answer {
    status: StatusCode,
    challenge: Option<String>,
    body: String,
}

async fn ask(app: Router, path: &str, authorization: &[String]) -> Answer {
    let mut request = Request::get(path);
    for value in authorization {
        request = request.header("authorization", value);
    }
    let response = app
        .oneshot(request.body(Body::empty()).expect("a request"))
        .await
        .expect("an answer");
    let challenge = response.headers().get("www-authenticate");
    let challenge = challenge.map(|value| value.to_str().expect("ASCII").to_owned());
    let status = response.status();
    let body = to_bytes(response.into_body(), 1 << 16)
        .await
        .expect("a body");
    Answer {
        status,
        challenge,
        body: String::from_utf8(body.to_vec()).expect("UTF-8"),
    }
}

async fn ask_with(path: &str, claims: &Value) -> Answer {
    let issuer = Issuer::new(Algorithm::EdDsa);
    ask(
        app(&issuer),
        path,
        &[format!("Bearer {}", issuer.token(claims))],
    )
    .await
}

#[tokio::test]
async fn a_valid_token_reaches_the_handler() {
    let answer = ask_with("/whoami", &good()).await;
    assert_eq!(
        (answer.status, answer.body.as_str(), answer.challenge),
        (StatusCode::OK, "alice", None)
    );
}

#[tokio::test]
async fn a_request_without_token_gets_a_challenge_without_error() {
    let issuer = Issuer::new(Algorithm::EdDsa);
    let metadata =
        r#"resource_metadata="https://orders.example/.well-known/oauth-protected-resource""#;
    for authorization in [&[][..], &["Basic YTpi".to_owned()]] {
        let answer = ask(app(&issuer), "/whoami", authorization).await;
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
        assert_eq!(
            answer.challenge,
            Some(format!(r#"Bearer realm="orders", {metadata}"#))
        );
    }
}

#[tokio::test]
async fn two_tokens_are_one_too_many() {
    let issuer = Issuer::new(Algorithm::EdDsa);
    let bearer = format!("Bearer {}", issuer.token(&good()));
    let answer = ask(app(&issuer), "/whoami", &[bearer.clone(), bearer]).await;
    assert_eq!(answer.status, StatusCode::BAD_REQUEST);
    assert!(
        answer
            .challenge
            .is_some_and(|challenge| challenge.contains(r#"error="invalid_request""#))
    );
}

#[tokio::test]
async fn a_refused_token_is_told_why_and_never_reaches_the_handler() {
    let answer = ask_with("/whoami", &with("exp", NOW - 3600)).await;
    assert_eq!(
        (answer.status, answer.body.as_str()),
        (StatusCode::UNAUTHORIZED, "")
    );
    let challenge = answer.challenge.expect("a challenge");
    assert!(
        challenge.contains(r#"error="invalid_token", error_description="the token has expired""#),
        "{challenge}"
    );
}

#[tokio::test]
async fn scopes_and_roles_guard_their_routes() {
    assert_eq!(ask_with("/write", &good()).await.status, StatusCode::OK);
    assert_eq!(ask_with("/edit", &good()).await.status, StatusCode::OK);
    let audit = ask_with("/audit", &good()).await;
    assert_eq!(audit.status, StatusCode::FORBIDDEN);
    let challenge = audit.challenge.expect("a challenge");
    assert!(
        challenge.contains(r#"error="insufficient_scope""#)
            && challenge.contains(r#"scope="read:audit""#)
    );
    assert_eq!(
        ask_with("/admin", &good()).await.status,
        StatusCode::FORBIDDEN
    );
}

#[tokio::test]
async fn a_handler_can_refuse_by_itself() {
    let answer = ask_with("/everything", &good()).await;
    assert_eq!(answer.status, StatusCode::FORBIDDEN);
    assert!(
        answer
            .challenge
            .is_some_and(|challenge| challenge.contains(r#"scope="delete:everything""#))
    );
}

#[tokio::test]
async fn claims_are_handed_over_as_the_handlers_own_type() {
    assert_eq!(
        ask_with("/tenant", &with("tenant", "acme")).await.body,
        "acme"
    );
    let without = ask_with("/tenant", &good()).await;
    assert_eq!(
        (without.status, without.challenge),
        (StatusCode::FORBIDDEN, None)
    );
}

#[tokio::test]
async fn a_route_outside_the_layer_fails_closed() {
    for path in ["/open", "/forgotten"] {
        assert_eq!(
            ask_with(path, &good()).await.status,
            StatusCode::UNAUTHORIZED,
            "{path}"
        );
    }
}
