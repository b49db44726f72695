use std::fs;
use std::sync::Arc;
use std::time::Duration;

use aws_lc_rs::hmac;
use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::response::IntoResponse;
use http::{HeaderMap, StatusCode};
use keywright_tests::Binary;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::sync::mpsc;
use tokio::time::timeout;

const SECRET: [u8; 32] = *b"a secret that is shared by both.";
/// Longer than the waits between the first three attempts.
const SOON: Duration = Duration::from_secs(300);

struct Post {
    headers: HeaderMap,
    body: Bytes,
}

impl Post {
    fn header(&self, name: &str) -> &str {
        self.headers[name].to_str().unwrap()
    }

    /// As the convention has receivers do it.
    fn check_signature(&self) {
        let (id, at) = (self.header("webhook-id"), self.header("webhook-timestamp"));
        let signed = [id.as_bytes(), b".", at.as_bytes(), b".", &self.body].concat();
        let signature = self
            .header("webhook-signature")
            .strip_prefix("v1,")
            .unwrap();
        let tag = base64_simd::STANDARD.decode_to_vec(signature).unwrap();
        let key = hmac::Key::new(hmac::HMAC_SHA256, &SECRET);
        hmac::verify(&key, &signed, &tag).expect("the signature");
    }
}

struct Receiver {
    posts: mpsc::UnboundedSender<Post>,
    /// What it answers first; from then on 204.
    first: mpsc::Receiver<StatusCode>,
}

type Shared = Arc<tokio::sync::Mutex<Receiver>>;

async fn take(
    State(receiver): State<Shared>,
    headers: HeaderMap,
    body: Bytes,
) -> impl IntoResponse {
    let mut receiver = receiver.lock().await;
    receiver.posts.send(Post { headers, body }).unwrap();
    let status = receiver.first.try_recv().unwrap_or(StatusCode::NO_CONTENT);
    (status, [("location", "/elsewhere")])
}

/// A receiver that answers with these first, and takes everything from then on.
async fn receiver(answers: &[StatusCode]) -> (u16, mpsc::UnboundedReceiver<Post>) {
    let (posts, received) = mpsc::unbounded_channel();
    let (answer, first) = mpsc::channel(8);
    for status in answers {
        answer.send(*status).await.unwrap();
    }
    let shared = Arc::new(tokio::sync::Mutex::new(Receiver { posts, first }));
    let router = Router::new()
        .route("/hook/of-ops", axum::routing::post(take))
        // Who follows believes to have told it, and the third attempt never comes.
        .route(
            "/elsewhere",
            axum::routing::any(|| async { StatusCode::OK }),
        )
        .with_state(shared);
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move { axum::serve(listener, router).await });
    (port, received)
}

async fn steal(binary: &Binary) -> String {
    let user = &binary.manifest()["user"];
    let login = json!({ "username": user["username"], "password": user["password"] });
    let tokens = post(binary, "/v1/login", &login).await;
    let stolen = json!({ "refresh_token": tokens["refresh_token"] });
    post(binary, "/v1/refresh", &stolen).await;
    post(binary, "/v1/refresh", &stolen).await;
    tokens["session_id"].as_str().unwrap().to_owned()
}

async fn post(binary: &Binary, path: &str, body: &Value) -> Value {
    let request = binary.http().post(binary.url(path)).json(body);
    request.send().await.unwrap().json().await.unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn reuse_is_told_to_a_receiver_that_fails_first_and_the_signature_is_right() {
    let answers = [
        StatusCode::INTERNAL_SERVER_ERROR,
        StatusCode::TEMPORARY_REDIRECT,
    ];
    let (port, mut received) = receiver(&answers).await;
    let mut binary = Binary::quickstart(&[("KEYWRIGHT_SESSIONS__GRACE", "0s")]).await;
    assert!(binary.stop().await);
    let secret = base64_simd::STANDARD.encode_to_string(SECRET);
    fs::write(
        binary.data().join("hook.secret"),
        format!("whsec_{secret}\n"),
    )
    .unwrap();
    let url = format!("http://127.0.0.1:{port}/hook/of-ops");
    binary.set_override("KEYWRIGHT_WEBHOOKS__URL", &url);
    binary.set_override("KEYWRIGHT_WEBHOOKS__SECRET", "file:hook.secret");
    binary.start_serve().await;

    let session = steal(&binary).await;
    let mut posts = Vec::new();
    for _ in 0..3 {
        let post = timeout(SOON, received.recv()).await.expect("told in time");
        posts.push(post.unwrap());
    }
    for post in &posts {
        post.check_signature();
        assert_eq!(post.header("webhook-id"), posts[0].header("webhook-id"));
        assert_eq!(post.body, posts[0].body, "the same notice each time");
    }
    assert!(posts[0].header("webhook-timestamp") < posts[2].header("webhook-timestamp"));
    let notice: Value = serde_json::from_slice(&posts[0].body).unwrap();
    assert_eq!(notice["type"], "session.refresh.reused");
    assert_eq!(notice["data"]["session"], session);
    assert!(
        !binary.stderr().contains("of-ops"),
        "the URL may be a secret: {}",
        binary.stderr()
    );
    assert_eq!(
        binary.stderr().matches("webhook.notice.postponed").count(),
        2
    );
}
