//! oauth4webapi (npm): a public client whose tokens are bound by DPoP, with the nonces of the server.

use serde_json::json;

use super::scene::Scene;

const MODULE: (&str, &str) = ("oauth4webapi.mjs", include_str!("apps/oauth4webapi.mjs"));

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn public_client_with_dpop_logs_in_refreshes_and_logs_out() {
    let mut scene = Scene::with("public", json!({})).await;
    scene.run_node(MODULE, json!({})).await;
    let result = scene.log_in().await;
    assert_eq!(result["token_type"], "dpop", "{result}");
    assert!(result["userinfo"]["email"].is_string(), "{result}");
    assert_eq!(result["refreshed"], true);
    scene.log_out().await;
}
