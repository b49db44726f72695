use keywright_domain::Period;
use keywright_tests::{TestIssuer, on_both_engines, seed};
use serde_json::json;

on_both_engines! {
    async fn invariant_13_without_a_database_keys_are_served_and_writes_fail_fast(issuer: TestIssuer) {
        let ann = issuer.user("ann").await;
        let before = issuer.anonymous().get("/.well-known/jwks.json").await;
        let revoked = issuer.user("bob").await;
        revoked.log_out().await.is(204);
        issuer.follow().await;
        let list = issuer.anonymous().get("/status/1").await.is(200);
        issuer.store().set_down(true);

        let lists = issuer.anonymous().get("/status").await.is(200);
        assert_eq!(lists.json()["status_lists"].as_array().unwrap().len(), 1);
        let served = issuer.anonymous().get("/status/1").await;
        assert_eq!(served.comparable(), list.comparable());
        let during = issuer.anonymous().get("/.well-known/jwks.json").await.is(200);
        assert_eq!(during.comparable(), before.comparable());
        issuer.anonymous().get("/.well-known/openid-configuration").await.is(200);
        let login = json!({ "username": "ann", "password": seed::PASSWORD });
        for refused in [
            issuer.anonymous().post("/v1/login", &login).await,
            ann.refresh().await,
            ann.get("/v1/me").await,
            issuer.client("svc").token(&[("grant_type", "client_credentials")]).await,
        ] {
            assert_eq!(refused.status.as_u16(), 503, "{refused}");
            assert!(refused.header("retry-after").is_some(), "{refused}");
            assert!(!refused.text().contains("plug"), "the cause is for the log: {refused}");
        }

        issuer.store().set_down(false);
        ann.refreshed().await.is_in().await;
        issuer.log_in(&login).await.is_in().await;
    }

    async fn outage_is_no_failure_of_the_person(issuer: TestIssuer) {
        issuer.store().set_down(true);
        let login = json!({ "username": "ann", "password": seed::PASSWORD });
        for _ in 0..2 * seed::FORGIVEN {
            issuer.anonymous().post("/v1/login", &login).await.is(503);
        }
        issuer.store().set_down(false);
        issuer.log_in(&login).await.is_in().await;
    }

    async fn keys_are_served_through_a_long_outage(issuer: TestIssuer) {
        let ann = issuer.user("ann").await;
        issuer.store().set_down(true);
        for _ in 0..40 {
            issuer.pass(Period::hours(1));
            assert!(issuer.issuer().tick().await.is_err(), "the tick reports it");
        }
        issuer.anonymous().get("/.well-known/jwks.json").await.is(200);
        assert!(issuer.issuer().follow_feed().await.is_err(), "the log cannot be read");
        issuer.issuer().publish_status_lists().expect("lists are signed anew all the same");
        let list = issuer.anonymous().get("/status/1").await.is(200);
        let list = keywright_tests::forge::claims(list.text());
        let now = issuer.issuer().now().secs();
        assert!(list["exp"].as_i64().unwrap() > now, "it has not expired");
        assert!(list["iat"].as_i64().unwrap() < now - 39 * 3600, "and says how old its knowledge is");
        issuer.store().set_down(false);
        issuer.advance(Period::secs(1)).await;
        ann.refreshed().await.is_in().await;
    }
}
