use keywright_tests::{TestIssuer, on_both_engines, seed};
use serde_json::json;

on_both_engines! {
    async fn changed_role_is_in_the_next_token_of_everybody(issuer: TestIssuer) {
        let admin = issuer.admin().await;
        let ann = issuer.user("ann").await;
        let changed = json!({
            "description": "Sees and changes", "grants": { seed::ORDERS: "read:orders write:orders" },
        });
        issuer.new_events().await;
        admin.put("/admin/v1/roles/viewer", &changed).await.is(200);
        assert_eq!(issuer.new_events().await, ["access.role.changed"]);
        assert_eq!(ann.refreshed().await.scope, "read:orders write:orders");
    }

    async fn deleted_role_grants_nothing(issuer: TestIssuer) {
        let admin = issuer.admin().await;
        let ann = issuer.user("ann").await;
        admin.delete("/admin/v1/roles/viewer").await.is(204);
        assert_eq!(ann.refreshed().await.scope, "");
        admin.delete("/admin/v1/roles/viewer").await.is_problem(404, "not_found");
    }

    async fn role_grants_only_what_there_is(issuer: TestIssuer) {
        let admin = issuer.admin().await;
        for grants in [
            json!({ "https://unknown.example": "read:orders" }),
            json!({ seed::ORDERS: "read:mail" }),
        ] {
            let role = json!({ "description": "", "grants": grants });
            admin.put("/admin/v1/roles/odd", &role).await.is_problem(400, "invalid_field");
        }
    }
}
