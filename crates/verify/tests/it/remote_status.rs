//! Status lists over HTTP, from the same misbehaving issuer.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use keywright_jwt::Algorithm;
use keywright_verify::remote::{FetchError, RemoteStatusLists, StatusFetchError};
use keywright_verify::{StatusListError, StatusLists, Verifier, WhenUnknown};
use serde_json::{Value, json};

use crate::site::{Page, Site};
use crate::status_list::lst;
use crate::support::{AUDIENCE, Issuer, NOW, code, eventually, good};

struct Scene {
    site: Site,
    issuer: Issuer,
    lists: StatusLists,
    now: Arc<AtomicI64>,
}

impl Scene {
    async fn new() -> Self {
        let (site, issuer) = (Site::start().await, Issuer::new(Algorithm::EdDsa));
        let lists = StatusLists::new(&site.url, issuer.slot(), 600);
        Self {
            site,
            issuer,
            lists,
            now: Arc::new(AtomicI64::new(NOW)),
        }
    }

    fn uri(&self) -> String {
        format!("{}/status/1", self.site.url)
    }

    fn list(&self, entries: &[u8]) -> Value {
        json!({"sub": self.uri(), "iat": NOW, "ttl": 1, "status_list": {"bits": 2, "lst": lst(entries)}})
    }

    fn serve(&self, entries: &[u8]) {
        let claims = self.list(entries).to_string();
        let token = self
            .issuer
            .key
            .sign("statuslist+jwt", claims.as_bytes())
            .expect("a signature");
        self.site.put("/status/1", Page::ok(token));
    }

    fn start(&self, prefetch: bool) -> RemoteStatusLists {
        let now = self.now.clone();
        let mut builder = RemoteStatusLists::of(self.lists.clone())
            .timeout(Duration::from_millis(500))
            .clock(move || now.load(Ordering::SeqCst));
        if prefetch {
            builder = builder.list(self.uri());
        }
        builder.start().expect("a fetcher")
    }

    fn verifier(&self, when_unknown: WhenUnknown) -> Verifier {
        let now = self.now.clone();
        Verifier::builder(&self.site.url, self.issuer.slot())
            .audience(AUDIENCE)
            .clock(move || now.load(Ordering::SeqCst))
            .revocation(self.lists.clone(), when_unknown)
            .build()
            .expect("a verifier")
    }

    fn token(&self, index: u64) -> String {
        let mut claims = good();
        claims["iss"] = json!(self.site.url);
        claims["exp"] = json!(NOW + 100_000);
        claims["status"] = json!({"status_list": {"idx": index, "uri": self.uri()}});
        self.issuer.token(&claims)
    }
}

#[tokio::test]
async fn a_list_named_at_the_start_is_there_before_the_first_token() {
    let scene = Scene::new().await;
    scene.serve(&[0, 1]);
    scene.start(true).ready().await;
    let verifier = scene.verifier(WhenUnknown::FailClosed);
    assert_eq!(code(verifier.verify(&scene.token(0))), "accepted");
    assert_eq!(code(verifier.verify(&scene.token(1))), "revoked");
}

#[tokio::test]
async fn a_list_that_a_token_names_is_fetched() {
    let scene = Scene::new().await;
    scene.serve(&[0, 1]);
    let _remote = scene.start(false);
    let verifier = scene.verifier(WhenUnknown::FailClosed);
    assert_eq!(code(verifier.verify(&scene.token(1))), "status_unknown");
    eventually("the list is fetched", || {
        code(verifier.verify(&scene.token(1))) == "revoked"
    })
    .await;
}

#[tokio::test]
async fn a_revocation_arrives_with_the_next_list() {
    let scene = Scene::new().await;
    scene.serve(&[0]);
    let _remote = scene.start(true);
    let verifier = scene.verifier(WhenUnknown::FailClosed);
    eventually("the list is fetched", || {
        code(verifier.verify(&scene.token(0))) == "accepted"
    })
    .await;
    scene.serve(&[1]);
    eventually("the list is renewed after its ttl", || {
        code(verifier.verify(&scene.token(0))) == "revoked"
    })
    .await;
}

#[tokio::test]
async fn an_outage_changes_nothing_until_the_list_is_too_old() {
    let scene = Scene::new().await;
    scene.serve(&[0, 1]);
    let remote = scene.start(true);
    remote.ready().await;
    let (open, closed) = (
        scene.verifier(WhenUnknown::FailOpen),
        scene.verifier(WhenUnknown::FailClosed),
    );
    for page in [Page::status(503), Page::ok("<html>"), Page::ok("")] {
        scene.site.put("/status/1", page);
        let before = remote
            .failures()
            .first()
            .map_or(0, |failure| failure.failures);
        eventually("the failure is visible", || {
            remote
                .failures()
                .first()
                .is_some_and(|failure| failure.failures > before)
        })
        .await;
        assert_eq!(code(closed.verify(&scene.token(0))), "accepted");
    }
    scene.now.store(NOW + 601, Ordering::SeqCst);
    let answers = [&open, &closed]
        .map(|verifier| [0, 1].map(|index| code(verifier.verify(&scene.token(index)))));
    assert_eq!(
        answers,
        [["accepted", "revoked"], ["status_unknown", "revoked"]]
    );
    let knowledge = closed.counters().revocation.expect("an age");
    assert!(knowledge.age.is_some_and(|age| age > 600));
    scene.serve(&[0, 1]);
    eventually("the list comes back", || {
        code(closed.verify(&scene.token(0))) == "accepted"
    })
    .await;
}

#[tokio::test]
async fn an_unchanged_list_is_confirmed_without_being_sent() {
    let scene = Scene::new().await;
    scene.serve(&[0]);
    let claims = scene.list(&[0]).to_string();
    let token = scene
        .issuer
        .key
        .sign("statuslist+jwt", claims.as_bytes())
        .expect("a signature");
    let page = Page {
        headers: vec![("etag", "\"1\"".to_owned())],
        ..Page::ok(token)
    };
    scene.site.put("/status/1", page.clone());
    let remote = scene.start(true);
    remote.ready().await;
    // Were the body read again, it would be refused; a 304 is a success.
    scene.site.put(
        "/status/1",
        Page {
            body: "garbage".to_owned(),
            ..page
        },
    );
    scene.now.store(NOW + 30, Ordering::SeqCst);
    eventually("the list is confirmed", || {
        scene.lists.state(NOW + 30)[0].age == 0
    })
    .await;
    assert!(remote.failures().is_empty());
}

#[tokio::test]
async fn what_is_refused_is_told_apart() {
    let scene = Scene::new().await;
    let failure = async |page| {
        scene.site.put("/status/1", page);
        let remote = scene.start(true);
        remote.ready().await;
        remote.failures().first().expect("a failure").error.clone()
    };
    assert_eq!(
        failure(Page::status(404)).await,
        StatusFetchError::Fetch(FetchError::Status(404))
    );
    let elsewhere = Page {
        headers: vec![("location", "/other".to_owned())],
        ..Page::status(302)
    };
    assert_eq!(
        failure(elsewhere).await,
        StatusFetchError::Fetch(FetchError::Status(302))
    );
    let huge = Page::ok("a".repeat((4 << 20) + 1));
    assert_eq!(
        failure(huge).await,
        StatusFetchError::Fetch(FetchError::TooLarge)
    );
    let slow = Page {
        delay: Duration::from_secs(5),
        ..Page::ok("")
    };
    assert_eq!(
        failure(slow).await,
        StatusFetchError::Fetch(FetchError::Unreachable)
    );
    let access = Page::ok(scene.token(0));
    let refusal = keywright_verify::Refusal::WrongType;
    assert_eq!(
        failure(access).await,
        StatusFetchError::List(StatusListError::Token(refusal))
    );
}

#[tokio::test]
async fn lists_that_the_issuer_names_are_there_before_the_first_token() {
    let scene = Scene::new().await;
    scene.serve(&[0, 1]);
    let url = &scene.site.url;
    let metadata = json!({"issuer": url, "jwks_uri": format!("{url}/jwks"), "status_list_aggregation_endpoint": format!("{url}/status")});
    let place = "/.well-known/openid-configuration";
    scene.site.put(place, Page::status(503));
    let lists = json!({"status_lists": [scene.uri(), "https://evil.example/status/1"]});
    scene.site.put("/status", Page::ok(lists.to_string()));
    let remote = RemoteStatusLists::of(scene.lists.clone())
        .clock(|| NOW)
        .discover();
    let remote = remote.start().expect("a fetcher");
    remote.ready().await;
    let failure = remote.failures().pop().expect("a failure");
    assert_eq!(
        (failure.uri, failure.error),
        (url.clone(), FetchError::Status(503).into())
    );
    scene.site.put(place, Page::ok(metadata.to_string()));
    eventually("the list is held", || scene.lists.state(NOW).len() == 1).await;
    assert!(remote.failures().is_empty() && scene.lists.wanted().is_empty());
}

#[tokio::test]
async fn a_token_that_names_a_new_list_waits_for_it() {
    let scene = Scene::new().await;
    scene.serve(&[0, 1]);
    let remote = scene.start(false);
    remote.ready().await;
    let verifier = Verifier::builder(&scene.site.url, scene.issuer.slot())
        .audience(AUDIENCE)
        .clock(|| NOW)
        .revocation(remote, WhenUnknown::FailClosed)
        .build()
        .expect("a verifier");
    assert_eq!(
        code(verifier.verify_fresh(&scene.token(0)).await),
        "accepted"
    );
    assert_eq!(
        code(verifier.verify_fresh(&scene.token(1)).await),
        "revoked"
    );
}

#[tokio::test]
async fn nobody_waits_for_a_list_that_cannot_be_had() {
    let scene = Scene::new().await;
    let remote = scene.start(true);
    remote.ready().await;
    let verifier = Verifier::builder(&scene.site.url, scene.issuer.slot())
        .audience(AUDIENCE)
        .clock(|| NOW)
        .revocation(remote, WhenUnknown::FailClosed)
        .build()
        .expect("a verifier");
    let token = scene.token(0);
    for _ in 0..3 {
        let answer =
            tokio::time::timeout(Duration::from_millis(500), verifier.verify_fresh(&token));
        assert_eq!(code(answer.await.expect("at once")), "status_unknown");
    }
}
