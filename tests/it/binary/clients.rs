//! Client libraries that others wrote verify our tokens from the JWKS URL alone.

use std::process::{Command, Output};

use keywright_tests::forge::tampered;
use keywright_tests::{Binary, environment};
use serde_json::Value;

const PYTHON: &str = include_str!("clients/verify.py");
const NODE: &str = include_str!("clients/verify.mjs");

async fn service_token(binary: &Binary) -> String {
    let client = binary.manifest()["client"].clone();
    let request = binary.http().post(binary.url("/oauth2/token")).basic_auth(
        client["client_id"].as_str().unwrap(),
        client["client_secret"].as_str(),
    );
    let request = request
        .header("content-type", "application/x-www-form-urlencoded")
        .body("grant_type=client_credentials");
    let tokens: Value = request.send().await.unwrap().json().await.unwrap();
    tokens["access_token"].as_str().unwrap().to_owned()
}

fn pyjwt(arguments: &[&str]) -> Output {
    let mut python = Command::new(environment().python());
    python
        .args(["-c", PYTHON])
        .args(arguments)
        .output()
        .expect("python runs")
}

fn jose(arguments: &[&str]) -> Output {
    // An ES module finds its packages beside itself, so it is written beside them.
    let folder = environment().node_modules().parent().expect("a folder");
    let script = folder.join(format!(
        "verify-{}-{}.mjs",
        std::process::id(),
        arguments[1]
    ));
    std::fs::write(&script, NODE).expect("the script is written");
    let output = Command::new(environment().node())
        .arg(&script)
        .args(arguments)
        .output();
    let _ = std::fs::remove_file(script);
    output.expect("node runs")
}

async fn libraries_verify(algorithm: &str) {
    let binary = Binary::quickstart(&[("KEYWRIGHT_KEYS__ALGORITHM", algorithm)]).await;
    let (issuer, audience) = (
        binary.issuer(),
        binary.manifest()["demo_api"]["audience"].clone(),
    );
    let audience = audience.as_str().unwrap();
    let token = service_token(&binary).await;
    for library in [pyjwt, jose] {
        let verified = library(&[&issuer, algorithm, audience, &token]);
        let told = String::from_utf8_lossy(&verified.stdout);
        assert!(
            verified.status.success(),
            "{}",
            String::from_utf8_lossy(&verified.stderr)
        );
        assert_eq!(told.trim(), "order-report read:orders");

        let bad = library(&[&issuer, algorithm, audience, &tampered(&token)]);
        assert!(!bad.status.success(), "the library does check");
        let elsewhere = library(&[&issuer, algorithm, "https://evil.example", &token]);
        assert!(
            !elsewhere.status.success(),
            "the library does check the audience"
        );
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn pyjwt_and_jose_verify_rs256() {
    libraries_verify("RS256").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn pyjwt_and_jose_verify_es256() {
    libraries_verify("ES256").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn pyjwt_and_jose_verify_eddsa() {
    libraries_verify("EdDSA").await;
}
