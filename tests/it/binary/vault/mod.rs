//! Keys that rest in a vault, from a start to an outage and back. What all kinds have in common is in here.

mod master_key;
mod pkcs11;
mod transit;

use std::fs;
use std::process::Output;
use std::time::Duration;

use keywright_tests::Binary;
use reqwest::StatusCode;
use serde_json::{Value, json};
use tokio::time::sleep;

/// Times in the database are milliseconds.
const TEN_MINUTES: i64 = 600_000;

/// What the database has of keys in a vault.
struct Kind {
    /// The first byte of a key pair, which is a name of 16 bytes for the rest.
    pair: u8,
    /// The first byte of a sealed secret.
    secret: u8,
    rests: &'static str,
}

/// A quickstart that never had a master key in its configuration, but what `give` writes into it.
async fn quickstart_with(give: impl FnOnce(&mut Binary)) -> Binary {
    let mut binary = Binary::new(&[]);
    let (issuer, demo) = (binary.port(), binary.port() + 1);
    let config = format!(
        "[issuer]\nurl = \"http://127.0.0.1:{issuer}\"\n\
         [listen]\naddress = \"127.0.0.1:{issuer}\"\n\
         [database]\nsqlite = \"keywright.db\"\n\
         [accounts]\ndefault_roles = [\"viewer\"]\nemail_verification = \"optional\"\n\
         [keys]\ngate = \"time\"\n\
         [sessions]\ngrace = \"0s\"\n\
         [demo]\naddress = \"127.0.0.1:{demo}\"\naudience = \"https://orders.example\"\n"
    );
    fs::create_dir(binary.data()).unwrap();
    fs::write(binary.config_file(), config).unwrap();
    give(&mut binary);
    binary.start_quickstart().await;
    binary
}

async fn post(binary: &Binary, path: &str, body: &Value) -> (StatusCode, Value) {
    let request = binary.http().post(binary.url(path)).json(body);
    let answer = request.send().await.unwrap();
    (answer.status(), answer.json().await.unwrap())
}

async fn log_in(binary: &Binary) -> (StatusCode, Value) {
    let user = binary.manifest()["user"].clone();
    let login = json!({ "username": user["username"], "password": user["password"] });
    post(binary, "/v1/login", &login).await
}

async fn tokens(binary: &Binary) -> Value {
    let (status, tokens) = log_in(binary).await;
    assert_eq!(status, 200, "{tokens}\n{}", binary.stderr());
    tokens
}

async fn refresh(binary: &Binary, tokens: &Value) -> (StatusCode, Value) {
    let body = json!({ "refresh_token": tokens["refresh_token"] });
    post(binary, "/v1/refresh", &body).await
}

/// The demo API verifies with `keywright-verify`, from the key set alone.
async fn is_accepted(binary: &Binary, tokens: &Value) -> bool {
    let token = tokens["access_token"].as_str().unwrap();
    for _ in 0..600 {
        let request = binary.http().get(format!("{}/orders", binary.demo_api()));
        match request.bearer_auth(token).send().await {
            Ok(answer) => return answer.status() == 200,
            // After a restart it begins to listen a moment later than the issuer.
            Err(_) => sleep(Duration::from_millis(50)).await,
        }
    }
    panic!("the demo API does not answer: {}", binary.stderr());
}

fn kid(tokens: &Value) -> String {
    let token = tokens["access_token"].as_str().unwrap();
    let header = token.split('.').next().unwrap();
    let header = base64_simd::URL_SAFE_NO_PAD.decode_to_vec(header).unwrap();
    let header: Value = serde_json::from_slice(&header).unwrap();
    header["kid"].as_str().unwrap().to_owned()
}

async fn until_ready_is(binary: &Binary, status: u16) {
    for _ in 0..600 {
        let answer = binary.http().get(binary.url("/readyz")).send().await;
        if answer.unwrap().status() == status {
            return;
        }
        sleep(Duration::from_millis(50)).await;
    }
    panic!("/readyz is never {status}: {}", binary.stderr());
}

fn told(output: &Output) -> String {
    let streams = [&output.stdout, &output.stderr];
    streams.map(|text| String::from_utf8_lossy(text)).concat()
}

fn database(binary: &Binary) -> rusqlite::Connection {
    rusqlite::Connection::open(binary.data().join("keywright.db")).unwrap()
}

/// What the database has of each key and secret: the first byte, and the length.
fn sealed(binary: &Binary, table: &str) -> Vec<(u8, usize)> {
    let database = database(binary);
    let query = format!("SELECT sealed FROM {table} WHERE 1");
    let mut statement = database.prepare(&query).unwrap();
    let rows = statement.query_map([], |row| row.get::<_, Vec<u8>>(0));
    rows.unwrap()
        .map(|sealed| sealed.unwrap())
        .map(|sealed| (sealed[0], sealed.len()))
        .collect()
}

/// Rotates as an operator does when the waiting key has been served for long enough.
async fn rotate(binary: &mut Binary) {
    assert!(binary.stop().await);
    let shift =
        "UPDATE signing_keys SET published_at = published_at - ?1, created_at = created_at - ?1";
    assert!(database(binary).execute(shift, [TEN_MINUTES]).unwrap() >= 2);
    let rotated = binary.run(&["keys", "rotate"]);
    assert!(rotated.status.success(), "{}", told(&rotated));
    binary.start_serve().await;
    until_ready_is(binary, 200).await;
}

/// From a start to a rotation and a restart.
async fn serves_without_a_master_key(mut binary: Binary, kind: &Kind) {
    fs::remove_file(binary.data().join("master.key")).unwrap();
    let first = tokens(&binary).await;
    assert!(is_accepted(&binary, &first).await);
    rotate(&mut binary).await;
    let second = tokens(&binary).await;
    assert_ne!(kid(&first), kid(&second));
    for tokens in [&first, &second] {
        assert!(is_accepted(&binary, tokens).await, "{}", binary.stderr());
    }
    assert_eq!(
        refresh(&binary, &first).await.0,
        200,
        "server secrets are the same"
    );

    let keys = sealed(&binary, "signing_keys");
    assert!(
        keys.len() >= 3 && keys.iter().all(|key| *key == (kind.pair, 17)),
        "names alone: {keys:?}"
    );
    let secrets = sealed(&binary, "server_keys");
    assert!(!secrets.is_empty() && secrets.iter().all(|(of, _)| *of == kind.secret));
    assert!(binary.run(&["audit", "verify"]).status.success());
}

/// An outage is one of minting alone, and no refresh token is spent in it.
async fn mints_nothing_while_away(
    binary: &Binary,
    away: impl AsyncFnOnce(),
    back: impl AsyncFnOnce(),
) {
    let before = tokens(binary).await;
    away().await;
    until_ready_is(binary, 503).await;
    for _ in 0..3 {
        let (status, problem) = log_in(binary).await;
        assert_eq!(
            (status.as_u16(), &problem["code"]),
            (503, &json!("unavailable"))
        );
        // Without any grace a rotation in vain would cost the session.
        let (status, problem) = refresh(binary, &before).await;
        assert_eq!(
            (status.as_u16(), &problem["code"]),
            (503, &json!("unavailable"))
        );
    }
    assert!(is_accepted(binary, &before).await, "verification goes on");
    back().await;
    until_ready_is(binary, 200).await;
    let (status, after) = refresh(binary, &before).await;
    assert_eq!(status, 200, "{after}");
    assert!(is_accepted(binary, &after).await);
    assert!(is_accepted(binary, &tokens(binary).await).await);
}

/// From a master key there and back, by two rotations each.
async fn moves_there_and_back(
    kind: &Kind,
    give: impl FnOnce(&mut Binary),
    away: impl AsyncFnOnce(),
) {
    let mut binary = Binary::quickstart(&[("KEYWRIGHT_KEYS__GATE", "time")]).await;
    let session = tokens(&binary).await;
    assert!(binary.stop().await);
    let under_master = fs::read_to_string(binary.config_file()).unwrap();
    give(&mut binary);
    let both = fs::read_to_string(binary.config_file()).unwrap();
    let left = |binary: &Binary| {
        let check = binary.run(&["check", "--database"]);
        assert!(check.status.success(), "{}", told(&check));
        told(&check).matches("until it is rotated out").count()
    };

    binary.start_serve().await;
    assert!(is_accepted(&binary, &session).await);
    let (status, session) = refresh(&binary, &session).await;
    assert_eq!(status, 200, "server secrets moved, and are the same");
    assert!(
        sealed(&binary, "server_keys")
            .iter()
            .all(|(of, _)| *of == kind.secret)
    );
    assert_eq!(left(&binary), 2, "the active key, and the one in waiting");
    rotate(&mut binary).await;
    assert_eq!(left(&binary), 1);
    rotate(&mut binary).await;
    assert_eq!(left(&binary), 0);

    assert!(binary.stop().await);
    fs::write(binary.config_file(), both.replace("master_key", "#")).unwrap();
    fs::rename(binary.data().join("master.key"), binary.data().join("kept")).unwrap();
    binary.start_serve().await;
    until_ready_is(&binary, 200).await;
    assert!(
        is_accepted(&binary, &session).await,
        "its key is served until the token is dead"
    );
    let (status, session) = refresh(&binary, &session).await;
    assert_eq!(status, 200);
    assert!(is_accepted(&binary, &session).await);

    assert!(binary.stop().await);
    fs::rename(binary.data().join("kept"), binary.data().join("master.key")).unwrap();
    fs::write(binary.config_file(), &under_master).unwrap();
    let serve = binary.run(&["serve"]);
    let rests = kind.rests;
    let says = format!("it rests {rests}, and the configuration names a master key alone");
    assert!(told(&serve).contains(&says), "{}", told(&serve));
    fs::write(binary.config_file(), format!("{both}new_keys = false\n")).unwrap();
    binary.start_serve().await;
    rotate(&mut binary).await;
    rotate(&mut binary).await;
    assert_eq!(left(&binary), 0);
    assert!(binary.stop().await);
    fs::write(binary.config_file(), under_master).unwrap();
    away().await;
    binary.start_serve().await;
    let (status, session) = refresh(&binary, &session).await;
    assert_eq!(status, 200);
    assert!(is_accepted(&binary, &session).await);
}

/// Sends SIGHUP, and waits until what came of it is told as `target`.
async fn reload(binary: &Binary, target: &str) {
    let seen = binary.stderr().matches(target).count();
    binary.process().signal("HUP");
    for _ in 0..600 {
        if binary.stderr().matches(target).count() > seen {
            return;
        }
        sleep(Duration::from_millis(20)).await;
    }
    panic!("no {target}: {}", binary.stderr());
}

/// What is wrong is named by `check`, behind its key, and `serve` does not start.
fn is_refused(binary: &Binary, key: &str, says: &str) {
    let check = binary.run(&["check"]);
    assert_eq!(check.status.code(), Some(1), "{}", told(&check));
    assert!(
        told(&check).contains(key) && told(&check).contains(says),
        "{}",
        told(&check)
    );
    let serve = binary.run(&["serve"]);
    assert_eq!(serve.status.code(), Some(2));
    assert!(told(&serve).contains(says), "{}", told(&serve));
}
