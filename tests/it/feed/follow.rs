use http::{HeaderName, Method};
use keywright_domain::Period;
use keywright_domain::audit::Actor as By;
use keywright_domain::client::ChangeClient;
use keywright_domain::feed::{Event, Kind, StatusEntry, StatusValue};
use keywright_domain::keys::KeyState;
use keywright_domain::session::EndReason;
use keywright_tests::{Actor, Engine, EventStream, TestIssuer, on_both_engines, seed};

const LAST_EVENT_ID: HeaderName = HeaderName::from_static("last-event-id");
const SESSION: &str = "018f0000-0000-7000-8000-000000000000";

async fn follow(issuer: &TestIssuer, from: Option<u64>) -> EventStream {
    let watcher = issuer.client("watcher");
    let call = watcher.call(Method::GET, "/feed");
    let call = match from {
        Some(position) => call.header(LAST_EVENT_ID, &position.to_string()),
        None => call,
    };
    let stream = call.stream().await;
    assert_eq!(stream.status, 200);
    stream
}

async fn publish(issuer: &TestIssuer, positions: std::ops::RangeInclusive<u64>) {
    for position in positions {
        let status = StatusEntry {
            list: 0,
            index: u32::try_from(position).unwrap(),
            value: StatusValue::Invalid,
        };
        let kind = Kind::SessionRevoked {
            session: SESSION.parse().unwrap(),
            status,
            reason: EndReason::Logout,
        };
        tell(issuer, position, kind).await;
    }
}

async fn tell(issuer: &TestIssuer, position: u64, kind: Kind) {
    let at = issuer.issuer().now();
    let told = issuer.issuer().publish(position, Event { at, kind }).await;
    told.expect("the feed takes it");
}

async fn issuer() -> TestIssuer {
    TestIssuer::new(Engine::Sqlite).await
}

#[tokio::test]
async fn a_new_follower_starts_with_a_snapshot_and_gets_what_follows() {
    let issuer = issuer().await;
    publish(&issuer, 1..=3).await;
    let mut stream = follow(&issuer, None).await;
    assert_eq!(stream.headers["content-type"], "text/event-stream");
    assert_eq!(stream.headers["cache-control"], "no-store");
    assert_eq!(stream.headers["x-accel-buffering"], "no");

    let snapshot = stream.message().await;
    assert_eq!(
        (snapshot.event.as_str(), snapshot.id),
        ("snapshot", Some(3))
    );
    let payload = snapshot.verified(&issuer);
    assert_eq!(payload["position"], 3);
    assert_eq!(payload["aud"], "https://id.example/feed");
    assert!(payload["events"]["urn:keywright:event:snapshot"].is_object());
    assert!(
        stream.is_silent().await,
        "what is in the snapshot is not told again"
    );

    publish(&issuer, 4..=4).await;
    let event = stream.message().await;
    assert_eq!((event.event.as_str(), event.id), ("set", Some(4)));
    let payload = event.verified(&issuer);
    assert_eq!(payload["position"], 4);
    assert_eq!(payload["sub_id"]["id"], SESSION);
    let told =
        &payload["events"]["https://schemas.openid.net/secevent/caep/event-type/session-revoked"];
    assert_eq!(told["status"]["uri"], "https://id.example/status/0");
    assert_eq!(told["status"]["idx"], 4);
}

#[tokio::test]
async fn who_comes_back_gets_exactly_what_was_missed() {
    let issuer = issuer().await;
    publish(&issuer, 1..=200).await;
    let mut stream = follow(&issuer, Some(120)).await;
    for position in 121..=200 {
        assert_eq!(stream.message().await.id, Some(position));
    }
    assert!(stream.is_silent().await);
}

#[tokio::test]
async fn who_is_ahead_or_too_far_behind_starts_anew() {
    let issuer = issuer().await;
    issuer.issuer().feed().skip_to(50);
    publish(&issuer, 51..=52).await;
    for position in [49, 53, u64::MAX] {
        let mut stream = follow(&issuer, Some(position)).await;
        let first = stream.message().await;
        assert_eq!(
            (first.event.as_str(), first.id),
            ("snapshot", Some(52)),
            "{position}"
        );
    }
    assert_eq!(follow(&issuer, Some(50)).await.message().await.id, Some(51));
}

#[tokio::test]
async fn a_position_that_cannot_be_read_is_refused() {
    let issuer = issuer().await;
    for text in ["", "x", "-1", "+1", "1.5", "99999999999999999999"] {
        let watcher = issuer.client("watcher");
        let call = watcher
            .call(Method::GET, "/feed")
            .header(LAST_EVENT_ID, text);
        call.send().await.is_problem(400, "malformed_request");
    }
}

#[tokio::test]
async fn a_heartbeat_tells_the_head_and_comes_after_what_it_counts() {
    let issuer = issuer().await;
    publish(&issuer, 1..=1).await;
    let mut stream = follow(&issuer, Some(0)).await;
    publish(&issuer, 2..=2).await;
    issuer.issuer().beat().unwrap();
    assert_eq!(stream.message().await.id, Some(1));
    assert_eq!(stream.message().await.id, Some(2));
    let heartbeat = stream.message().await;
    assert_eq!(
        (heartbeat.event.as_str(), heartbeat.id),
        ("heartbeat", None)
    );
    assert_eq!(heartbeat.verified(&issuer)["position"], 2);
    assert!(stream.is_silent().await, "once");
    issuer.issuer().beat().unwrap();
    assert_ne!(stream.message().await.data, heartbeat.data);
}

#[tokio::test]
async fn all_followers_see_the_same_bytes() {
    let issuer = issuer().await;
    let (mut one, mut other) = (
        follow(&issuer, Some(0)).await,
        follow(&issuer, Some(0)).await,
    );
    publish(&issuer, 1..=5).await;
    issuer.issuer().beat().unwrap();
    for _ in 0..6 {
        assert_eq!(one.message().await, other.message().await);
    }
}

on_both_engines! {
    async fn a_disabled_client_is_cut_off(issuer: TestIssuer) {
        let mut stream = follow(&issuer, Some(0)).await;
        let disabled = ChangeClient { disabled: Some(true), ..ChangeClient::default() };
        let id = "watcher".parse().unwrap();
        issuer.issuer().change_client(&id, disabled, &By::Operator).await.unwrap();
        is_cut_off(&issuer, &mut stream).await;
        issuer.client("watcher").get("/feed").await.is_problem(401, "client_unproved");
    }

    async fn a_deleted_client_is_cut_off(issuer: TestIssuer) {
        let mut stream = follow(&issuer, Some(0)).await;
        let id = "watcher".parse().unwrap();
        issuer.issuer().delete_client(&id, &By::Operator).await.unwrap();
        is_cut_off(&issuer, &mut stream).await;
    }

    async fn a_new_secret_cuts_off_who_came_by_the_old_one(issuer: TestIssuer) {
        let mut stream = follow(&issuer, Some(0)).await;
        let id = "watcher".parse().unwrap();
        let secret = issuer.issuer().rotate_client_secret(&id, &By::Operator).await.unwrap();
        is_cut_off(&issuer, &mut stream).await;
        let anew = issuer.anonymous().with_basic("watcher", secret.expose());
        assert_eq!(anew.call(Method::GET, "/feed").stream().await.status, 200);
    }
}

/// Within a few seconds, each of which has a heartbeat.
async fn is_cut_off(issuer: &TestIssuer, stream: &mut EventStream) {
    issuer.pass(Period::secs(4));
    issuer.issuer().beat().unwrap();
    assert_eq!(stream.next().await, None);
}

#[tokio::test]
async fn a_stream_ends_after_an_hour() {
    let issuer = issuer().await;
    let mut stream = follow(&issuer, Some(0)).await;
    issuer.pass(Period::minutes(59));
    issuer.issuer().beat().unwrap();
    assert_eq!(stream.message().await.event, "heartbeat");
    issuer.pass(Period::minutes(1));
    issuer.issuer().beat().unwrap();
    assert_eq!(stream.next().await, None);
}

#[tokio::test]
async fn a_server_that_stops_does_not_wait_for_followers() {
    let issuer = issuer().await;
    let mut stream = follow(&issuer, Some(0)).await;
    issuer.app().end_streams();
    assert_eq!(stream.next().await, None);
}

#[tokio::test]
async fn beyond_the_limit_followers_are_asked_to_come_back() {
    let mut policy = seed::policy();
    policy.limits.followers = 2;
    let issuer = TestIssuer::with_policy(Engine::Sqlite, policy).await;
    let (one, _two) = (
        follow(&issuer, Some(0)).await,
        follow(&issuer, Some(0)).await,
    );
    let refused = issuer.client("watcher").get("/feed").await;
    assert_eq!(
        refused.is_problem(503, "overloaded").header("retry-after"),
        Some("5")
    );
    drop(one);
    let _three = follow(&issuer, Some(0)).await;
}

#[tokio::test]
async fn with_the_database_down_the_feed_goes_on_and_followers_may_come_back() {
    let issuer = issuer().await;
    let mut stream = follow(&issuer, Some(0)).await;
    issuer.store().set_down(true);
    issuer.pass(Period::secs(10));
    publish(&issuer, 1..=1).await;
    issuer.issuer().beat().unwrap();
    assert_eq!(stream.message().await.id, Some(1));
    assert_eq!(stream.message().await.event, "heartbeat");
    assert_eq!(follow(&issuer, Some(0)).await.message().await.id, Some(1));

    let stranger = issuer.anonymous().with_basic("watcher", "kws_wrong");
    stranger.get("/feed").await.is_problem(503, "unavailable");
}

#[tokio::test]
async fn what_says_that_a_key_is_revoked_is_not_signed_by_it() {
    let issuer = issuer().await;
    publish(&issuer, 1..=1).await;
    let before = follow(&issuer, Some(0)).await.message().await;
    let revoked = active_key(&issuer);
    assert_eq!(before.kid(), revoked);

    // Another node revokes; this one learns of it by the feed.
    issuer.pass(Period::hours(1));
    let node = issuer.another_node().await;
    node.issuer()
        .revoke_key(&revoked, false, &By::Operator)
        .await
        .unwrap();
    tell(
        &issuer,
        2,
        Kind::KeyRevoked {
            kid: revoked.clone(),
        },
    )
    .await;

    let mut stream = follow(&issuer, Some(0)).await;
    for position in 1..=2 {
        let message = stream.message().await;
        assert_eq!(message.id, Some(position));
        assert_eq!(message.verified(&issuer)["position"], position);
        assert_ne!(message.kid(), revoked);
    }
}

fn active_key(issuer: &TestIssuer) -> String {
    let keys = issuer.issuer().keys();
    let active = keys.iter().find(|key| key.state == KeyState::Active);
    active.expect("an active key").kid.clone()
}

#[tokio::test]
async fn guesses_at_a_followers_secret_are_limited() {
    let issuer = issuer().await;
    let stranger: Actor = issuer.anonymous().with_basic("watcher", "kws_wrong");
    for _ in 0..seed::FORGIVEN {
        stranger
            .get("/feed")
            .await
            .is_problem(401, "client_unproved");
    }
    stranger
        .get("/feed")
        .await
        .is_problem(429, "too_many_attempts");
}
