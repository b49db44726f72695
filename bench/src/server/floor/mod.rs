//! The floor: axum, aws-lc-rs and rusqlite, doing only what the name of the work says. No limits, no log, no metrics, no
//! checks beyond those without which the work would not be that work.

mod database;
mod own;
mod token;

use std::path::PathBuf;
use std::sync::Arc;

use anyhow::{Context, Result};
use aws_lc_rs::{digest, hmac};
use axum::Router;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use keywright_jwt::{Algorithm, JwkSet, SigningKey, VerifyingKey};

use database::Database;

pub use database::SESSIONS;
pub use token::first_token;

pub const SECRET: &str = "floor-secret-of-forty-three-characters-0123";
const MAC_KEY: [u8; 32] = [7; 32];
/// The longest document that it is asked for.
const LONGEST: usize = 64 * 1024;

#[derive(clap::Args)]
pub struct Options {
    /// An empty folder for the database
    folder: PathBuf,
}

struct Floor {
    key: SigningKey,
    /// Of the same key, parsed once.
    verifying: VerifyingKey,
    rsa_key: SigningKey,
    jwks: String,
    document: String,
    secret: [u8; 32],
    mac: hmac::Key,
    database: Database,
}

pub fn run(options: &Options) -> Result<()> {
    let floor = Arc::new(Floor::create(options)?);
    let router = Router::new()
        .route("/jwks", get(serve_jwks))
        .route("/static/{bytes}", get(serve_document))
        .route("/token", post(token::issue))
        .route("/token-rs256", post(token::issue_rsa))
        .route("/unrecorded", post(token::issue_unrecorded))
        .route("/refresh", post(token::refresh))
        .route("/session/{id}", get(token::open_session))
        .route("/introspect", post(own::introspect))
        .route("/userinfo", get(own::show_user_info))
        .with_state(floor);
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()?
        .block_on(async {
            let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0)).await?;
            println!("{}", listener.local_addr()?);
            // The benchmark ends this process; should it die first, this does.
            let limit = tokio::time::sleep(std::time::Duration::from_secs(1800));
            axum::serve(listener, router)
                .with_graceful_shutdown(limit)
                .await?;
            Ok(())
        })
}

impl Floor {
    fn create(options: &Options) -> Result<Self> {
        let (key, _) = SigningKey::generate(Algorithm::Es256)?;
        let (next_key, _) = SigningKey::generate(Algorithm::Es256)?;
        let (rsa_key, _) = SigningKey::generate(Algorithm::Rs256)?;
        let public = |key: &SigningKey| key.public_jwk().context("symmetric");
        // As many as a real issuer serves: the key that signs and the one in waiting.
        let keys = vec![public(&key)?, public(&next_key)?];
        Ok(Self {
            verifying: key.verifying_key(),
            key,
            rsa_key,
            jwks: JwkSet { keys }.to_json(),
            document: "x".repeat(LONGEST),
            secret: sha256(SECRET.as_bytes()),
            mac: hmac::Key::new(hmac::HMAC_SHA256, &MAC_KEY),
            database: Database::create(options.folder.join("floor.db"))?,
        })
    }
}

async fn serve_jwks(State(floor): State<Arc<Floor>>) -> Response {
    (
        [("content-type", "application/jwk-set+json")],
        floor.jwks.clone(),
    )
        .into_response()
}

/// As long as the document of the real server beside which it is measured.
async fn serve_document(
    State(floor): State<Arc<Floor>>,
    Path(bytes): Path<usize>,
) -> Result<Response, StatusCode> {
    let document = floor.document.get(..bytes).ok_or(StatusCode::NOT_FOUND)?;
    Ok(([("content-type", "application/json")], document.to_owned()).into_response())
}

fn sha256(data: &[u8]) -> [u8; 32] {
    let mut hash = [0; 32];
    hash.copy_from_slice(digest::digest(&digest::SHA256, data).as_ref());
    hash
}

fn now() -> i64 {
    std::time::SystemTime::now()
        .duration_since(std::time::UNIX_EPOCH)
        .map_or(0, |since| since.as_secs().cast_signed())
}
