//! The floor: axum, aws-lc-rs and rusqlite, doing only what the name of the work says. No limits, no log, no metrics, no
//! checks beyond those without which the work would not be that work.

use std::cell::RefCell;
use std::path::{Path, PathBuf};
use std::sync::{Arc, mpsc};

use anyhow::{Context, Result};
use aws_lc_rs::{constant_time, digest, hmac, rand};
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Form, Json, Router};
use keywright_jwt::{AccessClaims, Algorithm, JwkSet, SigningKey};
use rusqlite::{Connection, OpenFlags, OptionalExtension, params};
use serde::{Deserialize, Serialize};
use tokio::sync::oneshot;

pub const SECRET: &str = "floor-secret-of-forty-three-characters-0123";
const SESSIONS: usize = 1024;
const MAC_KEY: [u8; 32] = [7; 32];
const MOST_IN_A_GROUP: usize = 128;

#[derive(clap::Args)]
pub struct Options {
    /// An empty folder for the database
    folder: PathBuf,
}

struct Floor {
    key: SigningKey,
    jwks: String,
    secret: [u8; 32],
    mac: hmac::Key,
    database: PathBuf,
    writer: mpsc::SyncSender<Job>,
}

/// A token to put on record, and the rotation that it comes from, if any.
struct Job {
    jti: [u8; 16],
    rotation: Option<(i64, i64)>,
    done: oneshot::Sender<bool>,
}

#[derive(Deserialize)]
struct TokenForm {
    grant_type: String,
}

#[derive(Deserialize)]
struct RefreshBody {
    refresh_token: String,
}

#[derive(Serialize)]
struct Tokens {
    access_token: String,
    token_type: &'static str,
    expires_in: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    refresh_token: Option<String>,
    scope: &'static str,
}

thread_local! {
    static READER: RefCell<Option<Connection>> = const { RefCell::new(None) };
}

pub fn run(options: &Options) -> Result<()> {
    let database = options.folder.join("floor.db");
    let (writer, queue) = mpsc::sync_channel(4096);
    let connection = create(&database)?;
    std::thread::spawn(move || write(connection, &queue));
    let (key, _) = SigningKey::generate(Algorithm::Es256)?;
    let (next_key, _) = SigningKey::generate(Algorithm::Es256)?;
    let public = |key: &SigningKey| key.public_jwk().context("symmetric");
    // As many as a real issuer serves: the key that signs and the one in waiting.
    let keys = vec![public(&key)?, public(&next_key)?];
    let jwks = JwkSet { keys }.to_json();
    let floor = Arc::new(Floor {
        key,
        jwks,
        secret: sha256(SECRET.as_bytes()),
        mac: hmac::Key::new(hmac::HMAC_SHA256, &MAC_KEY),
        database,
        writer,
    });
    let router = Router::new()
        .route("/jwks", get(serve_jwks))
        .route("/token", post(issue_token))
        .route("/unrecorded", post(issue_unrecorded))
        .route("/refresh", post(refresh))
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

async fn serve_jwks(State(floor): State<Arc<Floor>>) -> Response {
    (
        [("content-type", "application/jwk-set+json")],
        floor.jwks.clone(),
    )
        .into_response()
}

async fn issue_token(
    State(floor): State<Arc<Floor>>,
    headers: HeaderMap,
    Form(form): Form<TokenForm>,
) -> Result<Response, StatusCode> {
    floor.authenticate(&headers, &form)?;
    let jti = new_jti()?;
    if !floor.write(jti, None).await? {
        return Err(StatusCode::INTERNAL_SERVER_ERROR);
    }
    Ok(Json(floor.tokens(jti, None)?).into_response())
}

/// What a server does that forgets its tokens.
async fn issue_unrecorded(
    State(floor): State<Arc<Floor>>,
    headers: HeaderMap,
    Form(form): Form<TokenForm>,
) -> Result<Response, StatusCode> {
    floor.authenticate(&headers, &form)?;
    Ok(Json(floor.tokens(new_jti()?, None)?).into_response())
}

async fn refresh(
    State(floor): State<Arc<Floor>>,
    Json(body): Json<RefreshBody>,
) -> Result<Response, StatusCode> {
    let (session, sequence) = floor
        .check(&body.refresh_token)
        .ok_or(StatusCode::UNAUTHORIZED)?;
    let current = floor
        .read(session)
        .map_err(|_| StatusCode::INTERNAL_SERVER_ERROR)?;
    if current != Some(sequence) {
        return Err(StatusCode::UNAUTHORIZED);
    }
    let jti = new_jti()?;
    if !floor.write(jti, Some((session, sequence))).await? {
        return Err(StatusCode::CONFLICT);
    }
    Ok(Json(floor.tokens(jti, Some(token(&floor.mac, session, sequence + 1)))?).into_response())
}

impl Floor {
    fn authenticate(&self, headers: &HeaderMap, form: &TokenForm) -> Result<(), StatusCode> {
        let credentials = headers
            .get("authorization")
            .and_then(|value| value.as_bytes().strip_prefix(b"Basic "))
            .and_then(|encoded| base64_simd::STANDARD.decode_to_vec(encoded).ok())
            .ok_or(StatusCode::UNAUTHORIZED)?;
        let secret = credentials
            .splitn(2, |b| *b == b':')
            .nth(1)
            .ok_or(StatusCode::UNAUTHORIZED)?;
        if form.grant_type != "client_credentials"
            || constant_time::verify_slices_are_equal(&sha256(secret), &self.secret).is_err()
        {
            return Err(StatusCode::UNAUTHORIZED);
        }
        Ok(())
    }

    /// Waits until it is durable; false if the session was at another sequence.
    async fn write(&self, jti: [u8; 16], rotation: Option<(i64, i64)>) -> Result<bool, StatusCode> {
        let (done, written) = oneshot::channel();
        let job = Job {
            jti,
            rotation,
            done,
        };
        let sent = self.writer.try_send(job);
        sent.map_err(|_| StatusCode::SERVICE_UNAVAILABLE)?;
        Ok(written.await.unwrap_or(false))
    }

    fn tokens(&self, jti: [u8; 16], refresh_token: Option<String>) -> Result<Tokens, StatusCode> {
        let now = std::time::SystemTime::now()
            .duration_since(std::time::UNIX_EPOCH)
            .map_or(0, |d| d.as_secs().cast_signed());
        let claims = AccessClaims {
            iss: "http://127.0.0.1:8080",
            sub: "floor",
            aud: &["https://orders.example"],
            client_id: "floor",
            exp: now + 300,
            iat: now,
            jti: &base64_simd::URL_SAFE_NO_PAD.encode_to_string(jti),
            scope: "read:orders write:orders",
            ..AccessClaims::default()
        };
        let payload = claims
            .to_payload()
            .map_err(|_| StatusCode::INTERNAL_SERVER_ERROR)?;
        let access_token = self
            .key
            .sign("at+jwt", &payload)
            .map_err(|_| StatusCode::INTERNAL_SERVER_ERROR)?;
        Ok(Tokens {
            access_token,
            token_type: "Bearer",
            expires_in: 300,
            refresh_token,
            scope: "read:orders write:orders",
        })
    }

    fn check(&self, token: &str) -> Option<(i64, i64)> {
        let bytes = base64_simd::URL_SAFE_NO_PAD.decode_to_vec(token).ok()?;
        let (numbers, tag) = bytes.split_at_checked(16)?;
        hmac::verify(&self.mac, numbers, tag).ok()?;
        let (session, sequence) = numbers.split_first_chunk::<8>()?;
        Some((
            i64::from_be_bytes(*session),
            i64::from_be_bytes(sequence.try_into().ok()?),
        ))
    }

    /// The session, its user and its client in one row, by a thread's own connection.
    fn read(&self, session: i64) -> Result<Option<i64>> {
        READER.with_borrow_mut(|reader| {
            let connection = match reader {
                Some(connection) => connection,
                None => reader.insert(Connection::open_with_flags(&self.database, OpenFlags::SQLITE_OPEN_READ_ONLY)?),
            };
            let sql = "SELECT s.sequence FROM sessions s JOIN users u ON u.id = s.user JOIN clients c ON c.id = s.client WHERE s.id = ?1 AND u.active = 1 AND c.active = 1";
            Ok(connection.prepare_cached(sql)?.query_row([session], |row| row.get(0)).optional()?)
        })
    }
}

/// The time, then randomness.
fn new_jti() -> Result<[u8; 16], StatusCode> {
    let mut jti = [0; 16];
    rand::fill(&mut jti[6..]).map_err(|_| StatusCode::INTERNAL_SERVER_ERROR)?;
    let since = std::time::UNIX_EPOCH.elapsed().unwrap_or_default();
    let millis = u64::try_from(since.as_millis()).unwrap_or(u64::MAX);
    jti[..6].copy_from_slice(&millis.to_be_bytes()[2..]);
    Ok(jti)
}

/// The refresh token that a fresh floor accepts for a session.
pub fn first_token(session: usize) -> Result<String> {
    Ok(token(
        &hmac::Key::new(hmac::HMAC_SHA256, &MAC_KEY),
        i64::try_from(session)?,
        1,
    ))
}

fn token(mac: &hmac::Key, session: i64, sequence: i64) -> String {
    let mut bytes = [session.to_be_bytes(), sequence.to_be_bytes()].concat();
    bytes.extend_from_slice(hmac::sign(mac, &bytes).as_ref());
    base64_simd::URL_SAFE_NO_PAD.encode_to_string(bytes)
}

fn sha256(data: &[u8]) -> [u8; 32] {
    let mut hash = [0; 32];
    hash.copy_from_slice(digest::digest(&digest::SHA256, data).as_ref());
    hash
}

fn create(path: &Path) -> Result<Connection> {
    let mut connection = Connection::open(path)?;
    connection.pragma_update(None, "journal_mode", "WAL")?;
    connection.pragma_update(None, "synchronous", "FULL")?;
    connection.execute_batch(
        "CREATE TABLE users (id INTEGER PRIMARY KEY, active INTEGER NOT NULL);
         CREATE TABLE clients (id INTEGER PRIMARY KEY, active INTEGER NOT NULL);
         CREATE TABLE sessions (id INTEGER PRIMARY KEY, user INTEGER NOT NULL, client INTEGER NOT NULL, sequence INTEGER NOT NULL, used_at INTEGER NOT NULL);
         CREATE TABLE ledger (class INTEGER NOT NULL, jti BLOB NOT NULL, session INTEGER, PRIMARY KEY (class, jti)) WITHOUT ROWID;
         CREATE INDEX ledger_of_session ON ledger (session) WHERE session IS NOT NULL;
         INSERT INTO users VALUES (1, 1); INSERT INTO clients VALUES (1, 1);",
    )?;
    let fill = connection.transaction()?;
    for session in 0..SESSIONS {
        fill.execute(
            "INSERT INTO sessions VALUES (?1, 1, 1, 1, 0)",
            [i64::try_from(session)?],
        )?;
    }
    fill.commit()?;
    Ok(connection)
}

/// Commits whatever has gathered, then answers all of it.
fn write(mut connection: Connection, queue: &mpsc::Receiver<Job>) {
    while let Ok(first) = queue.recv() {
        let group: Vec<Job> = std::iter::once(first)
            .chain(queue.try_iter().take(MOST_IN_A_GROUP))
            .collect();
        let done = commit(&mut connection, &group).unwrap_or_default();
        for (index, job) in group.into_iter().enumerate() {
            let _ = job.done.send(done.get(index).copied().unwrap_or(false));
        }
    }
}

fn commit(connection: &mut Connection, group: &[Job]) -> Result<Vec<bool>> {
    let transaction =
        connection.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)?;
    let mut done = Vec::with_capacity(group.len());
    {
        let sql =
            "UPDATE sessions SET sequence = ?2 + 1, used_at = ?3 WHERE id = ?1 AND sequence = ?2";
        let mut rotate = transaction.prepare_cached(sql)?;
        let sql = "INSERT INTO ledger (class, jti, session) VALUES (1, ?1, ?2)";
        let mut record = transaction.prepare_cached(sql)?;
        for job in group {
            let rotated = match job.rotation {
                Some((session, from)) => {
                    rotate.execute(params![session, from, 1_800_000_000_i64])? == 1
                }
                None => true,
            };
            if rotated {
                let session = job.rotation.map(|(session, _)| session);
                record.execute(params![job.jti, session])?;
            }
            done.push(rotated);
        }
    }
    transaction.commit()?;
    Ok(done)
}
