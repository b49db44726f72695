//! Refresh tokens of clients under the FAPI profile, which do not rotate (FAPI 2.0 §5.3.2.1).

use keywright_domain::Period;
use keywright_tests::{Prover, TestIssuer, on_both_engines, seed};
use serde_json::json;

use super::par::{ann, is_refused, refresh, refresh_form, session, shop};

/// As a public client presents it.
fn refresh_by_name<'a>(token: &'a str, id: &'a str) -> [(&'static str, &'a str); 3] {
    [
        ("grant_type", "refresh_token"),
        ("refresh_token", token),
        ("client_id", id),
    ]
}

on_both_engines! {
    async fn client_of_the_fapi_profile_keeps_its_refresh_token_while_it_uses_it(issuer: TestIssuer) {
        let (shop, ann) = (shop(&issuer, json!({ "fapi": true })).await, ann(&issuer).await);
        let (key, idle) = (Prover::default(), seed::policy().sessions.refresh.idle);
        let nearly = Period::secs(idle.as_secs() - 60);
        let kept = session(&issuer, &shop, &ann, &key).await.str("/refresh_token");
        for _ in 0..3 {
            issuer.pass(nearly);
            let (one, other) = tokio::join!(refresh(&shop, &key, &kept), refresh(&shop, &key, &kept));
            for answer in [one, other] {
                assert_eq!(answer.is(200).str("/refresh_token"), kept);
            }
        }
        // It is no use to others, nor without the client's key or a proof of the token's.
        let assertion = shop.assertion();
        let form = refresh_form(&kept, &assertion);
        is_refused(shop.actor.token(&form).await, "invalid_dpop_proof");
        let (by_name, nobody) = (|id| refresh_by_name(&kept, id), issuer.anonymous());
        is_refused(key.post_form(&nobody, "/oauth2/token", &by_name("phone")).await, "invalid_grant");
        let unproved = key.post_form(&nobody, "/oauth2/token", &by_name("shop")).await;
        assert_eq!(unproved.is(401).str("/error"), "invalid_client");
        refresh(&shop, &key, &kept).await.is(200);
        issuer.pass(idle);
        is_refused(refresh(&shop, &key, &kept).await, "invalid_grant");
    }

    async fn kept_refresh_token_ends_with_its_session_at_the_latest(issuer: TestIssuer) {
        let (shop, ann) = (shop(&issuer, json!({ "fapi": true })).await, ann(&issuer).await);
        let (key, policy) = (Prover::default(), seed::policy());
        let kept = session(&issuer, &shop, &ann, &key).await.str("/refresh_token");
        let week = Period::days(7);
        let mut age = week;
        while age < policy.sessions.absolute {
            issuer.pass(week);
            refresh(&shop, &key, &kept).await.is(200);
            age = age + week;
        }
        issuer.pass(week);
        is_refused(refresh(&shop, &key, &kept).await, "invalid_grant");
    }

    async fn token_that_was_superseded_before_the_profile_is_theft_under_it(issuer: TestIssuer) {
        let (shop, ann) = (shop(&issuer, json!({})).await, ann(&issuer).await);
        let key = Prover::default();
        let first = session(&issuer, &shop, &ann, &key).await.str("/refresh_token");
        let second = refresh(&shop, &key, &first).await.is(200).str("/refresh_token");
        assert_ne!(first, second);
        let admin = issuer.admin().await;
        let mut registration = admin.get("/admin/v1/clients/shop").await.is(200).json()["registration"].clone();
        registration["fapi"] = json!(true);
        let change = json!({ "registration": registration });
        admin.patch("/admin/v1/clients/shop", &change).await.is(200);
        assert_eq!(refresh(&shop, &key, &second).await.is(200).str("/refresh_token"), second);
        issuer.pass(Period::minutes(1));
        is_refused(refresh(&shop, &key, &first).await, "invalid_grant");
        is_refused(refresh(&shop, &key, &second).await, "invalid_grant");
        assert!(issuer.new_events().await.contains(&"session.refresh.reused".to_owned()));
    }
}
