use std::collections::BTreeSet;

use keywright_domain::Period;
use keywright_tests::{Engine, Person, TestIssuer, on_both_engines, seed};
use serde_json::json;

on_both_engines! {
    async fn invariant_04_a_refresh_token_wins_once(issuer: TestIssuer) {
        let other = issuer.another_node().await;
        let ann = issuer.user("ann").await;
        let body = json!({ "refresh_token": ann.refresh_token });
        let presentations: Vec<_> = (0..100)
            .map(|i| {
                let node = if i % 2 == 0 { issuer.clone() } else { other.clone() };
                let body = body.clone();
                tokio::spawn(async move { node.anonymous().post("/v1/refresh", &body).await })
            })
            .collect();
        let mut successors = BTreeSet::new();
        for presentation in presentations {
            let answer = presentation.await.unwrap().is(200);
            successors.insert(answer.str("/refresh_token"));
        }
        assert_eq!(successors.len(), 1, "one token, one successor");
        issuer.advance(Period::secs(11)).await;
        let successor = json!({ "refresh_token": successors.first() });
        let answer = issuer.anonymous().post("/v1/refresh", &successor).await.is(200);
        Person::of(&issuer.anonymous(), &answer).is_in().await;
    }

    async fn invariant_05_reuse_outside_grace_kills_the_session_everywhere(issuer: TestIssuer) {
        let other = issuer.another_node().await;
        let ann = issuer.user("ann").await;
        let thief = ann.refreshed().await;
        issuer.advance(Period::secs(11)).await;
        let stale = json!({ "refresh_token": ann.refresh_token });
        other.anonymous().post("/v1/refresh", &stale).await.is_problem(401, "refresh_token_reused");
        thief.is_out().await;
        let there = other.anonymous().bearing(&thief.access_token);
        there.get("/v1/me").await.is_problem(401, "session_over");
    }

    async fn invariant_06_nobody_refreshes_after_logout_disable_or_password_change(issuer: TestIssuer) {
        let admin = issuer.admin().await;
        let id = issuer.user("ann").await.get("/v1/me").await.str("/id");
        let new = "nine badgers hum an anthem";
        let (disable, enable) =
            (format!("/admin/v1/users/{id}/disable"), format!("/admin/v1/users/{id}/enable"));

        let ann = issuer.user("ann").await;
        ann.log_out().await.is(204);
        ann.is_out().await;

        let ann = issuer.user("ann").await;
        admin.post(&disable, &json!({})).await.is(204);
        ann.is_out().await;
        admin.post(&enable, &json!({})).await.is(204);

        let (ann, elsewhere) = (issuer.user("ann").await, issuer.user("ann").await);
        let change = json!({ "current_password": seed::PASSWORD, "new_password": new });
        elsewhere.post("/v1/password", &change).await.is(204);
        ann.is_out().await;

        let ann = issuer.log_in(&json!({ "username": "ann", "password": new })).await;
        let reset = json!({ "password": seed::PASSWORD });
        admin.put(&format!("/admin/v1/users/{id}/password"), &reset).await.is(204);
        ann.is_out().await;
    }
}

/// With no grace at all, racing presentations are theft; still no second branch appears.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn strict_rotation_lets_one_win_and_ends_the_session() {
    let mut policy = seed::policy();
    policy.sessions.refresh.grace = Period::ZERO;
    let issuer = TestIssuer::with_policy(Engine::Sqlite, policy).await;
    let ann = issuer.user("ann").await;
    let tasks: Vec<_> = (0..20)
        .map(|_| {
            let ann = ann.clone();
            tokio::spawn(async move { ann.refresh().await })
        })
        .collect();
    let mut winners = Vec::new();
    for task in tasks {
        let answer = task.await.unwrap();
        match answer.status.as_u16() {
            200 => winners.push(Person::of(&issuer.anonymous(), &answer)),
            401 => {}
            other => panic!("{other}: {answer}"),
        }
    }
    assert_eq!(winners.len(), 1);
    winners[0].is_out().await;
}
