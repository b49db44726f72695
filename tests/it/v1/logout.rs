use keywright_domain::Period;
use keywright_tests::{TestIssuer, on_both_engines};
use serde_json::json;

on_both_engines! {
    async fn logout_ends_this_session_alone(issuer: TestIssuer) {
        let (here, there) = (issuer.user("ann").await, issuer.user("ann").await);
        issuer.new_events().await;
        here.log_out().await.is(204);
        assert_eq!(issuer.new_events().await, ["session.ended"]);
        here.is_out().await;
        there.is_in().await;
        here.log_out().await.is_problem(401, "session_over");
    }

    async fn logout_without_a_body_is_enough(issuer: TestIssuer) {
        let ann = issuer.user("ann").await;
        ann.call(http::Method::POST, "/v1/logout").send().await.is(204);
        ann.is_out().await;
    }

    async fn refresh_token_alone_logs_out_when_the_access_token_is_dead(issuer: TestIssuer) {
        let ann = issuer.user("ann").await;
        issuer.advance(Period::minutes(10)).await;
        let body = json!({ "refresh_token": ann.refresh_token });
        issuer.anonymous().post("/v1/logout", &body).await.is(204);
        let entries = issuer.new_entries().await;
        assert_eq!(entries.last().unwrap().session.as_ref(), Some(&ann.session_id));
        ann.refresh().await.is_problem(401, "invalid_refresh_token");
    }

    async fn refresh_token_in_the_body_ends_its_session_too(issuer: TestIssuer) {
        let (here, there) = (issuer.user("ann").await, issuer.user("ann").await);
        here.post("/v1/logout", &json!({ "refresh_token": there.refresh_token })).await.is(204);
        here.is_out().await;
        there.is_out().await;
    }

    async fn nobody_logs_somebody_else_out(issuer: TestIssuer) {
        let (ann, bob) = (issuer.user("ann").await, issuer.user("bob").await);
        bob.post("/v1/logout", &json!({ "refresh_token": ann.refresh_token })).await;
        ann.is_in().await;
        let forged = json!({ "refresh_token": format!("kwr_{}", "A".repeat(72)) });
        let answer = issuer.anonymous().post("/v1/logout", &forged).await;
        assert_eq!(answer.status.as_u16(), 401, "{answer}");
        issuer.anonymous().post("/v1/logout", &json!({})).await.is_problem(401, "token_required");
    }

    async fn session_is_dead_on_every_node(issuer: TestIssuer) {
        let node = issuer.another_node().await;
        let ann = issuer.user("ann").await;
        let there = node.anonymous().bearing(&ann.access_token);
        there.get("/v1/me").await.is(200);
        ann.log_out().await.is(204);
        there.get("/v1/me").await.is_problem(401, "session_over");
        let body = json!({ "refresh_token": ann.refresh_token });
        node.anonymous().post("/v1/refresh", &body).await.is_problem(401, "invalid_refresh_token");
    }
}
