//! A verifier as a service has it, following the real server: what is killed there is refused here.
#![expect(
    clippy::disallowed_methods,
    reason = "the promise is in real time, between processes"
)]

use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use keywright_domain::client::ASSERTION_TYPE;
use keywright_domain::feed::FOLLOW;
use keywright_jwt::{Algorithm, SigningKey};
use keywright_tests::{Binary, escaped, key_set};
use keywright_verify::remote::{
    FeedToken, RemoteFeed, RemoteFeedBuilder, RemoteKeys, RemoteStatusLists,
};
use keywright_verify::{StatusLists, Verifier, WhenUnknown};
use serde_json::{Value, json};
use tokio::time::sleep;

/// From the answer to a logout until no connected verifier takes the token any more.
const BOUND: Duration = Duration::from_secs(1);

struct Follower {
    verifier: Verifier,
    feed: RemoteFeed,
}

impl Follower {
    async fn of(binary: &Binary) -> Self {
        let secret = std::fs::read_to_string(binary.data().join("demo-api.secret")).unwrap();
        let by_secret =
            |keys: &_, lists: &_| RemoteFeed::of(keys, lists, "demo-api", secret.trim_end());
        Self::by(binary, by_secret).await
    }

    async fn by(
        binary: &Binary,
        feed: impl FnOnce(&RemoteKeys, &RemoteStatusLists) -> RemoteFeedBuilder,
    ) -> Self {
        let audience = binary.manifest()["demo_api"]["audience"].clone();
        let issuer = binary.issuer();
        let keys = RemoteKeys::of_issuer(&issuer).start().unwrap();
        keys.ready().await.unwrap();
        let lists = StatusLists::new(&issuer, keys.slot(), 600);
        let lists = RemoteStatusLists::of(lists).discover().start().unwrap();
        let verifier = Verifier::builder(&issuer, keys.slot())
            .audience(audience.as_str().unwrap())
            .revocation(lists.clone(), WhenUnknown::FailClosed)
            .cache(1 << 20)
            .build()
            .unwrap();
        let feed = feed(&keys, &lists).report(&verifier).instance("test");
        let feed = feed.start().unwrap();
        let this = Self { verifier, feed };
        this.until(|this| this.feed.state().connected).await;
        this
    }

    async fn code(&self, session: &Session) -> &'static str {
        match self.verifier.verify_fresh(&session.access).await {
            Ok(_) => "accepted",
            Err(refusal) => refusal.code(),
        }
    }

    async fn until(&self, holds: impl Fn(&Self) -> bool) {
        let start = Instant::now();
        while !holds(self) {
            let state = self.feed.state();
            assert!(start.elapsed() < 20 * BOUND, "never: {state:?}");
            sleep(Duration::from_millis(5)).await;
        }
    }

    /// How long until the session's token is refused, and why.
    async fn refusal(&self, session: &Session) -> (Duration, &'static str) {
        let start = Instant::now();
        loop {
            let code = self.code(session).await;
            if code != "accepted" || start.elapsed() > 20 * BOUND {
                return (start.elapsed(), code);
            }
            sleep(Duration::from_millis(1)).await;
        }
    }
}

struct Session {
    access: String,
    refresh: String,
}

async fn log_in(binary: &Binary) -> Session {
    let user = binary.manifest()["user"].clone();
    let login = json!({ "username": user["username"], "password": user["password"] });
    let answer = binary
        .http()
        .post(binary.url("/v1/login"))
        .json(&login)
        .send();
    let tokens: Value = answer.await.unwrap().json().await.unwrap();
    let text = |name: &str| tokens[name].as_str().unwrap().to_owned();
    Session {
        access: text("access_token"),
        refresh: text("refresh_token"),
    }
}

async fn log_out(binary: &Binary, session: &Session) {
    let body = json!({ "refresh_token": session.refresh });
    let answer = binary
        .http()
        .post(binary.url("/v1/logout"))
        .json(&body)
        .send();
    assert_eq!(answer.await.unwrap().status(), 204);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_killed_token_is_refused_within_a_second() {
    let binary = Binary::quickstart(&[]).await;
    let follower = Follower::of(&binary).await;
    let bystander = log_in(&binary).await;
    for _ in 0..5 {
        let session = log_in(&binary).await;
        assert_eq!(follower.code(&session).await, "accepted");
        log_out(&binary, &session).await;
        let (took, code) = follower.refusal(&session).await;
        assert_eq!(code, "revoked");
        assert!(took < BOUND, "{took:?}");
    }
    assert_eq!(follower.code(&bystander).await, "accepted");
    assert_eq!(follower.feed.state().interruptions, 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_kill_is_missed_however_often_the_server_dies() {
    let mut binary = Binary::quickstart(&[]).await;
    let follower = Follower::of(&binary).await;
    let bystander = log_in(&binary).await;
    for round in 1..=3 {
        let session = log_in(&binary).await;
        assert_eq!(follower.code(&session).await, "accepted");
        log_out(&binary, &session).await;
        // Before or after the event has left, by chance.
        binary.kill();
        follower
            .until(|this| this.feed.state().interruptions >= round)
            .await;
        binary.start_serve().await;
        let (_, code) = follower.refusal(&session).await;
        assert_eq!(code, "revoked", "round {round}");
        follower.until(|this| this.feed.state().connected).await;
    }
    assert_eq!(follower.code(&bystander).await, "accepted");
}

/// A service that keeps a key and no secret.
#[derive(Clone)]
struct Signing {
    http: reqwest::Client,
    issuer: String,
    key: Arc<SigningKey>,
}

impl Signing {
    fn register(binary: &Binary) -> Self {
        let (key, _) = SigningKey::generate(Algorithm::Es256).unwrap();
        let file = binary.data().join("signing.jwks");
        std::fs::write(&file, key_set(&[&key]).to_string()).unwrap();
        let allowed = format!("{}={FOLLOW}", binary.issuer());
        let arguments = [
            "client",
            "create",
            "--name",
            "S",
            "--id",
            "signing",
            "--grant",
            "client-credentials",
            "--allow",
            &allowed,
            "--auth-method",
            "private_key_jwt",
            "--jwks",
            file.to_str().unwrap(),
        ];
        let created = binary.run(&arguments);
        assert!(created.status.success(), "{created:?}");
        Self {
            http: binary.http().clone(),
            issuer: binary.issuer(),
            key: Arc::new(key),
        }
    }

    async fn token(self) -> Option<FeedToken> {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
        let claims = json!({
            "iss": "signing", "sub": "signing", "aud": self.issuer, "jti": now.as_nanos().to_string(),
            "iat": now.as_secs(), "exp": now.as_secs() + 60,
        });
        let assertion = self.key.sign("JWT", claims.to_string().as_bytes());
        let assertion = assertion.unwrap();
        let body = format!(
            "grant_type=client_credentials&client_assertion={assertion}&client_assertion_type={}",
            escaped(ASSERTION_TYPE)
        );
        let asked = self.http.post(format!("{}/oauth2/token", self.issuer));
        let asked = asked.header("content-type", "application/x-www-form-urlencoded");
        let answer = asked.body(body).send().await.ok()?;
        let tokens: Value = answer.json().await.ok()?;
        let token = tokens["access_token"].as_str()?.to_owned();
        Some(FeedToken::Bearer(token))
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_service_without_a_secret_follows_by_tokens_that_it_signs_for() {
    let binary = Binary::quickstart(&[]).await;
    let signing = Signing::register(&binary);
    let follower = Follower::by(&binary, |keys, lists| {
        RemoteFeed::by_token(keys, lists, move |_| signing.clone().token())
    })
    .await;
    let session = log_in(&binary).await;
    assert_eq!(follower.code(&session).await, "accepted");
    log_out(&binary, &session).await;
    let (took, code) = follower.refusal(&session).await;
    assert_eq!(code, "revoked");
    assert!(took < BOUND, "{took:?}");
    assert_eq!(follower.feed.state().report_error, None);
}
