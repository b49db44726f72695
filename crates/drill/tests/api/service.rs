//! Services to drill.

use axum::Router;
use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::routing::get;
use keywright_jwt::JwkSet;
use keywright_verify::tower::{VerifyLayer, require_scope};
use keywright_verify::{KeySlot, Verifier};
use tokio::net::TcpListener;

use crate::issuer::{AUDIENCE, FakeIssuer, NOW};
use crate::verifier::{LaxVerifier, Weakness};

pub struct Served {
    pub url: String,
}

impl Served {
    /// A service with this one weakness.
    pub async fn weak(issuer: &FakeIssuer, weakness: Option<Weakness>) -> Self {
        let verifier = LaxVerifier::new(issuer, weakness);
        let router = Router::new()
            .route("/orders", get(judge))
            .with_state(verifier);
        Self::serve(router).await
    }

    /// What `keywright-verify` protects.
    pub async fn sound(issuer: &FakeIssuer) -> Self {
        let set = JwkSet::parse(issuer.jwks().to_string().as_bytes()).unwrap();
        let verifier = Verifier::builder(issuer.url.clone(), KeySlot::new(set).unwrap())
            .audience(AUDIENCE)
            .clock(|| NOW)
            .build()
            .unwrap();
        let router = Router::new()
            .route("/orders", get(|| async { "coffee" }))
            .layer(require_scope("read:orders"))
            .layer(VerifyLayer::new(verifier))
            .route(
                "/orders/refuses-all",
                get(|| async { StatusCode::UNAUTHORIZED }),
            )
            .route("/orders/nowhere", get(|| async { StatusCode::NOT_FOUND }))
            .route("/orders/open", get(|| async { "coffee" }));
        Self::serve(router).await
    }

    async fn serve(router: Router) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/orders", listener.local_addr().unwrap());
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { url }
    }
}

async fn judge(State(verifier): State<LaxVerifier>, request: Request) -> StatusCode {
    let value = request.headers().get("authorization");
    let token = value.and_then(|value| value.to_str().ok()?.strip_prefix("Bearer "));
    verifier.judge(token).await
}
