//! The console in a real browser, beside a service that verifies on its own.

use std::time::Duration;

use keywright_tests::{Binary, Browser};
use serde_json::{Value, json};

/// Tokens of the person whom a quickstart makes.
pub async fn log_in(binary: &Binary) -> String {
    let user = binary.manifest()["user"].clone();
    let login = json!({ "username": user["username"], "password": user["password"] });
    let call = binary.http().post(binary.url("/v1/login")).json(&login);
    let tokens: Value = call.send().await.unwrap().json().await.unwrap();
    tokens["access_token"].as_str().unwrap().to_owned()
}

async fn demo_api_answers(binary: &Binary, token: &str) -> u16 {
    let orders = format!("{}/orders", binary.demo_api());
    let call = binary.http().get(orders).bearer_auth(token);
    call.send().await.unwrap().status().as_u16()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn administrator_finds_and_kills_somebodys_tokens_without_script() {
    let binary = Binary::quickstart(&[]).await;
    let token = log_in(&binary).await;
    assert_eq!(demo_api_answers(&binary, &token).await, 200);

    let browser = Browser::with(&["--blink-settings=scriptEnabled=false"]).await;
    browser.goto(&binary.url("/admin")).await;
    assert_eq!(browser.url().await, binary.url("/login?to=console"));
    browser.log_in_as(&binary, "admin").await;
    assert_eq!(browser.url().await, binary.url("/admin/tokens"));
    let name = binary.manifest()["user"]["username"].clone();
    browser.fill("#person", name.as_str().unwrap()).await;
    browser.click("#person-submit").await;
    assert_eq!(browser.text("#token-count").await, "1");
    browser.open_details("#revoke-form").await;
    browser.click("#revoke-submit").await;
    assert!(
        browser
            .text("#revoked")
            .await
            .starts_with("1 session ended")
    );

    let killed = async {
        while demo_api_answers(&binary, &token).await != 401 {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    let in_time = tokio::time::timeout(Duration::from_secs(30), killed).await;
    in_time.expect("the demo API refuses it");
}
