use std::collections::BTreeSet;

use http::Method;
use http::header::IF_NONE_MATCH;
use keywright_domain::Period;
use keywright_domain::feed::StatusValue::{Invalid, Valid};
use keywright_domain::status::{BLOCK, ENTRIES};
use keywright_tests::forge::Forgery;
use keywright_tests::{TestIssuer, on_both_engines, seed};
use serde_json::json;

use super::watch::{entry, status, verdict};

on_both_engines! {
    async fn list_is_a_signed_token_that_caches_may_keep(issuer: TestIssuer) {
        let ann = issuer.user("ann").await;
        issuer.follow().await;
        let path = format!("/status/{}", entry(&ann.access_token).list);
        let stranger = issuer.anonymous();
        let answer = stranger.get(&path).await.is(200);
        assert_eq!(answer.header("content-type"), Some("application/statuslist+jwt"));
        assert_eq!(answer.header("cache-control"), Some("public, max-age=30"));
        let token = Forgery::of(answer.text());
        assert_eq!(token.header["typ"], "statuslist+jwt");
        let claims = &token.claims;
        assert_eq!(claims["sub"], format!("{}{path}", seed::ISSUER));
        assert_eq!((&claims["ttl"], &claims["status_list"]["bits"]), (&json!(30), &json!(2)));
        let lists = claims["status_list"]["aggregation_uri"].as_str().unwrap();
        let lists = stranger.get(lists.strip_prefix(seed::ISSUER).unwrap()).await.is(200);
        assert_eq!(lists.json(), json!({ "status_lists": [claims["sub"]] }));

        let etag = answer.header("etag").expect("an etag").to_owned();
        let again = stranger.call(Method::GET, &path).header(IF_NONE_MATCH, &etag);
        assert!(again.send().await.is(304).body.is_empty());
        ann.log_out().await.is(204);
        issuer.follow().await;
        let again = stranger.call(Method::GET, &path).header(IF_NONE_MATCH, &etag);
        assert_ne!(again.send().await.is(200).header("etag"), Some(etag.as_str()));
    }

    async fn unknown_lists_are_not_found(issuer: TestIssuer) {
        for name in ["2", "0", "01", "4294967296", "one"] {
            let answer = issuer.anonymous().get(&format!("/status/{name}")).await;
            answer.is_problem(404, "not_found");
        }
    }

    async fn list_that_nobody_changes_is_renewed_before_it_expires(issuer: TestIssuer) {
        let get = async || issuer.anonymous().get("/status/1").await.is(200);
        let expiry = |token: &str| Forgery::of(token).claims["exp"].as_i64().unwrap();
        let first = expiry(get().await.text());
        issuer.follow().await;
        assert_eq!(expiry(get().await.text()), first);
        issuer.pass(Period::hours(1));
        issuer.follow().await;
        assert!(expiry(get().await.text()) >= first + 3600);
    }

    async fn no_entry_is_given_out_twice(issuer: TestIssuer) {
        let node = issuer.another_node().await;
        let mut seen = BTreeSet::new();
        for round in 0..40 {
            let on = if round % 2 == 0 { &issuer } else { &node };
            assert!(seen.insert(entry(&on.user("ann").await.access_token)), "round {round}");
        }
        // A node that restarts does not go on with what it had in its hand.
        let restarted = issuer.another_node().await;
        assert!(seen.insert(entry(&restarted.user("ann").await.access_token)));
    }

    async fn full_list_is_followed_by_the_next_which_was_served_before(issuer: TestIssuer) {
        let left = ENTRIES - BLOCK;
        issuer.meddle(&format!("UPDATE status_lists SET taken = {left} WHERE id = 1")).await;
        let node = issuer.another_node().await;
        let last = node.user("ann").await;
        assert_eq!(entry(&last.access_token).list, 1);
        issuer.follow().await;
        issuer.anonymous().get("/status/2").await.is(200);
        let next = issuer.another_node().await.user("ann").await;
        assert_eq!(entry(&next.access_token).list, 2);
        next.log_out().await.is(204);
        assert_eq!(status(&issuer, &next.access_token).await, Invalid);
        assert_eq!(status(&issuer, &last.access_token).await, Valid);
    }

    async fn mark_is_forgotten_when_every_token_of_it_is_dead(issuer: TestIssuer) {
        let ann = issuer.user("ann").await;
        ann.log_out().await.is(204);
        for (after, says) in [(Period::ZERO, Invalid), (Period::minutes(59), Invalid), (Period::minutes(3), Valid)] {
            issuer.pass(after);
            issuer.issuer().forget_status().await.unwrap();
            assert_eq!(status(&issuer, &ann.access_token).await, says, "{after:?}");
        }
    }

    async fn closed_list_is_dropped_when_nothing_refers_to_it(issuer: TestIssuer) {
        let left = ENTRIES - BLOCK;
        issuer.meddle(&format!("UPDATE status_lists SET taken = {left} WHERE id = 1")).await;
        issuer.another_node().await.user("ann").await;
        let served = async || issuer.issuer().status_list_uris().len();
        let tidied = async |after| {
            issuer.pass(after);
            issuer.issuer().forget_status().await.unwrap();
            issuer.follow().await;
        };
        tidied(Period::days(2)).await;
        assert_eq!(served().await, 2, "sessions and clients refer to it");
        issuer.meddle("DELETE FROM sessions").await;
        issuer.meddle("UPDATE clients SET status_list = 2").await;
        tidied(Period::ZERO).await;
        assert_eq!(served().await, 1);
        issuer.anonymous().get("/status/1").await.is(404);
    }

    async fn node_that_missed_more_than_the_log_holds_reads_the_lists_anew(issuer: TestIssuer) {
        let node = issuer.another_node().await;
        node.follow().await;
        let ann = issuer.user("ann").await;
        ann.log_out().await.is(204);
        issuer.user("bob").await.log_out().await.is(204);
        issuer.meddle("DELETE FROM feed_events WHERE seq < (SELECT max(seq) FROM feed_events)").await;
        assert_eq!(status(&node, &ann.access_token).await, Invalid);
        assert_eq!(verdict(&node, &issuer.user("ann").await.access_token).await, Ok(()));
    }
}
