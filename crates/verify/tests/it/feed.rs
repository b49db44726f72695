//! The feed over HTTP, from an issuer at its best and at its worst.

mod stage;

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use keywright_jwt::Algorithm;
use keywright_verify::feed::{EventError, StreamError};
use keywright_verify::remote::{
    FeedError, FeedRequest, FeedToken, FetchError, RemoteFeed, RemoteFeedBuilder, RemoteKeys,
    RemoteStatusLists,
};
use keywright_verify::{StatusLists, Verifier, WhenUnknown};
use serde_json::{Value, json};

use crate::support::{AUDIENCE, Issuer, NOW, code, eventually, good};
use stage::{Mishap, Stage};

/// Knowledge of revocations counts for so many seconds.
const MAX_AGE: u32 = 60;

struct Follower {
    verifier: Verifier,
    keys: RemoteKeys,
    lists: RemoteStatusLists,
    feed: RemoteFeed,
}

impl Follower {
    async fn of(stage: &Stage) -> Self {
        let keys = RemoteKeys::of_issuer(&stage.url).start().expect("keys");
        keys.ready().await.expect("keys");
        Self::with_keys(stage, keys).await
    }

    async fn with_keys(stage: &Stage, keys: RemoteKeys) -> Self {
        let by_secret = |keys: &_, lists: &_| RemoteFeed::of(keys, lists, "orders", "s3cret");
        Self::with_feed(stage, keys, by_secret).await
    }

    async fn with_feed(
        stage: &Stage,
        keys: RemoteKeys,
        feed: impl FnOnce(&RemoteKeys, &RemoteStatusLists) -> RemoteFeedBuilder,
    ) -> Self {
        let clock = || {
            let now = stage.now.clone();
            move || now.load(Ordering::SeqCst)
        };
        let lists = StatusLists::new(&stage.url, keys.slot(), MAX_AGE);
        let verifier = Verifier::builder(&stage.url, keys.slot())
            .audience(AUDIENCE)
            .clock(clock())
            .cache(1 << 20)
            .revocation(lists.clone(), WhenUnknown::FailClosed)
            .build()
            .expect("a verifier");
        let lists = RemoteStatusLists::of(lists)
            .list(stage.list_uri())
            .clock(clock());
        let lists = lists.start().expect("lists");
        lists.ready().await;
        let feed = feed(&keys, &lists)
            .clock(clock())
            .report(&verifier)
            .instance("orders-1")
            .start()
            .expect("a feed");
        Self {
            verifier,
            keys,
            lists,
            feed,
        }
    }

    fn code(&self, token: &str) -> &'static str {
        code(self.verifier.verify(token))
    }

    async fn reaches(&self, position: u64) {
        eventually(&format!("position {position}"), || {
            let state = self.feed.state();
            state.connected && state.position == Some(position)
        })
        .await;
    }
}

fn token(stage: &Stage, index: u64) -> String {
    stage.with_issuer(|issuer| signed(stage, issuer, index))
}

fn signed(stage: &Stage, issuer: &Issuer, index: u64) -> String {
    let mut claims = good();
    claims["iss"] = json!(stage.url);
    claims["exp"] = json!(NOW + 100_000);
    claims["status"] = json!({"status_list": {"idx": index, "uri": stage.list_uri()}});
    issuer.token(&claims)
}

#[tokio::test]
async fn a_killed_token_is_refused_a_moment_later() {
    let stage = Stage::start(7).await;
    let follower = Follower::of(&stage).await;
    follower.reaches(7).await;
    let tokens = [0, 1, 2, 3].map(|index| token(&stage, index));
    for token in &tokens {
        assert_eq!(follower.code(token), "accepted");
    }
    for (index, value) in [(1, 1), (2, 2), (3, 3)] {
        stage.change_status(index, value);
    }
    follower.reaches(10).await;
    let codes = tokens.each_ref().map(|token| follower.code(token));
    assert_eq!(codes, ["accepted", "revoked", "suspended", "stale"]);
    assert_eq!(
        follower
            .verifier
            .counters()
            .revocation
            .expect("knowledge")
            .position,
        10
    );
    stage.change_status(2, 0);
    follower.reaches(11).await;
    assert_eq!(follower.code(&tokens[2]), "accepted");
}

#[tokio::test]
async fn a_list_that_was_published_before_an_event_does_not_undo_it() {
    let stage = Stage::start(0).await;
    let follower = Follower::of(&stage).await;
    follower.reaches(0).await;
    stage.change_status(1, 1);
    follower.reaches(1).await;
    // Of another node, which has not heard of it: newer by its clock, and without the change.
    stage.publish_list(&[0; 8], NOW + 2);
    eventually("the list was fetched again", || stage.hits("/status/1") > 2).await;
    eventually("the list was taken", || {
        let lists = follower.verifier.counters();
        lists
            .revocation
            .is_some_and(|knowledge| knowledge.age == Some(0))
    })
    .await;
    assert_eq!(follower.code(&token(&stage, 1)), "revoked");
}

#[tokio::test]
async fn heartbeats_keep_knowledge_young_and_lists_unasked() {
    let stage = Stage::start(3).await;
    let follower = Follower::of(&stage).await;
    follower.reaches(3).await;
    // Once at the start, once for the snapshot, once when the issuer has settled.
    eventually("the lists are settled", || stage.hits("/status/1") == 3).await;
    stage
        .now
        .store(NOW + i64::from(MAX_AGE) + 100, Ordering::SeqCst);
    eventually("a heartbeat confirms the list", || {
        follower.code(&token(&stage, 0)) == "accepted"
    })
    .await;
    // Their ttl is a second.
    tokio::time::sleep(Duration::from_millis(1_200)).await;
    assert_eq!(stage.hits("/status/1"), 3);
    assert!(follower.lists.failures().is_empty());
}

#[tokio::test]
async fn without_the_feed_lists_are_polled_and_knowledge_ages() {
    let stage = Stage::start(3).await;
    stage.expect([Mishap::Refuse(403); 20]);
    let follower = Follower::of(&stage).await;
    eventually("the feed is refused", || {
        follower.feed.state().last_error == Some(FetchError::Status(403).into())
    })
    .await;
    assert!(!follower.feed.state().connected);
    stage.publish_list(&[0, 1], NOW);
    eventually("the list is polled", || {
        follower.code(&token(&stage, 1)) == "revoked"
    })
    .await;
}

/// Whatever goes wrong on the first connection, the second brings what was missed, and why is visible.
#[tokio::test]
async fn each_mishap_is_visible_and_costs_no_event() {
    let broken: FeedError = FetchError::Unreachable.into();
    let event = FeedError::Event;
    let cases = [
        (Mishap::Cut(0), FeedError::Ended),
        (Mishap::Cut(1), FeedError::Ended),
        (Mishap::Cut(700), FeedError::Ended),
        (Mishap::Cut(2_000), FeedError::Ended),
        (Mishap::Stall(1_000), FeedError::Silent),
        (Mishap::Skip(9), FeedError::Missed),
        (Mishap::Garbage, StreamError::NotUtf8.into()),
        (Mishap::Oversize, StreamError::TooLarge.into()),
        (Mishap::Page, FeedError::NotAStream),
        (Mishap::Refuse(503), FetchError::Status(503).into()),
        (Mishap::Refuse(302), FetchError::Status(302).into()),
        (
            Mishap::Forged,
            event(keywright_verify::Refusal::Signature.into()),
        ),
        (Mishap::Misaddressed, event(EventError::WrongAudience)),
        (Mishap::KeptBack, event(EventError::WrongTime)),
        (
            Mishap::Mistyped,
            event(keywright_verify::Refusal::WrongType.into()),
        ),
    ];
    let one = async |mishap, expected: FeedError| {
        let stage = Stage::start(7).await;
        stage.expect([mishap]);
        let follower = Follower::of(&stage).await;
        eventually("the first connection is made", || {
            let state = follower.feed.state();
            state.connected || state.interruptions > 0
        })
        .await;
        for index in 1..4 {
            stage.change_status(index, 1);
        }
        eventually(&format!("{mishap:?}"), || {
            follower.feed.state().interruptions > 0
        })
        .await;
        let seen = follower.feed.state().last_error.expect("an error");
        // Which of the two a connection that is cut looks like is up to the network.
        let cut = matches!(mishap, Mishap::Cut(_)) && seen == broken;
        assert!(seen == expected || cut, "{mishap:?}: {seen:?}");
        // For those that must start over because they have not heard anything yet.
        stage.publish_list(&[0, 1, 1, 1], NOW + 1);
        stage.change_status(4, 1);
        follower.reaches(11).await;
        eventually(&format!("{mishap:?}: all are refused"), || {
            (1..4).all(|index| follower.code(&token(&stage, index)) == "revoked")
        })
        .await;
        assert_eq!(follower.code(&token(&stage, 0)), "accepted");
    };
    let all = cases
        .into_iter()
        .map(|(mishap, expected)| one(mishap, expected));
    side_by_side(all).await;
}

/// Some of them wait for a silence.
async fn side_by_side(all: impl Iterator<Item = impl Future<Output = ()>>) {
    let mut pending: Vec<_> = all.map(Box::pin).collect();
    std::future::poll_fn(|context| {
        pending.retain_mut(|one| one.as_mut().poll(context).is_pending());
        match pending.is_empty() {
            true => std::task::Poll::Ready(()),
            false => std::task::Poll::Pending,
        }
    })
    .await;
}

#[tokio::test]
async fn a_stream_in_single_bytes_and_with_repetitions_is_read_all_the_same() {
    for mishap in [Mishap::Trickle, Mishap::Twice] {
        let stage = Stage::start(7).await;
        stage.expect([mishap]);
        let follower = Follower::of(&stage).await;
        follower.reaches(7).await;
        stage.change_status(1, 1);
        stage.change_status(1, 2);
        stage.change_status(2, 1);
        follower.reaches(10).await;
        let codes = [0, 1, 2].map(|index| follower.code(&token(&stage, index)));
        assert_eq!(codes, ["accepted", "suspended", "revoked"], "{mishap:?}");
        assert_eq!(follower.feed.state().interruptions, 0, "{mishap:?}");
    }
}

#[tokio::test]
async fn what_happened_during_an_interruption_comes_with_the_next_connection() {
    let stage = Stage::start(7).await;
    stage.expect([Mishap::Cut(3_000), Mishap::Refuse(503), Mishap::Refuse(503)]);
    let follower = Follower::of(&stage).await;
    eventually("the first connection ends", || {
        follower.feed.state().interruptions > 0
    })
    .await;
    stage.change_status(1, 1);
    follower.reaches(8).await;
    assert_eq!(follower.code(&token(&stage, 1)), "revoked");
    let asked: Vec<_> = stage
        .follows()
        .into_iter()
        .filter_map(|visit| visit.last_event_id)
        .collect();
    assert_eq!(asked, ["7", "7", "7"]);
    // Nothing was missed, so nothing had to be fetched for it.
    assert_eq!(stage.hits("/jwks"), 2);
}

#[tokio::test]
async fn a_follower_that_is_too_far_behind_or_ahead_starts_over() {
    for head in [2, 900] {
        let stage = Stage::start(7).await;
        let follower = Follower::of(&stage).await;
        follower.reaches(7).await;
        stage.publish_list(&[0, 1], NOW + 1);
        stage.restore(head);
        follower.reaches(head).await;
        eventually("the list is fetched anew", || {
            follower.code(&token(&stage, 1)) == "revoked"
        })
        .await;
        stage.change_status(2, 1);
        follower.reaches(head + 1).await;
        assert_eq!(follower.code(&token(&stage, 2)), "revoked");
    }
}

#[tokio::test]
async fn an_event_that_never_comes_is_given_up_for_a_snapshot() {
    let stage = Stage::start(7).await;
    stage.expect([Mishap::Skip(8), Mishap::Skip(8)]);
    let follower = Follower::of(&stage).await;
    follower.reaches(7).await;
    stage.change_status(1, 1);
    stage.change_status(2, 1);
    stage.publish_list(&[0, 1, 1], NOW + 1);
    follower.reaches(9).await;
    assert!(follower.feed.state().interruptions >= 2);
    eventually("the list makes up for it", || {
        follower.code(&token(&stage, 1)) == "revoked"
    })
    .await;
    assert_eq!(stage.follows().last().expect("a visit").last_event_id, None);
}

#[tokio::test]
async fn an_event_that_cannot_be_believed_is_given_up_for_a_snapshot() {
    let stage = Stage::start(7).await;
    stage.expect([Mishap::Cut(3_000), Mishap::Forged, Mishap::Forged]);
    let follower = Follower::of(&stage).await;
    eventually("the first connection ends", || {
        follower.feed.state().interruptions > 0
    })
    .await;
    eventually("a snapshot is asked for", || {
        follower.feed.state().interruptions == 3
    })
    .await;
    follower.reaches(7).await;
    let asked: Vec<_> = stage
        .follows()
        .into_iter()
        .map(|visit| visit.last_event_id)
        .collect();
    let seven = Some("7".to_owned());
    assert_eq!(asked, [None, seven.clone(), seven, None]);
}

#[tokio::test]
async fn a_revoked_key_counts_no_more_even_where_it_is_still_served() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("keys.json");
    let remote = |stage: &Stage| {
        RemoteKeys::of_issuer(&stage.url)
            .snapshot(&path)
            .start()
            .expect("keys")
    };
    let stage = Stage::start(0).await;
    let keys = remote(&stage);
    keys.ready().await.expect("keys");
    let follower = Follower::with_keys(&stage, keys).await;
    follower.reaches(0).await;
    let (old, fresh) = (token(&stage, 0), Issuer::new(Algorithm::Es256));
    assert_eq!([follower.code(&old), follower.code(&old)], ["accepted"; 2]);
    let stolen = stage.with_issuer(|old| {
        stage.publish(&[old, &fresh]);
        old.key.kid().to_owned()
    });
    stage.replace_issuer(fresh);
    // The first event by the new key, which nobody has announced.
    stage.key_event("revoked", &stolen);
    follower.reaches(1).await;
    assert_eq!(follower.code(&old), "key_revoked");
    assert_eq!(follower.code(&token(&stage, 0)), "accepted");
    let fetched = stage.hits("/jwks");
    stage.key_event("published", "another");
    eventually("the key set is fetched, and still has it", || {
        stage.hits("/jwks") > fetched
    })
    .await;
    follower.reaches(2).await;
    assert_eq!(follower.code(&old), "key_revoked");
    assert!(!follower.keys.state().kids.contains(&stolen));
    eventually("the snapshot knows", || {
        let saved = std::fs::read_to_string(&path).expect("a snapshot");
        saved.contains("\"revoked\":[\"")
    })
    .await;
    drop(follower);
    let again = remote(&stage);
    let verifier = Verifier::builder(&stage.url, again.slot())
        .audience(AUDIENCE)
        .clock(|| NOW);
    assert_eq!(
        code(verifier.build().expect("a verifier").verify(&old)),
        "key_revoked"
    );
}

#[tokio::test]
async fn a_new_key_is_there_before_the_first_token_that_bears_it() {
    let stage = Stage::start(0).await;
    let follower = Follower::of(&stage).await;
    follower.reaches(0).await;
    let fresh = Issuer::new(Algorithm::Es256);
    stage.with_issuer(|old| stage.publish(&[old, &fresh]));
    stage.key_event("published", fresh.key.kid());
    eventually("the key is fetched", || {
        follower
            .keys
            .state()
            .kids
            .iter()
            .any(|kid| kid == fresh.key.kid())
    })
    .await;
    assert_eq!(follower.code(&signed(&stage, &fresh, 0)), "accepted");
    // The issuer waits for this report before it signs with the new key: long before the next one is due.
    eventually("the key is reported", || {
        let last = stage.reports().pop().unwrap_or_default();
        last["kids"].as_array().is_some_and(|kids| kids.len() == 2)
    })
    .await;
    assert_eq!(stage.reports().len(), 2);
}

#[tokio::test]
async fn a_report_says_what_was_accepted_and_refused() {
    let stage = Stage::start(4).await;
    let follower = Follower::of(&stage).await;
    follower.reaches(4).await;
    assert_eq!(follower.code(&token(&stage, 0)), "accepted");
    assert_eq!(follower.code("rubbish"), "not_compact_jws");
    stage.with_issuer(|old| stage.publish(&[old, &Issuer::new(Algorithm::Es256)]));
    stage.key_event("published", "new");
    eventually("there is another report", || stage.reports().len() == 2).await;
    let report: Value = stage.reports().pop().expect("a report");
    assert_eq!(
        (&report["instance"], &report["accepted"], &report["refused"]),
        (
            &json!("orders-1"),
            &json!(1),
            &json!({"not_compact_jws": 1})
        )
    );
    assert_eq!(
        (&report["position"], &report["revocation_age"]),
        (&json!(5), &json!(0))
    );
    let software = report["software"].as_str().expect("a name");
    assert!(software.starts_with("keywright-verify/"), "{software}");
    let buckets = report["verification_micros"]
        .as_array()
        .expect("a histogram");
    assert_eq!(
        (&buckets[0]["at_most"], &buckets[12]["at_most"]),
        (&json!(1), &Value::Null)
    );
    let members: Vec<_> = report
        .as_object()
        .expect("an object")
        .keys()
        .cloned()
        .collect();
    let expected = [
        "accepted",
        "instance",
        "kids",
        "position",
        "refused",
        "revocation_age",
        "software",
        "verification_micros",
    ];
    assert_eq!(members, expected);
    assert_eq!(follower.feed.state().report_error, None);
    for visit in stage.follows().into_iter().chain(stage.report_visits()) {
        // orders:s3cret
        assert_eq!(
            visit.authorization.as_deref(),
            Some("Basic b3JkZXJzOnMzY3JldA==")
        );
    }
}

#[tokio::test]
async fn a_follower_asks_for_a_token_for_each_request_and_again_if_there_was_none() {
    let stage = Stage::start(4).await;
    let keys = RemoteKeys::of_issuer(&stage.url).start().expect("keys");
    keys.ready().await.expect("keys");
    let connections = AtomicUsize::new(0);
    let tokens = move |request: FeedRequest| {
        let is_first = request.method == "GET" && connections.fetch_add(1, Ordering::SeqCst) == 0;
        async move {
            Some(match request.method {
                _ if is_first => return None,
                "GET" => FeedToken::Dpop {
                    token: "bound".to_owned(),
                    proof: format!("GET {}", request.url),
                },
                method => FeedToken::Bearer(method.to_owned()),
            })
        }
    };
    let follower = Follower::with_feed(&stage, keys, |keys, lists| {
        RemoteFeed::by_token(keys, lists, tokens)
    })
    .await;
    follower.reaches(4).await;
    let state = follower.feed.state();
    assert_eq!(state.last_error, Some(FetchError::NoToken.into()));
    assert_eq!(state.interruptions, 1);
    let visits = stage.follows();
    assert_eq!(visits.len(), 1);
    assert_eq!(visits[0].authorization.as_deref(), Some("DPoP bound"));
    let proof = format!("GET {}/feed", stage.url);
    assert_eq!(visits[0].proof.as_deref(), Some(&*proof));
    eventually("a report is taken", || !stage.report_visits().is_empty()).await;
    let reported = &stage.report_visits()[0];
    assert_eq!(reported.authorization.as_deref(), Some("Bearer POST"));
    assert_eq!(reported.proof, None);
}

#[tokio::test]
async fn a_follower_that_is_dropped_lets_go() {
    let stage = Stage::start(4).await;
    let follower = Follower::of(&stage).await;
    follower.reaches(4).await;
    assert_eq!(stage.followers(), 1);
    drop(follower);
    eventually("the connection ends", || stage.followers() == 0).await;
}
