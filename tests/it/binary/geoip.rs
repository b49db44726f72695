use std::fs;
use std::time::Duration;

use http::header::USER_AGENT;
use keywright_tests::{Binary, mmdb};
use serde_json::{Value, json};
use tokio::time::sleep;

const BERLIN: mmdb::Network = ([203, 0, 113], "DE", (52.52, 13.40));
const NEW_YORK: mmdb::Network = ([198, 51, 100], "US", (40.71, -74.01));
const PARIS: mmdb::Network = ([203, 0, 113], "FR", (48.86, 2.35));

const IN_BERLIN: &str = "203.0.113.7";
const IN_NEW_YORK: &str = "198.51.100.7";

async fn post(binary: &Binary, path: &str, from: &str, body: &Value) -> Value {
    let request = binary.http().post(binary.url(path)).json(body);
    let request = request
        .header("x-forwarded-for", from)
        .header(USER_AGENT, "Shop/4.1 (Android 16)");
    let answer = request.send().await.unwrap();
    assert_eq!(answer.status(), 200, "{path}");
    answer.json().await.unwrap()
}

async fn refresh(binary: &Binary, from: &str, before: &Value) -> Value {
    let body = json!({ "refresh_token": before["refresh_token"] });
    post(binary, "/v1/refresh", from, &body).await
}

/// What the newest entry about an anomaly says.
fn explained(binary: &Binary) -> String {
    let export = binary.run(&["audit", "export"]);
    let text = String::from_utf8(export.stdout).unwrap();
    let is_anomaly = |line: &&str| line.contains("session.refresh.anomalous");
    let entry: Value = serde_json::from_str(text.lines().rfind(is_anomaly).unwrap()).unwrap();
    entry["detail"].as_str().unwrap().to_owned()
}

async fn reload(binary: &Binary, told: &str) {
    let before = binary.stderr().matches(told).count();
    binary.process().signal("HUP");
    while binary.stderr().matches(told).count() == before {
        assert!(!binary.process().has_ended(), "{}", binary.stderr());
        sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn impossible_travel_is_on_record_by_a_database_that_is_exchanged_while_the_server_runs() {
    let mut binary = Binary::quickstart(&[
        ("KEYWRIGHT_LISTEN__TRUSTED_PROXIES", "[\"127.0.0.1\"]"),
        ("KEYWRIGHT_SESSIONS__ANOMALY_THRESHOLD", "50"),
    ])
    .await;
    assert!(binary.stop().await);
    let file = binary.data().join("places.mmdb");
    fs::write(&file, mmdb::database(&[BERLIN, NEW_YORK])).unwrap();
    binary.set_override("KEYWRIGHT_SESSIONS__GEOIP", "places.mmdb");
    binary.start_serve().await;

    let user = &binary.manifest()["user"];
    let login = json!({ "username": user["username"], "password": user["password"] });
    let tokens = post(&binary, "/v1/login", IN_BERLIN, &login).await;
    let tokens = refresh(&binary, IN_NEW_YORK, &tokens).await;
    let why = explained(&binary);
    assert!(why.contains("network +25, travel +30 (DE to US, "), "{why}");
    assert!(!why.contains("203.0.113"), "{why}");

    fs::write(&file, "no database").unwrap();
    reload(&binary, "server.config.refused").await;
    let tokens = refresh(&binary, IN_BERLIN, &tokens).await;
    let why = explained(&binary);
    assert!(
        why.contains("(US to DE, "),
        "the last good one stays: {why}"
    );

    fs::write(&file, mmdb::database(&[PARIS, NEW_YORK])).unwrap();
    reload(&binary, "server.config.reloaded").await;
    refresh(&binary, IN_NEW_YORK, &tokens).await;
    let why = explained(&binary);
    assert!(why.contains("(FR to US, "), "{why}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_database_of_places_that_is_none_is_told_by_check_and_never_served() {
    let mut binary = Binary::quickstart(&[]).await;
    assert!(binary.stop().await);
    fs::write(binary.data().join("places.mmdb"), "no database").unwrap();
    binary.set_override("KEYWRIGHT_SESSIONS__GEOIP", "places.mmdb");
    let check = binary.run(&["check"]);
    assert_eq!(check.status.code(), Some(1));
    let told = String::from_utf8(check.stdout).unwrap();
    assert!(told.contains("sessions.geoip"), "{told}");
    binary.spawn_serve();
    while !binary.process().has_ended() {
        sleep(Duration::from_millis(20)).await;
    }
    assert!(
        binary.stderr().contains("sessions.geoip"),
        "{}",
        binary.stderr()
    );
}
