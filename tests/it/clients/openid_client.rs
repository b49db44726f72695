//! openid-client (npm): every way of authenticating, PAR, DPoP and the response modes.

use keywright_domain::client::Grant;
use keywright_jwt::{Algorithm, SigningKey};
use serde_json::{Value, json};

use super::scene::{Scene, shown};

const MODULE: (&str, &str) = ("openid-client.mjs", include_str!("apps/openid-client.mjs"));

async fn logs_in(kind: &str, registration: Value, settings: Value) -> Value {
    let mut scene = Scene::with(kind, registration).await;
    scene.run_node(MODULE, settings).await;
    let result = scene.log_in().await;
    assert_eq!(result["claims"]["iss"], scene.binary.issuer(), "{result}");
    assert_eq!(result["claims"]["aud"], "app");
    assert_eq!(result["userinfo"]["sub"], result["claims"]["sub"]);
    assert!(result["userinfo"]["email"].is_string(), "{result}");
    assert_eq!(
        result["claims"]["email"],
        Value::Null,
        "personal data is userinfo's"
    );
    assert_eq!(result["refreshed"], true);
    scene.log_out().await;
    result
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn confidential_client_logs_in_introspects_and_logs_out() {
    let settings = json!({ "auth": "client_secret_basic", "introspect": true, "revoke": true });
    let result = logs_in("confidential", json!({}), settings).await;
    assert_eq!(result["introspected"]["active"], true, "{result}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn public_client_is_bound_by_dpop_and_pushes_its_request() {
    let settings = json!({ "auth": "none", "dpop": true, "par": true });
    let result = logs_in(
        "public",
        json!({ "dpop_bound_access_tokens": true }),
        settings,
    )
    .await;
    assert_eq!(result["token_type"], "dpop", "{result}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn client_signs_with_its_secret() {
    let registration = json!({ "token_endpoint_auth_method": "client_secret_jwt" });
    let settings = json!({ "auth": "client_secret_jwt", "par": true, "introspect": true });
    let result = logs_in("confidential", registration, settings).await;
    assert_eq!(result["introspected"]["active"], true, "{result}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn client_proves_itself_by_its_own_key() {
    let (key, private) = SigningKey::generate(Algorithm::Es256).unwrap();
    let registration = json!({
        "token_endpoint_auth_method": "private_key_jwt",
        "jwks": { "keys": [key.public_jwk().unwrap()] },
    });
    let pkcs8 = base64_simd::STANDARD.encode_to_string(private.as_bytes());
    let settings =
        json!({ "auth": "private_key_jwt", "par": true, "pkcs8": pkcs8, "kid": key.kid() });
    logs_in("confidential", registration, settings).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn response_comes_as_a_form() {
    let settings =
        json!({ "auth": "client_secret_post", "authorize": { "response_mode": "form_post" } });
    logs_in("confidential", json!({}), settings).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn device_is_let_in_by_a_person_at_a_browser() {
    let grants = [Grant::DeviceCode.as_str(), Grant::RefreshToken.as_str()];
    let client = json!({ "kind": "public", "grants": grants });
    let mut scene = Scene::of(client, json!({})).await;
    let settings = json!({ "auth": "none", "device": true });
    scene.run_node(MODULE, settings).await;
    let browser = &scene.browser;
    // The application shows the code, and here leads to the page with the code filled in.
    browser.goto(&scene.app.url("/")).await;
    browser.screenshot("device").await;
    browser.click("#device-submit").await;
    browser.log_in_as_user(&scene.binary).await;
    // They went on from the code themselves, so the login leads to the decision.
    browser.screenshot("device-decision").await;
    assert_eq!(browser.text("#client-name").await, "An application");
    browser.click("#device-allow").await;
    browser.screenshot("device-done").await;
    assert!(browser.has("#device-done").await);
    browser.goto(&scene.app.url("/callback")).await;
    let result = shown(browser, &scene.app).await;
    assert_eq!(result["claims"]["aud"], "app", "{result}");
    assert!(result["userinfo"]["email"].is_string(), "{result}");
    assert_eq!(result["refreshed"], true);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn token_is_exchanged_for_one_of_another_api() {
    let orders = "https://orders.example";
    let grants = [
        "authorization_code",
        "refresh_token",
        Grant::TokenExchange.as_str(),
    ];
    let client = json!({
        "kind": "confidential", "grants": grants, "allowed": { orders: "read:orders" },
    });
    let mut scene = Scene::of(client, json!({})).await;
    let settings = json!({ "auth": "client_secret_basic", "exchange": orders });
    scene.run_node(MODULE, settings).await;
    let result = scene.log_in().await;
    assert_eq!(result["exchanged"]["scope"], "read:orders", "{result}");
    let token = result["exchanged"]["access_token"].as_str().unwrap();
    let request = scene
        .binary
        .http()
        .get(format!("{}/orders", scene.binary.demo_api()));
    let answer = request.bearer_auth(token).send().await.unwrap();
    assert_eq!(answer.status(), 200);
}
