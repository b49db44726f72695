use std::fs;
use std::time::Duration;

use keywright_tests::Binary;
use serde_json::json;
use tokio::time::{sleep, timeout};

async fn logged(binary: &Binary, target: &str) {
    for _ in 0..500 {
        if binary.stderr().contains(target) {
            return;
        }
        sleep(Duration::from_millis(20)).await;
    }
    panic!("{target} is not logged: {}", binary.stderr());
}

async fn register(binary: &Binary, name: &str) -> u16 {
    let email = format!("{name}@people.example");
    let body = json!({ "email": email, "password": "seven otters juggle lamps" });
    let request = binary.http().post(binary.url("/v1/register")).json(&body);
    request.send().await.unwrap().status().as_u16()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_invalid_configuration_changes_nothing_and_a_valid_one_is_taken_up() {
    let binary = Binary::quickstart(&[]).await;
    let file = binary.config_file();
    let good = fs::read_to_string(&file).unwrap();
    let closed = good.replace("[accounts]", "[accounts]\nregistration = false");
    for bad in [
        "this is no TOML [".to_owned(),
        closed.replace("[accounts]", "[accounts]\nno_such_key = 1"),
        closed.replace("[listen]", "[listen]\ntrusted_proxies = [\"0.0.0.0/0\"]"),
    ] {
        fs::write(&file, bad).unwrap();
        let refusals = binary.stderr().matches("server.config.refused").count();
        binary.process().signal("HUP");
        while binary.stderr().matches("server.config.refused").count() == refusals {
            assert!(
                !binary.process().has_ended(),
                "it lives: {}",
                binary.stderr()
            );
            sleep(Duration::from_millis(20)).await;
        }
        assert_eq!(
            register(&binary, "cleo").await,
            201,
            "a refused configuration closed nothing"
        );
    }
    fs::write(&file, closed).unwrap();
    binary.process().signal("HUP");
    logged(&binary, "server.config.reloaded").await;
    assert_eq!(
        register(&binary, "dora").await,
        403,
        "registration is closed now"
    );
}

/// By what name the server knows a request that a proxy has named: its own, unless it trusts the proxy.
async fn is_trusted(binary: &Binary) -> bool {
    let request = binary.http().get(binary.url("/healthz"));
    let answer = request.header("x-request-id", "named-by-a-proxy").send();
    answer.await.unwrap().headers()["x-request-id"] == "named-by-a-proxy"
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn proxies_are_trusted_and_distrusted_while_the_server_runs() {
    let binary = Binary::quickstart(&[]).await;
    let file = binary.config_file();
    let distrusting = fs::read_to_string(&file).unwrap();
    let trusting = distrusting.replace("[listen]", "[listen]\ntrusted_proxies = [\"127.0.0.1\"]");
    assert!(!is_trusted(&binary).await);
    for (configuration, trusts) in [(trusting, true), (distrusting, false)] {
        fs::write(&file, configuration).unwrap();
        binary.process().signal("HUP");
        let changed = async {
            while is_trusted(&binary).await != trusts {
                sleep(Duration::from_millis(20)).await;
            }
        };
        let changed = timeout(Duration::from_secs(60), changed).await;
        changed.unwrap_or_else(|_| panic!("trusts: {trusts}: {}", binary.stderr()));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_unsafe_configuration_never_starts() {
    let mut binary = Binary::quickstart(&[]).await;
    assert!(binary.stop().await);
    binary.set_override("KEYWRIGHT_LISTEN__ADDRESS", "0.0.0.0:0");
    binary.spawn_serve();
    while !binary.process().has_ended() {
        sleep(Duration::from_millis(20)).await;
    }
    assert!(
        binary.stderr().contains("listen.address"),
        "{}",
        binary.stderr()
    );
}
