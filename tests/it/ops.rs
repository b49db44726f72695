//! What operators' machines ask.

use keywright_tests::{TestIssuer, on_both_engines};

on_both_engines! {
    async fn health_is_the_process_and_readiness_is_the_database(issuer: TestIssuer) {
        let stranger = issuer.anonymous();
        stranger.get("/healthz").await.is(200);
        stranger.get("/readyz").await.is(200);
        issuer.store().set_down(true);
        stranger.get("/healthz").await.is(200);
        stranger.get("/readyz").await.is(503);
        issuer.store().set_down(false);
        stranger.get("/readyz").await.is(200);
    }

    async fn metrics_count_what_happened(issuer: TestIssuer) {
        let ann = issuer.user("ann").await;
        ann.refresh().await.is(200);
        let login = serde_json::json!({ "username": "ann", "password": "wrong" });
        issuer.anonymous().post("/v1/login", &login).await.is(401);
        let metrics = issuer.anonymous().get("/metrics").await.is(200);
        for expected in ["login", "refresh", "mint"] {
            assert!(metrics.text().contains(expected), "no {expected} in {}", metrics.text());
        }
        assert!(!metrics.text().contains("ann"), "a label with a name is personal data and unbounded");
    }

    async fn description_is_served_and_names_every_door(issuer: TestIssuer) {
        let openapi = issuer.anonymous().get("/openapi.json").await.is(200).json();
        let paths = openapi["paths"].as_object().unwrap();
        for path in ["/v1/login", "/v1/refresh", "/oauth2/token", "/.well-known/jwks.json"] {
            assert!(paths.contains_key(path), "{path}");
        }
    }

    async fn unknown_paths_and_methods_are_problems(issuer: TestIssuer) {
        let stranger = issuer.anonymous();
        stranger.get("/nowhere").await.is_problem(404, "not_found");
        let answer = stranger.get("/v1/login").await.is_problem(405, "method_not_allowed");
        assert!(answer.header("allow").unwrap().contains("POST"));
    }
}
