//! One service that follows the feed of the real server as `keywright-verify` does it, through kills of tokens and of the server.

use std::time::Duration;

use keywright_tests::{Binary, forge};
use keywright_verify::remote::{RemoteFeed, RemoteKeys, RemoteStatusLists};
use keywright_verify::{Refusal, StatusLists, Verifier, WhenUnknown};
use serde_json::{Value, json};
use tokio::time::{sleep, timeout};

/// A killed token is refused milliseconds later; a busy machine may be late. Lists are polled too, so that the positions, and not this,
/// tell whether the feed lost an event.
const PATIENCE: Duration = Duration::from_secs(60);
const GLANCE: Duration = Duration::from_millis(20);
const KNOWLEDGE: u32 = 60;

struct Service {
    verifier: Verifier,
    feed: RemoteFeed,
}

impl Service {
    async fn start(binary: &Binary) -> Self {
        let arguments = [
            "client", "create", "--name", "W", "--id", "w", "--grant", "feed", "--json",
        ];
        let created: Value = serde_json::from_slice(&binary.run(&arguments).stdout).expect("JSON");
        let secret = created["client_secret"].as_str().expect("a secret");
        let issuer = binary.issuer();
        let keys = RemoteKeys::of_issuer(&issuer).start().unwrap();
        keys.ready().await.unwrap();
        let lists = StatusLists::new(&issuer, keys.slot(), KNOWLEDGE);
        let lists = RemoteStatusLists::of(lists).discover().start().unwrap();
        let manifest = binary.manifest();
        let audience = manifest["demo_api"]["audience"]
            .as_str()
            .expect("an audience");
        // So that a refusal is a revocation and never the want of news.
        let verifier = Verifier::builder(&issuer, keys.slot())
            .audience(audience)
            .revocation(lists.clone(), WhenUnknown::FailOpen)
            .build()
            .unwrap();
        let feed = RemoteFeed::of(&keys, &lists, "w", secret);
        Self {
            verifier,
            feed: feed.start().unwrap(),
        }
    }

    fn position(&self) -> u64 {
        self.feed.state().position.expect("it has followed")
    }

    /// Until it has followed on after the event of this number.
    async fn has_followed_to(&self, position: u64) {
        let followed = async {
            loop {
                let state = self.feed.state();
                if state.connected && state.position.is_some_and(|at| at >= position) {
                    return;
                }
                sleep(GLANCE).await;
            }
        };
        let state = || self.feed.state();
        timeout(PATIENCE, followed)
            .await
            .unwrap_or_else(|_| panic!("not at {position}: {:?}", state()));
    }

    fn refuses(&self, token: &str) -> bool {
        match self.verifier.verify(token) {
            Ok(_) => false,
            Err(Refusal::Revoked) => true,
            Err(other) => panic!("{other}"),
        }
    }
}

async fn log_in(binary: &Binary) -> String {
    let user = binary.manifest()["user"].clone();
    let login = json!({ "username": user["username"], "password": user["password"] });
    let request = binary.http().post(binary.url("/v1/login")).json(&login);
    let tokens: Value = request.send().await.unwrap().json().await.unwrap();
    tokens["access_token"].as_str().expect("a login").to_owned()
}

async fn log_out(binary: &Binary, token: &str) {
    let request = binary.http().post(binary.url("/v1/logout"));
    let answer = request.bearer_auth(token).send().await.unwrap();
    assert_eq!(answer.status(), 204);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_killed_token_is_taken_when_the_server_was_killed_meanwhile() {
    let mut binary = Binary::quickstart(&[]).await;
    let service = Service::start(&binary).await;
    service.has_followed_to(0).await;
    let mut tokens = Vec::new();
    for _ in 0..4 {
        tokens.push(log_in(&binary).await);
    }
    assert!(!tokens.iter().any(|token| service.refuses(token)));

    let before = service.position();
    log_out(&binary, &tokens[0]).await;
    service.has_followed_to(before + 1).await;
    assert!(service.refuses(&tokens[0]), "while the feed stands");

    // Nobody tells the follower of what an operator does while no server runs.
    binary.kill();
    let session = forge::claims(&tokens[1])["sid"].clone();
    let ended = binary.run(&["session", "end", session.as_str().expect("a session")]);
    assert!(ended.status.success(), "{ended:?}");
    binary.start_serve().await;
    service.has_followed_to(before + 2).await;
    assert!(
        service.refuses(&tokens[1]),
        "what happened in between is told"
    );

    log_out(&binary, &tokens[2]).await;
    service.has_followed_to(before + 3).await;
    assert!(service.refuses(&tokens[2]), "and the feed goes on");
    assert_eq!(
        service.position(),
        before + 3,
        "three ends are three events"
    );
    assert!(!service.refuses(&tokens[3]));
}
