use keywright_tests::{TestIssuer, on_both_engines, seed};
use serde_json::json;

const CLIENTS: &str = "/admin/v1/clients";
const GRANT: [(&str, &str); 1] = [("grant_type", "client_credentials")];

on_both_engines! {
    async fn new_client_shows_its_secret_once_and_works(issuer: TestIssuer) {
        let admin = issuer.admin().await;
        let new = json!({
            "client_id": "reports", "name": "Reports", "kind": "confidential",
            "grants": ["client_credentials"], "allowed": { seed::ORDERS: "read:orders" },
            "default_audience": seed::ORDERS,
        });
        let created = admin.post(CLIENTS, &new).await.is(201);
        let secret = created.str("/client_secret");
        let answer = issuer.anonymous().with_basic("reports", &secret).token(&GRANT).await.is(200);
        assert_eq!(answer.str("/scope"), "read:orders");
        let shown = admin.get(&format!("{CLIENTS}/reports")).await.is(200);
        assert!(!shown.text().contains(&secret), "{shown}");
        admin.post(CLIENTS, &new).await.is_problem(409, "taken");
    }

    async fn default_audience_is_kept_unless_given_and_taken_away_by_null(issuer: TestIssuer) {
        let admin = issuer.admin().await;
        let path = format!("{CLIENTS}/svc");
        let shown = admin.patch(&path, &json!({ "default_audience": seed::BILLING })).await.is(200);
        assert_eq!(shown.json()["default_audience"], seed::BILLING);
        let shown = admin.patch(&path, &json!({ "name": "Service" })).await.is(200);
        assert_eq!(shown.json()["default_audience"], seed::BILLING);
        let shown = admin.patch(&path, &json!({ "default_audience": null })).await.is(200);
        assert_eq!(shown.json()["default_audience"], serde_json::Value::Null);
        let answer = issuer.client("svc").token(&GRANT).await.is(400);
        assert_eq!(answer.str("/error"), "invalid_target", "there is no default any more");
    }

    async fn public_client_may_not_use_client_credentials(issuer: TestIssuer) {
        let admin = issuer.admin().await;
        let new = json!({
            "client_id": "spa", "name": "SPA", "kind": "public",
            "grants": ["client_credentials"], "allowed": {},
        });
        admin.post(CLIENTS, &new).await.is_problem(400, "invalid_field");
    }

    async fn deleted_client_ends_its_sessions(issuer: TestIssuer) {
        let admin = issuer.admin().await;
        let login = json!({ "username": "ann", "password": seed::PASSWORD, "client_id": "phone" });
        let phone = issuer.log_in(&login).await;
        let web = issuer.user("ann").await;
        admin.delete(&format!("{CLIENTS}/phone")).await.is(204);
        phone.is_out().await;
        web.is_in().await;
        admin.get(&format!("{CLIENTS}/phone")).await.is_problem(404, "not_found");
    }

    async fn disabled_client_ends_its_sessions_and_its_service_tokens(issuer: TestIssuer) {
        let admin = issuer.admin().await;
        let ops = issuer.client("ops").token(&GRANT).await.is(200);
        let ops = issuer.anonymous().bearing(&ops.str("/access_token"));
        ops.get("/admin/v1/users").await.is(200);
        admin.patch(&format!("{CLIENTS}/ops"), &json!({ "disabled": true })).await.is(200);
        ops.get("/admin/v1/users").await.is(401);
    }
}
