use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use keywright_domain::feed::StatusValue::{Invalid, Stale};
use keywright_tests::{TestIssuer, on_both_engines};
use serde_json::json;

use super::watch::{status, verdict};

on_both_engines! {
    async fn what_one_node_kills_is_dead_on_every_node(issuer: TestIssuer) {
        let node = issuer.another_node().await;
        let ann = issuer.user("ann").await;
        assert_eq!(verdict(&node, &ann.access_token).await, Ok(()));
        ann.log_out().await.is(204);
        assert_eq!(status(&node, &ann.access_token).await, Invalid);
    }

    /// A service that asks again is not read again, and what another node does to it counts at once all the same.
    async fn service_is_remembered_and_every_node_has_the_last_word_on_it(issuer: TestIssuer) {
        let node = issuer.another_node().await;
        let admin = node.admin().await;
        let svc = issuer.client("svc");
        let grant = [("grant_type", "client_credentials")];
        svc.token(&grant).await.is(200);
        let asked = async |expected| {
            let (reads, writes) = (issuer.store().reads(), issuer.store().writes());
            svc.token(&grant).await.is(expected);
            (issuer.store().reads() - reads, issuer.store().writes() - writes)
        };
        assert_eq!(asked(200).await, (0, 1));
        // Nobody has told this node yet.
        admin.patch("/admin/v1/clients/svc", &json!({ "disabled": true })).await.is(200);
        asked(401).await;
        admin.patch("/admin/v1/clients/svc", &json!({ "disabled": false })).await.is(200);
        assert_eq!(asked(200).await, (1, 1), "what was remembered is forgotten until the catalog is read");
        issuer.issuer().tick().await.unwrap();
        asked(200).await;
        assert_eq!(asked(200).await, (0, 1));
        admin.post("/admin/v1/clients/svc/secret", &json!({})).await.is(200);
        asked(401).await;
    }

    async fn commit_that_tells_something_wakes_its_own_node(issuer: TestIssuer) {
        let told = Arc::new(AtomicU32::new(0));
        let count = told.clone();
        issuer.issuer().on_feed_event(move || {
            count.fetch_add(1, Ordering::SeqCst);
        });
        let ann = issuer.user("ann").await;
        assert_eq!(told.load(Ordering::SeqCst), 0, "a login has nothing to tell");
        ann.log_out().await.is(204);
        assert_eq!(told.load(Ordering::SeqCst), 1);
    }

    /// Roles are changed while a stale session refreshes. Whichever is first, the token that comes out is either of the new
    /// roles or marked.
    async fn refresh_that_races_with_a_change_of_roles_is_right_or_stale(issuer: TestIssuer) {
        let admin = issuer.admin().await;
        let mut bob = issuer.user("bob").await;
        let path = format!("/admin/v1/users/{}/roles", bob.get("/v1/me").await.str("/id"));
        for round in 0..12 {
            let (first, then) = if round % 2 == 0 { ("viewer", "editor") } else { ("editor", "viewer") };
            admin.put(&path, &json!({ "roles": [first] })).await.is(204);
            let change = json!({ "roles": [then] });
            let (changed, fresh) = tokio::join!(admin.put(&path, &change), bob.refreshed());
            changed.is(204);
            let says = keywright_tests::forge::claims(&fresh.access_token)["roles"].clone();
            let marked = status(&issuer, &fresh.access_token).await == Stale;
            assert!(marked || says == json!([then]), "round {round}: {says} and not marked");
            bob = fresh;
        }
    }
}
