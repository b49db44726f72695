use keywright_domain::Period;
use keywright_tests::forge::Forgery;
use keywright_tests::{TestIssuer, escaped, on_both_engines, seed};
use serde_json::json;

fn path(audience: &str) -> String {
    format!("/admin/v1/apis/{}", escaped(audience))
}

on_both_engines! {
    async fn changed_algorithm_signs_only_when_verifiers_know_the_key(issuer: TestIssuer) {
        let admin = issuer.admin().await;
        let algorithm = || async {
            let answer = issuer.client("svc").token(&[("grant_type", "client_credentials")]).await;
            Forgery::of(&answer.is(200).str("/access_token")).header["alg"].as_str().unwrap().to_owned()
        };
        let changed = json!({
            "name": "Orders", "scopes": { "read:orders": "See", "write:orders": "Change" },
            "access_lifetime": 300, "algorithm": "EdDSA",
        });
        admin.put(&path(seed::ORDERS), &changed).await.is(200);
        assert_eq!(algorithm().await, "ES256", "nobody can know the new key yet");
        issuer.advance(Period::secs(300)).await;
        assert_eq!(algorithm().await, "ES256");
        issuer.advance(Period::secs(11)).await;
        assert_eq!(algorithm().await, "EdDSA");
    }

    async fn deleted_api_is_gone_from_tokens(issuer: TestIssuer) {
        let admin = issuer.admin().await;
        admin.delete(&path(seed::BILLING)).await.is(204);
        admin.get(&path(seed::BILLING)).await.is_problem(404, "not_found");
        let login = json!({ "username": "ann", "password": seed::PASSWORD, "audience": seed::BILLING });
        issuer.anonymous().post("/v1/login", &login).await.is_problem(400, "invalid_target");
    }

    async fn own_api_cannot_be_deleted(issuer: TestIssuer) {
        let admin = issuer.admin().await;
        let answer = admin.delete(&path(seed::ISSUER)).await;
        assert!(answer.status.is_client_error(), "{answer}");
        admin.get("/admin/v1/apis").await.is(200);
    }

    async fn access_tokens_live_an_hour_at_most(issuer: TestIssuer) {
        let admin = issuer.admin().await;
        let api = json!({ "name": "Long", "scopes": {}, "access_lifetime": 3601, "algorithm": "ES256" });
        let answer = admin.put(&path("https://long.example"), &api).await;
        assert_eq!(answer.is_problem(400, "invalid_field").blamed(), ["access_lifetime"]);
    }
}
