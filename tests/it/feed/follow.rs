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

/// Where the feed stands, with all that the issuer itself had to tell.
async fn head(issuer: &TestIssuer) -> u64 {
    issuer
        .issuer()
        .follow_feed()
        .await
        .expect("the log is read");
    issuer.issuer().feed().head()
}

/// Tells of this many ended sessions.
async fn publish(issuer: &TestIssuer, count: u64) {
    for _ in 0..count {
        let position = issuer.issuer().feed().head() + 1;
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

async fn follow_from_here(issuer: &TestIssuer) -> EventStream {
    let here = head(issuer).await;
    follow(issuer, Some(here)).await
}

async fn issuer() -> TestIssuer {
    TestIssuer::new(Engine::Sqlite).await
}

#[tokio::test]
async fn a_new_follower_starts_with_a_snapshot_and_gets_what_follows() {
    let issuer = issuer().await;
    let start = head(&issuer).await;
    let mut stream = follow(&issuer, None).await;
    assert_eq!(stream.headers["content-type"], "text/event-stream");
    assert_eq!(stream.headers["cache-control"], "no-store");
    assert_eq!(stream.headers["x-accel-buffering"], "no");

    let snapshot = stream.message().await;
    assert_eq!(
        (snapshot.event.as_str(), snapshot.id),
        ("snapshot", Some(start))
    );
    let payload = snapshot.verified(&issuer);
    assert_eq!(payload["position"], start);
    assert_eq!(payload["aud"], "https://id.example/feed");
    assert!(payload["events"]["urn:keywright:event:snapshot"].is_object());
    assert!(
        stream.is_silent().await,
        "what is in the snapshot is not told again"
    );

    publish(&issuer, 1).await;
    let event = stream.message().await;
    assert_eq!((event.event.as_str(), event.id), ("set", Some(start + 1)));
    let payload = event.verified(&issuer);
    assert_eq!(payload["position"], start + 1);
    assert_eq!(payload["sub_id"]["id"], SESSION);
    let told =
        &payload["events"]["https://schemas.openid.net/secevent/caep/event-type/session-revoked"];
    assert_eq!(told["status"]["uri"], "https://id.example/status/0");
    assert_eq!(told["status"]["idx"], start + 1);
}

#[tokio::test]
async fn who_comes_back_gets_exactly_what_was_missed() {
    let issuer = issuer().await;
    let start = head(&issuer).await;
    publish(&issuer, 200).await;
    let mut stream = follow(&issuer, Some(start + 120)).await;
    for missed in 121..=200 {
        assert_eq!(stream.message().await.id, Some(start + missed));
    }
    assert!(stream.is_silent().await);
}

#[tokio::test]
async fn who_is_ahead_or_too_far_behind_starts_anew() {
    let issuer = issuer().await;
    let start = head(&issuer).await + 50;
    issuer.issuer().feed().skip_to(start);
    publish(&issuer, 2).await;
    for position in [start - 1, start + 3, u64::MAX] {
        let mut stream = follow(&issuer, Some(position)).await;
        let first = stream.message().await;
        assert_eq!(
            (first.event.as_str(), first.id),
            ("snapshot", Some(start + 2)),
            "{position}"
        );
    }
    let mut stream = follow(&issuer, Some(start)).await;
    assert_eq!(stream.message().await.id, Some(start + 1));
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
    let start = head(&issuer).await;
    let mut stream = follow(&issuer, Some(start)).await;
    publish(&issuer, 2).await;
    issuer.issuer().beat().unwrap();
    assert_eq!(stream.message().await.id, Some(start + 1));
    assert_eq!(stream.message().await.id, Some(start + 2));
    let heartbeat = stream.message().await;
    assert_eq!(
        (heartbeat.event.as_str(), heartbeat.id),
        ("heartbeat", None)
    );
    assert_eq!(heartbeat.verified(&issuer)["position"], start + 2);
    assert!(stream.is_silent().await, "once");
    issuer.issuer().beat().unwrap();
    assert_ne!(stream.message().await.data, heartbeat.data);
}

#[tokio::test]
async fn all_followers_see_the_same_bytes() {
    let issuer = issuer().await;
    let mut one = follow_from_here(&issuer).await;
    let mut other = follow_from_here(&issuer).await;
    publish(&issuer, 5).await;
    issuer.issuer().beat().unwrap();
    for _ in 0..6 {
        assert_eq!(one.message().await, other.message().await);
    }
}

on_both_engines! {
    async fn what_two_nodes_end_at_once_arrives_in_order_and_without_gaps(issuer: TestIssuer) {
        let other = issuer.another_node().await;
        let mut sessions = Vec::new();
        for _ in 0..24 {
            sessions.push(issuer.user("ann").await.session_id);
        }
        let start = head(&issuer).await;
        let mut stream = follow(&issuer, Some(start)).await;
        let mut ending = tokio::task::JoinSet::new();
        for (at, session) in sessions.iter().enumerate() {
            let node = if at % 2 == 0 { issuer.clone() } else { other.clone() };
            let session = session.parse().unwrap();
            ending.spawn(async move {
                node.issuer().end_session(session, &By::Operator).await.unwrap();
                node.issuer().follow_feed().await.unwrap();
            });
        }
        ending.join_all().await;
        issuer.issuer().follow_feed().await.unwrap();
        let mut told = Vec::new();
        for position in 1..=24 {
            let message = stream.event().await;
            assert_eq!((message.event.as_str(), message.id), ("set", Some(start + position)));
            let subject = message.verified(&issuer)["sub_id"]["id"].clone();
            told.push(subject.as_str().unwrap().to_owned());
        }
        assert!(stream.is_silent().await);
        told.sort_unstable();
        sessions.sort_unstable();
        assert_eq!(told, sessions, "each once");
    }

    async fn a_disabled_client_is_cut_off(issuer: TestIssuer) {
        let mut stream = follow_from_here(&issuer).await;
        let disabled = ChangeClient { disabled: Some(true), ..ChangeClient::default() };
        let id = "watcher".parse().unwrap();
        issuer.issuer().change_client(&id, disabled, &By::Operator).await.unwrap();
        is_cut_off(&issuer, &mut stream).await;
        issuer.client("watcher").get("/feed").await.is_problem(401, "client_unproved");
    }

    async fn a_deleted_client_is_cut_off(issuer: TestIssuer) {
        let mut stream = follow_from_here(&issuer).await;
        let id = "watcher".parse().unwrap();
        issuer.issuer().delete_client(&id, &By::Operator).await.unwrap();
        is_cut_off(&issuer, &mut stream).await;
    }

    async fn a_new_secret_cuts_off_who_came_by_the_old_one(issuer: TestIssuer) {
        let mut stream = follow_from_here(&issuer).await;
        let id = "watcher".parse().unwrap();
        let secret = issuer.issuer().rotate_client_secret(&id, None, &By::Operator).await.unwrap();
        is_cut_off(&issuer, &mut stream).await;
        let anew = issuer.anonymous().with_basic("watcher", secret.expose());
        assert_eq!(anew.call(Method::GET, "/feed").stream().await.status, 200);
    }
}

/// Within a few seconds, each of which has a heartbeat.
async fn is_cut_off(issuer: &TestIssuer, stream: &mut EventStream) {
    issuer.pass(Period::secs(4));
    issuer.issuer().beat().unwrap();
    while let Some(message) = stream.next().await {
        assert_eq!(message.event, "set", "no heartbeat any more");
    }
}

#[tokio::test]
async fn a_stream_ends_after_an_hour() {
    let issuer = issuer().await;
    let mut stream = follow_from_here(&issuer).await;
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
    let mut stream = follow_from_here(&issuer).await;
    issuer.app().end_streams();
    assert_eq!(stream.next().await, None);
}

#[tokio::test]
async fn beyond_the_limit_followers_are_asked_to_come_back() {
    let mut policy = seed::policy();
    policy.limits.followers = 2;
    let issuer = TestIssuer::with_policy(Engine::Sqlite, policy).await;
    let (one, _two) = (
        follow_from_here(&issuer).await,
        follow_from_here(&issuer).await,
    );
    let refused = issuer.client("watcher").get("/feed").await;
    assert_eq!(
        refused.is_problem(503, "overloaded").header("retry-after"),
        Some("5")
    );
    drop(one);
    let _three = follow_from_here(&issuer).await;
}

#[tokio::test]
async fn with_the_database_down_the_feed_goes_on_and_followers_may_come_back() {
    let issuer = issuer().await;
    let start = head(&issuer).await;
    let mut stream = follow(&issuer, Some(start)).await;
    issuer.store().set_down(true);
    issuer.pass(Period::secs(10));
    publish(&issuer, 1).await;
    issuer.issuer().beat().unwrap();
    assert_eq!(stream.message().await.id, Some(start + 1));
    assert_eq!(stream.message().await.event, "heartbeat");
    let mut anew = follow(&issuer, Some(start)).await;
    assert_eq!(anew.message().await.id, Some(start + 1));

    let stranger = issuer.anonymous().with_basic("watcher", "kws_wrong");
    stranger.get("/feed").await.is_problem(503, "unavailable");
}

#[tokio::test]
async fn what_says_that_a_key_is_revoked_is_not_signed_by_it() {
    let issuer = issuer().await;
    let start = head(&issuer).await;
    let revoked = active_key(&issuer);
    let mut stream = follow(&issuer, Some(start - 1)).await;
    assert_eq!(stream.message().await.kid(), revoked);

    // Another node revokes; this one learns of it by the feed.
    issuer.pass(Period::hours(1));
    let node = issuer.another_node().await;
    node.issuer()
        .revoke_key(&revoked, false, &By::Operator)
        .await
        .unwrap();
    let end = head(&issuer).await;
    assert!(end > start, "it is told");
    let mut stream = follow(&issuer, Some(start - 1)).await;
    for position in start..=end {
        let message = stream.message().await;
        assert_eq!(message.id, Some(position));
        assert_eq!(message.verified(&issuer)["position"], position);
        assert_ne!(message.kid(), revoked);
    }
}

#[tokio::test]
async fn a_revocation_that_leaves_no_key_active_is_told_all_the_same() {
    let issuer = issuer().await;
    let start = head(&issuer).await;
    let revoked = active_key(&issuer);
    // The key in waiting has not been served for long, so no token may be signed by it yet.
    let force = true;
    issuer
        .issuer()
        .revoke_key(&revoked, force, &By::Operator)
        .await
        .unwrap();
    let end = head(&issuer).await;
    let keys = issuer.issuer().keys();
    assert!(keys.iter().all(|key| key.state != KeyState::Active));

    let mut stream = follow(&issuer, Some(start)).await;
    let mut told = Vec::new();
    for _ in start..end {
        let message = stream.message().await;
        assert_ne!(message.kid(), revoked);
        told.push(message.verified(&issuer)["events"].to_string());
    }
    let event = |told: &String| told.contains("key-revoked") && told.contains(&revoked);
    assert!(told.iter().any(event), "{told:?}");
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

/// The successor of a revoked key cannot be opened: the ends of sessions go on being known here, and are told once it can.
#[tokio::test]
async fn a_key_that_cannot_be_opened_holds_up_no_kill() {
    let issuer = issuer().await;
    // By then the key in waiting is known to everybody.
    issuer.pass(Period::hours(1));
    let ann = issuer.user("ann").await;
    let start = head(&issuer).await;
    let revoked = active_key(&issuer);
    let node = issuer.another_node().await;
    let revoking = node.issuer().revoke_key(&revoked, false, &By::Operator);
    revoking.await.unwrap();
    issuer
        .meddle("CREATE TABLE kept AS SELECT kid, sealed FROM signing_keys")
        .await;
    let broken =
        "UPDATE signing_keys SET sealed = (SELECT sealed FROM server_keys WHERE purpose = 'link')";
    issuer.meddle(broken).await;
    ann.log_out().await.is(204);

    let entry = crate::status::watch::entry(&ann.access_token);
    let end = head(&issuer).await;
    assert!(end > start);
    assert_eq!(issuer.issuer().status_of(entry), Some(StatusValue::Invalid));
    assert!(issuer.issuer().tick().await.is_err(), "and it is said");
    assert!(
        issuer.issuer().beat().is_err(),
        "nothing is signed by the revoked key"
    );
    assert!(issuer.issuer().publish_status_lists().is_err());

    let mended = "UPDATE signing_keys SET sealed = (SELECT sealed FROM kept WHERE kept.kid = signing_keys.kid)";
    issuer.meddle(mended).await;
    issuer.issuer().tick().await.unwrap();
    issuer.issuer().beat().unwrap();
    issuer.issuer().publish_status_lists().unwrap();
    let mut stream = follow(&issuer, Some(start)).await;
    for position in start + 1..=end {
        let message = stream.message().await;
        assert_eq!(message.verified(&issuer)["position"], position);
        assert_ne!(message.kid(), revoked);
    }
}
