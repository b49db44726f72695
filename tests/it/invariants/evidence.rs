//! A key signs when it is known to be known, and not before.

use keywright_domain::audit::Actor;
use keywright_domain::keys::{Algorithm, Doubt, Gate, HoldNews, KeyError, KeyState, RingId};
use keywright_domain::{Period, Policy};
use keywright_tests::{Engine, TestIssuer, on_both_engines, seed};
use serde_json::json;

const RING: RingId = RingId {
    algorithm: Algorithm::Es256,
    audience: None,
};

fn policy() -> Policy {
    let mut policy = seed::policy();
    policy.keys.gate = Gate::Evidence;
    policy
}

async fn issuer() -> TestIssuer {
    TestIssuer::with_policy(Engine::Sqlite, policy()).await
}

fn key(issuer: &TestIssuer, state: KeyState) -> String {
    let keys = issuer.issuer().keys();
    let found = keys.iter().find(|key| key.state == state);
    found.expect("a key in this state").kid.clone()
}

/// Everybody out there sees what the issuer serves now.
fn show(issuer: &TestIssuer) {
    issuer.world().serves(&issuer.issuer().jwks().body);
}

/// What the background task does each second.
async fn second(issuer: &TestIssuer) -> Vec<HoldNews> {
    issuer.pass(Period::secs(1));
    issuer.issuer().probe_held_keys().await.unwrap();
    issuer.issuer().tick().await.unwrap();
    issuer.issuer().note_holds().await.unwrap()
}

async fn report(issuer: &TestIssuer, instance: &str, kids: &[&str], unknown: u64) {
    let report = json!({
        "instance": instance, "software": "test", "position": 0, "kids": kids,
        "accepted": 100, "refused": { "unknown_key": unknown },
    });
    let watcher = issuer.client("watcher");
    watcher.post("/feed/report", &report).await.is(204);
}

#[tokio::test]
async fn a_key_that_is_seen_through_the_public_url_takes_over() {
    let issuer = issuer().await;
    let (old, new) = (
        key(&issuer, KeyState::Active),
        key(&issuer, KeyState::Published),
    );
    show(&issuer);
    issuer.advance(Period::days(30)).await;
    assert_eq!(
        key(&issuer, KeyState::Active),
        old,
        "it was not looked for yet"
    );
    assert_eq!(issuer.issuer().held_keys()[&new], Doubt::Unprobed);
    assert_eq!(second(&issuer).await, []);
    assert_eq!(key(&issuer, KeyState::Active), new);
    assert!(issuer.issuer().held_keys().is_empty());
}

#[tokio::test]
async fn a_key_that_the_public_url_does_not_serve_stays_in_waiting() {
    let issuer = issuer().await;
    let (old, new) = (
        key(&issuer, KeyState::Active),
        key(&issuer, KeyState::Published),
    );
    issuer.advance(Period::days(30)).await;
    issuer.new_events().await;
    let body = issuer.issuer().jwks().body.clone();
    let another = issuer.another_node().await;
    let _ = another;
    for (served, why) in [
        (None, "nobody answers"),
        (Some("<html>"), "JSON"),
        (Some("{\"keys\":[]}"), "does not hold it"),
    ] {
        if let Some(served) = served {
            issuer.world().serves(served);
        }
        issuer.pass(Period::secs(10));
        let news = second(&issuer).await;
        let Some(Doubt::ProbeFailed(told)) = issuer.issuer().held_keys().remove(&new) else {
            panic!("{news:?}");
        };
        assert!(told.contains(why), "{told}");
        assert_eq!(key(&issuer, KeyState::Active), old);
    }
    assert_eq!(issuer.new_events().await, ["keys.key.held"], "once");
    issuer.world().serves(&body);
    issuer.pass(Period::secs(10));
    assert_eq!(second(&issuer).await, [HoldNews::Over { kid: new.clone() }]);
    assert_eq!(key(&issuer, KeyState::Active), new);
}

#[tokio::test]
async fn another_key_under_the_same_name_is_noticed() {
    let issuer = issuer().await;
    let (old, new) = (
        key(&issuer, KeyState::Active),
        key(&issuer, KeyState::Published),
    );
    // The old key's material under the new key's name: a stale or meddling proxy.
    let mut set: serde_json::Value = serde_json::from_str(&issuer.issuer().jwks().body).unwrap();
    let keys = set["keys"].as_array_mut().unwrap();
    keys.retain(|key| key["kid"] == old.as_str());
    keys[0]["kid"] = json!(new);
    issuer.world().serves(&set.to_string());
    issuer.advance(Period::days(30)).await;
    second(&issuer).await;
    let doubt = issuer.issuer().held_keys().remove(&new);
    assert!(
        matches!(&doubt, Some(Doubt::ProbeFailed(why)) if why.contains("another key")),
        "{doubt:?}"
    );
    assert_eq!(key(&issuer, KeyState::Active), old);
}

on_both_engines! {
    async fn a_connected_verifier_that_lacks_the_key_holds_it(issuer: TestIssuer) {
        let mut evidence = seed::policy();
        evidence.keys.gate = Gate::Evidence;
        issuer.issuer().reload(evidence);
        let (old, new) = (key(&issuer, KeyState::Active), key(&issuer, KeyState::Published));
        show(&issuer);
        issuer.pass(Period::days(30));
        report(&issuer, "behind", &[&old], 0).await;
        report(&issuer, "up-to-date", &[&old, &new], 0).await;
        report(&issuer, "by-hand", &["its-own"], 0).await;
        issuer.issuer().tick().await.unwrap();
        let who = vec!["watcher/behind".to_owned()];
        let held = [HoldNews::Held { kid: new.clone(), doubt: Doubt::Lacking(who) }];
        assert_eq!(second(&issuer).await, held);
        assert_eq!(key(&issuer, KeyState::Active), old);

        let listed = issuer.admin_with("keys:read").await.get("/admin/v1/keys").await.is(200);
        let listed = listed.json();
        let waiting = listed["keys"].as_array().unwrap().iter().find(|key| key["kid"] == new.as_str());
        assert_eq!(waiting.unwrap()["held"], "verifiers lack it: watcher/behind");

        report(&issuer, "behind", &[&old, &new], 0).await;
        second(&issuer).await;
        second(&issuer).await;
        assert_eq!(key(&issuer, KeyState::Active), new);
    }
}

#[tokio::test]
async fn a_verifier_that_went_away_holds_nothing() {
    let issuer = issuer().await;
    let (old, new) = (
        key(&issuer, KeyState::Active),
        key(&issuer, KeyState::Published),
    );
    show(&issuer);
    issuer.pass(Period::days(30));
    report(&issuer, "behind", &[&old], 0).await;
    issuer.pass(Period::secs(61));
    issuer.issuer().tick().await.unwrap();
    second(&issuer).await;
    assert_eq!(key(&issuer, KeyState::Active), new);
}

#[tokio::test]
async fn while_verifiers_meet_unknown_keys_no_other_key_takes_over() {
    let issuer = issuer().await;
    let (old, new) = (
        key(&issuer, KeyState::Active),
        key(&issuer, KeyState::Published),
    );
    show(&issuer);
    issuer.pass(Period::days(30));
    report(&issuer, "one", &[&old, &new], 0).await;
    report(&issuer, "one", &[&old, &new], 60).await;
    issuer.issuer().tick().await.unwrap();
    second(&issuer).await;
    let doubt = issuer.issuer().held_keys().remove(&new);
    assert_eq!(
        doubt,
        Some(Doubt::UnknownKeys(vec!["watcher/one".to_owned()]))
    );
    issuer.pass(Period::minutes(5));
    report(&issuer, "one", &[&old, &new], 60).await;
    issuer.issuer().tick().await.unwrap();
    second(&issuer).await;
    assert_eq!(key(&issuer, KeyState::Active), new, "the spike is over");
}

#[tokio::test]
async fn an_operator_is_refused_for_the_same_reason_and_may_insist() {
    let issuer = issuer().await;
    let (old, new) = (
        key(&issuer, KeyState::Active),
        key(&issuer, KeyState::Published),
    );
    let rotate = |force| issuer.issuer().rotate_keys(&RING, force, &Actor::Operator);
    let early = rotate(true).await;
    assert!(
        matches!(early, Err(KeyError::SuccessorUnknown { .. })),
        "{early:?}"
    );

    issuer.advance(Period::hours(1)).await;
    let refused = rotate(false).await;
    assert!(
        matches!(refused, Err(KeyError::Held(Doubt::ProbeFailed(_)))),
        "{refused:?}"
    );
    assert_eq!(key(&issuer, KeyState::Active), old);
    issuer.new_events().await;
    rotate(true).await.unwrap();
    assert_eq!(key(&issuer, KeyState::Active), new);
    assert_eq!(issuer.new_events().await[0], "keys.key.forced");
}

#[tokio::test]
async fn an_operator_whose_key_is_seen_need_not_insist() {
    let issuer = issuer().await;
    let new = key(&issuer, KeyState::Published);
    show(&issuer);
    issuer.advance(Period::hours(1)).await;
    let rotated = issuer.issuer().rotate_keys(&RING, false, &Actor::Operator);
    rotated.await.unwrap();
    assert_eq!(key(&issuer, KeyState::Active), new);
}

#[tokio::test]
async fn a_hold_never_blocks_a_revocation() {
    let issuer = issuer().await;
    let (old, new) = (
        key(&issuer, KeyState::Active),
        key(&issuer, KeyState::Published),
    );
    issuer.advance(Period::days(30)).await;
    report(&issuer, "behind", &[&old], 0).await;
    second(&issuer).await;
    assert!(issuer.issuer().held_keys().contains_key(&new));
    let revoked = issuer.issuer().revoke_key(&old, false, &Actor::Operator);
    revoked.await.unwrap();
    assert_eq!(key(&issuer, KeyState::Active), new);
}

#[tokio::test]
async fn an_api_changes_its_algorithm_without_an_error() {
    let issuer = issuer().await;
    show(&issuer);
    let api = seed::api(
        seed::ORDERS,
        &["read:orders", "write:orders"],
        Algorithm::EdDsa,
    );
    issuer
        .issuer()
        .put_api(&api, &Actor::Operator)
        .await
        .unwrap();
    let mut algorithms = Vec::new();
    for _ in 0..400 {
        let person = issuer.user("ann").await;
        let header = keywright_jwt::decode_unverified(&person.access_token)
            .unwrap()
            .header;
        algorithms.push(header["alg"].as_str().unwrap().to_owned());
        person.get("/v1/me").await.is(200);
        show(&issuer);
        second(&issuer).await;
    }
    algorithms.dedup();
    assert_eq!(algorithms, ["ES256", "EdDSA"]);
}
