//! passport-openidconnect (npm), which sends no PKCE: it works for a client that the operator has excused, and for no other.

use serde_json::json;

use super::scene::Scene;

const MODULE: (&str, &str) = (
    "passport-openidconnect.mjs",
    include_str!("apps/passport-openidconnect.mjs"),
);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn client_without_pkce_logs_in_where_it_is_excused() {
    let mut scene = Scene::with("confidential", json!({ "pkce_optional": true })).await;
    scene.run_node(MODULE, json!({})).await;
    let result = scene.log_in().await;
    assert_eq!(result["issuer"], scene.binary.issuer(), "{result}");
    assert!(result["profile"]["id"].is_string(), "{result}");
    scene.log_out().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn client_without_pkce_is_refused_otherwise() {
    let mut scene = Scene::with("confidential", json!({})).await;
    scene.run_node(MODULE, json!({})).await;
    scene.browser.goto(&scene.app.url("/")).await;
    assert_eq!(scene.browser.title().await, "failed");
    let text = scene.browser.text("#failed").await;
    assert!(
        text.contains("PKCE") || text.contains("code_challenge"),
        "{text}"
    );
}
