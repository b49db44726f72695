//! As much of an issuer as the drill of an API needs.

use std::collections::HashSet;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use axum::extract::{Request, State};
use axum::routing::{get, post};
use axum::{Json, Router};
use keywright_drill::{NotSealed, Seal};
use keywright_jwt::{Algorithm, SigningKey, decode_unverified};
use serde_json::{Value, json};
use tokio::net::TcpListener;

pub const AUDIENCE: &str = "https://orders.example";
/// Everybody in these tests lives in this moment.
pub const NOW: i64 = 1_800_000_000;

#[derive(Clone)]
pub struct FakeIssuer {
    pub url: String,
    key: Arc<SigningKey>,
    logins: Arc<AtomicUsize>,
    /// Sessions that were logged out.
    pub ended: Arc<Mutex<HashSet<String>>>,
}

struct Lent(Arc<SigningKey>);

impl Seal for Lent {
    fn sign(&self, _: &str, typ: &str, payload: &[u8]) -> Result<String, NotSealed> {
        let signed = self.0.sign(typ, payload);
        signed.map_err(|error| NotSealed(error.to_string()))
    }
}

impl FakeIssuer {
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let (key, _) = SigningKey::generate(Algorithm::Es256).unwrap();
        let this = Self {
            url: format!("http://{}", listener.local_addr().unwrap()),
            key: Arc::new(key),
            logins: Arc::default(),
            ended: Arc::default(),
        };
        let router = Router::new()
            .route("/.well-known/openid-configuration", get(metadata))
            .route("/.well-known/jwks.json", get(jwks))
            .route("/status/1", get(status_list))
            .route("/v1/login", post(log_in))
            .route("/v1/logout", post(log_out))
            .with_state(this.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        this
    }

    pub fn jwks(&self) -> Value {
        json!({ "keys": [self.key.public_jwk()] })
    }

    pub fn seal(&self) -> Arc<dyn Seal> {
        Arc::new(Lent(self.key.clone()))
    }

    pub fn token(&self, session: &str) -> String {
        self.token_for(session, AUDIENCE)
    }

    fn token_for(&self, session: &str, audience: &str) -> String {
        let uri = format!("{}/status/1", self.url);
        let claims = json!({
            "iss": self.url, "aud": audience, "sub": "ann", "client_id": "web", "sid": session, "jti": session,
            "iat": NOW, "exp": NOW + 300, "scope": "read:orders", "status": { "status_list": { "idx": 7, "uri": uri } },
        });
        self.key
            .sign("at+jwt", claims.to_string().as_bytes())
            .unwrap()
    }
}

async fn metadata(State(issuer): State<FakeIssuer>) -> Json<Value> {
    let jwks = format!("{}/.well-known/jwks.json", issuer.url);
    Json(json!({ "issuer": issuer.url, "jwks_uri": jwks }))
}

async fn jwks(State(issuer): State<FakeIssuer>) -> Json<Value> {
    Json(issuer.jwks())
}

async fn status_list(State(issuer): State<FakeIssuer>) -> String {
    let claims = json!({
        "sub": format!("{}/status/1", issuer.url), "iat": NOW, "exp": NOW + 300,
        "status_list": { "bits": 2, "lst": "eNrbuRgAAhcBXQ" },
    });
    issuer
        .key
        .sign("statuslist+jwt", claims.to_string().as_bytes())
        .unwrap()
}

async fn log_in(State(issuer): State<FakeIssuer>, Json(login): Json<Value>) -> Json<Value> {
    let session = format!("sid-{}", issuer.logins.fetch_add(1, Ordering::Relaxed));
    let audience = login["audience"].as_str().unwrap_or(AUDIENCE);
    let token = issuer.token_for(&session, audience);
    Json(json!({ "access_token": token, "refresh_token": format!("kwr_{session}") }))
}

async fn log_out(State(issuer): State<FakeIssuer>, request: Request) {
    let token = request.headers()["authorization"].to_str().unwrap();
    let said = decode_unverified(token.trim_start_matches("Bearer ")).unwrap();
    let session = said.claims["sid"].as_str().unwrap().to_owned();
    issuer.ended.lock().unwrap().insert(session);
}
