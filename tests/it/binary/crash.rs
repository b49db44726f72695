//! Invariant 10: kill -9 at any instant loses nothing that was acknowledged and leaves nothing half done.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use keywright_domain::ports::Entropy;
use keywright_tests::{Binary, Engine, SeededEntropy, environment, forge};
use reqwest::Client;
use serde_json::{Value, json};
use tokio::task::JoinSet;
use tokio::time::sleep;

/// One login, as far as the server has acknowledged it.
struct Acknowledged {
    refresh_token: String,
    /// Of every access token that left.
    jtis: Vec<String>,
    logged_out: bool,
}

/// Where a worker finds the server and itself.
#[derive(Clone)]
struct Place {
    http: Client,
    issuer: String,
    login: Value,
    stop: Arc<AtomicBool>,
}

impl Place {
    /// `None` when the server is gone, or the answer was cut short: nothing was acknowledged.
    async fn post(&self, path: &str, body: &Value) -> Option<(u16, Value)> {
        let answer = self
            .http
            .post(format!("{}{path}", self.issuer))
            .json(body)
            .send()
            .await
            .ok()?;
        let status = answer.status().as_u16();
        let body = answer.bytes().await.ok()?;
        let json = if body.is_empty() {
            Value::Null
        } else {
            serde_json::from_slice(&body).ok()?
        };
        Some((status, json))
    }

    /// Logs in, refreshes a few times, logs out now and then; until the server dies.
    async fn work(self, worker: u32) -> Vec<Acknowledged> {
        let mut sessions = Vec::new();
        while !self.stop.load(Ordering::SeqCst) {
            let Some((200, tokens)) = self.post("/v1/login", &self.login).await else {
                break;
            };
            let mut session = Acknowledged {
                refresh_token: token(&tokens),
                jtis: vec![jti(&tokens)],
                logged_out: false,
            };
            for _ in 0..3 + worker {
                let body = json!({ "refresh_token": session.refresh_token });
                match self.post("/v1/refresh", &body).await {
                    Some((200, tokens)) => {
                        session.refresh_token = token(&tokens);
                        session.jtis.push(jti(&tokens));
                    }
                    Some((status, body)) => panic!("{status} {body} in the middle of a load"),
                    None => break,
                }
            }
            let body = json!({ "refresh_token": session.refresh_token });
            if sessions.len() % 2 == 1 {
                session.logged_out = matches!(self.post("/v1/logout", &body).await, Some((204, _)));
                if !session.logged_out {
                    // It may have been done and not told: either outcome is right.
                    break;
                }
            }
            sessions.push(session);
        }
        sessions
    }

    async fn check(&self, session: &Acknowledged) -> Result<(), String> {
        let body = json!({ "refresh_token": session.refresh_token });
        let answer = self.post("/v1/refresh", &body).await;
        match (&answer, session.logged_out) {
            (Some((200, _)), false) | (Some((401, _)), true) => Ok(()),
            (_, true) => Err(format!("an acknowledged logout was forgotten: {answer:?}")),
            (_, false) => Err(format!("an acknowledged session was lost: {answer:?}")),
        }
    }
}

fn token(tokens: &Value) -> String {
    tokens["refresh_token"]
        .as_str()
        .expect("a refresh token")
        .to_owned()
}

fn jti(tokens: &Value) -> String {
    let access_token = tokens["access_token"].as_str().expect("an access token");
    let claims = forge::claims(access_token);
    claims["jti"].as_str().expect("a token id").to_owned()
}

/// The ids of all living tokens on record.
fn on_record(binary: &Binary) -> BTreeSet<String> {
    let listed = binary.run(&["token", "list", "--limit", "1000000", "--json"]);
    let tokens: Vec<Value> = serde_json::from_slice(&listed.stdout).expect("a list of tokens");
    tokens
        .iter()
        .map(|token| token["jti"].as_str().expect("a token id").to_owned())
        .collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn invariant_10_kill_nine_loses_nothing_that_was_acknowledged_on_sqlite() {
    crash(Engine::Sqlite, environment().rounds(50, 5)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn invariant_10_kill_nine_loses_nothing_that_was_acknowledged_on_postgres() {
    crash(Engine::Postgres, environment().rounds(10, 3)).await;
}

async fn crash(engine: Engine, rounds: u32) {
    // Cheap hashes make the load one of writes; grace covers the restart of a debug build on a busy machine.
    let overrides = [
        ("KEYWRIGHT_PASSWORDS__MEMORY", "7168"),
        ("KEYWRIGHT_PASSWORDS__PASSES", "5"),
        ("KEYWRIGHT_SESSIONS__GRACE", "60s"),
        ("KEYWRIGHT_LIMITS__ADDRESS_BURST", "100000"),
        ("KEYWRIGHT_LIMITS__ACCOUNT_BURST", "1000"),
    ];
    let mut binary = Binary::quickstart_on(engine, &overrides).await;
    let user = binary.manifest()["user"].clone();
    let chance = SeededEntropy::new(9);
    let mut checked = 0;
    for round in 0..rounds {
        let place = Place {
            http: Client::new(),
            issuer: binary.issuer(),
            login: json!({ "username": user["username"], "password": user["password"] }),
            stop: Arc::default(),
        };
        let mut workers = JoinSet::new();
        for worker in 0..4 {
            workers.spawn(place.clone().work(worker));
        }
        let mut bytes = [0; 1];
        chance.fill(&mut bytes);
        sleep(Duration::from_millis(200 + 2 * u64::from(bytes[0]))).await;
        binary.kill();
        place.stop.store(true, Ordering::SeqCst);
        let sessions: Vec<Acknowledged> = workers.join_all().await.into_iter().flatten().collect();

        binary.start_serve().await;
        let audit = binary.run(&["audit", "verify"]);
        let told = String::from_utf8_lossy(&audit.stderr);
        assert!(
            audit.status.success(),
            "round {round}: the audit chain is broken: {told}"
        );
        let recorded = on_record(&binary);
        for session in &sessions {
            for jti in &session.jtis {
                assert!(
                    recorded.contains(jti),
                    "round {round}: {jti} left and is not on record"
                );
            }
            let verdict = place.check(session).await;
            verdict.unwrap_or_else(|lost| panic!("round {round}: {lost}: {}", binary.stderr()));
        }
        checked += u32::try_from(sessions.len()).unwrap();
    }
    assert!(
        checked >= rounds,
        "only {checked} sessions were acknowledged: the load was none"
    );
}
