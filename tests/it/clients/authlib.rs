//! Authlib (PyPI).

use serde_json::json;

use super::scene::Scene;

const SCRIPT: &str = include_str!("apps/authlib_app.py");

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn confidential_client_logs_in_refreshes_introspects_and_logs_out() {
    let mut scene = Scene::with("confidential", json!({})).await;
    scene
        .run_python(SCRIPT, json!({ "auth": "client_secret_basic" }))
        .await;
    let result = scene.log_in().await;
    assert!(result["userinfo"]["email"].is_string(), "{result}");
    assert_eq!(result["refreshed"], true);
    assert_eq!(result["introspected"]["active"], true);
    scene.log_out().await;
}
