//! Each example as a process of its own, against an issuer on loopback.
#![expect(clippy::expect_used, reason = "a test fails by panicking")]

use std::io::{BufRead, BufReader, Read, Write};
use std::process::{Child, Command, Stdio};

use axum::{Router, routing::get};
use keywright_examples::orders::{FIND, Order, Wanted};
use keywright_jwt::{Algorithm, JwkSet, SigningKey};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tonic::transport::{Channel, Endpoint};
use tonic::{Code, Request, Status};

const AUDIENCE: &str = "https://orders.example";
/// Two bits per entry, entry 0 valid and entry 1 invalid, as ZLIB.
const LIST: &str = "eNpjAQAABQAF";

struct Issuer {
    url: String,
    key: SigningKey,
}

/// An example that runs, ended when dropped.
struct Example(Child);

impl Drop for Example {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

impl Issuer {
    async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let url = format!("http://{}", listener.local_addr().expect("an address"));
        let (key, _) = SigningKey::generate(Algorithm::Es256).expect("a key");
        let jwks = JwkSet {
            keys: vec![key.public_jwk().expect("a public key")],
        }
        .to_json();
        let metadata = json!({"issuer": url, "jwks_uri": format!("{url}/jwks")}).to_string();
        let list = json!({"sub": format!("{url}/status/1"), "iat": 1_700_000_000, "ttl": 60,
            "status_list": {"bits": 2, "lst": LIST}});
        let list = key
            .sign("statuslist+jwt", list.to_string().as_bytes())
            .expect("a list");
        let feed = ([("content-type", "text/event-stream")], feed(&url, &key));
        let app = Router::new()
            .route(
                "/.well-known/openid-configuration",
                get(move || async { metadata }),
            )
            .route("/jwks", get(move || async { jwks }))
            .route("/status/1", get(move || async { list }))
            .route("/feed", get(move || async { feed }));
        tokio::spawn(async move { axum::serve(listener, app).await.expect("a server") });
        Self { url, key }
    }

    fn token(&self, change: impl FnOnce(&mut Value)) -> String {
        let mut claims = json!({
            "iss": self.url, "sub": "alice", "aud": AUDIENCE, "client_id": "shop", "exp": 4_102_444_800_i64,
            "iat": 1_700_000_000, "jti": "1", "scope": "read:orders", "tenant": "acme",
        });
        change(&mut claims);
        self.key
            .sign("at+jwt", claims.to_string().as_bytes())
            .expect("a token")
    }

    fn listed(&self, index: u64) -> String {
        let uri = format!("{}/status/1", self.url);
        self.token(|claims| claims["status"] = json!({"status_list": {"idx": index, "uri": uri}}))
    }

    fn run(&self, program: &str) -> Example {
        self.run_with(program, &[])
    }

    fn run_with(&self, program: &str, more: &[&str]) -> Example {
        let mut command = Command::new(program);
        command
            .args([&self.url, AUDIENCE])
            .args(more)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped());
        Example(command.spawn().expect("an example"))
    }
}

/// A short stream that kills entry 2 and ends; whoever comes back gets it again.
fn feed(issuer: &str, key: &SigningKey) -> String {
    let since_epoch = std::time::UNIX_EPOCH.elapsed().expect("a clock after 1970");
    let message = |position: u64, name: &str, event: Value| {
        let payload = json!({"iss": issuer, "aud": format!("{issuer}/feed"), "iat": since_epoch.as_secs(), "jti": "1",
            "position": position, "events": {name: event}});
        let event = key.sign("secevent+jwt", payload.to_string().as_bytes());
        format!("data: {}\n\n", event.expect("an event"))
    };
    let status = json!({"uri": format!("{issuer}/status/1"), "idx": 2, "value": 1});
    let killed = message(
        1,
        "urn:keywright:event:client-status",
        json!({ "status": status }),
    );
    message(0, "urn:keywright:event:snapshot", json!({})) + &killed
}

/// The address that a server prints when it listens.
async fn address(example: &mut Example) -> String {
    let output = example.0.stdout.take().expect("piped");
    let read = move || {
        let mut line = String::new();
        BufReader::new(output).read_line(&mut line).expect("a line");
        line.trim().to_owned()
    };
    tokio::task::spawn_blocking(read).await.expect("no panic")
}

/// Status, challenge and body of a request with this token.
async fn ask(url: &str, token: Option<&str>) -> (u16, String, String) {
    let client = reqwest::Client::builder()
        .tls_certs_only([])
        .no_proxy()
        .build()
        .expect("a client");
    let mut request = client.get(url);
    if let Some(token) = token {
        request = request.bearer_auth(token);
    }
    let response = request.send().await.expect("an answer");
    let challenge = response.headers().get("www-authenticate");
    let challenge = challenge
        .map_or("", |value| value.to_str().expect("ASCII"))
        .to_owned();
    (
        response.status().as_u16(),
        challenge,
        response.text().await.expect("a body"),
    )
}

fn use_aws_lc() {
    // Whichever test is first.
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
}

#[tokio::test(flavor = "multi_thread")]
async fn plain_tells_each_token_why() {
    let issuer = Issuer::start().await;
    let mut example = issuer.run(env!("CARGO_BIN_EXE_plain"));
    let tokens = [
        issuer.token(|_| ()),
        issuer.token(|claims| claims["aud"] = json!("https://billing.example")),
        issuer.token(|claims| claims["exp"] = json!(1_700_000_300)),
        "garbage".to_owned(),
    ];
    let mut input = example.0.stdin.take().expect("piped");
    input
        .write_all((tokens.join("\n") + "\n").as_bytes())
        .expect("written");
    drop(input);
    let mut output = example.0.stdout.take().expect("piped");
    let read = move || {
        let mut text = String::new();
        output.read_to_string(&mut text).expect("text");
        text
    };
    let text = tokio::task::spawn_blocking(read).await.expect("no panic");
    assert_eq!(
        text,
        "accepted alice\nrefused wrong_audience\nrefused expired\nrefused not_compact_jws\n"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn axum_protects_its_routes_and_follows_revocations() {
    use_aws_lc();
    let issuer = Issuer::start().await;
    let mut example = issuer.run(env!("CARGO_BIN_EXE_axum_api"));
    let url = address(&mut example).await;
    let orders = format!("{url}/orders");
    let good = issuer.token(|_| ());
    assert_eq!(
        ask(&orders, Some(&good)).await.2,
        "orders of alice (tenant acme)"
    );
    let (status, challenge, _) = ask(&orders, None).await;
    let metadata = "https://orders.example/.well-known/oauth-protected-resource";
    assert_eq!(status, 401);
    assert_eq!(
        challenge,
        format!(r#"Bearer realm="orders", resource_metadata="{metadata}""#)
    );
    let without_scope = issuer.token(|claims| claims["scope"] = json!("openid"));
    assert_eq!(ask(&orders, Some(&without_scope)).await.0, 403);
    assert_eq!(
        ask(&format!("{url}/whoami"), Some(&without_scope)).await.2,
        "alice"
    );
    let (status, _, document) =
        ask(&format!("{url}/.well-known/oauth-protected-resource"), None).await;
    let document: Value = serde_json::from_str(&document).expect("JSON");
    assert_eq!(
        (status, &document["authorization_servers"]),
        (200, &json!([issuer.url]))
    );
    // The list is fetched when the first token refers to it, and that token waits for it.
    let answer = ask(&orders, Some(&issuer.listed(0))).await;
    assert_eq!(answer.0, 200, "{answer:?}");
    let (status, challenge, _) = ask(&orders, Some(&issuer.listed(1))).await;
    assert!(
        status == 401 && challenge.contains("the token has been revoked"),
        "{challenge}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn tower_protects_a_service_without_any_framework() {
    use_aws_lc();
    let issuer = Issuer::start().await;
    let mut example = issuer.run(env!("CARGO_BIN_EXE_tower_hyper"));
    let url = address(&mut example).await;
    let good = issuer.token(|_| ());
    assert_eq!(
        ask(&url, Some(&good)).await,
        (200, String::new(), "hello alice".to_owned())
    );
    assert_eq!(ask(&url, None).await.0, 401);
    let without_scope = issuer.token(|claims| claims["scope"] = json!("openid"));
    assert_eq!(ask(&url, Some(&without_scope)).await.0, 403);
}

/// A call of the gRPC service with this token.
async fn find(channel: &Channel, path: &'static str, token: Option<&str>) -> Result<Order, Status> {
    let mut request = Request::new(Wanted { number: 7 });
    if let Some(token) = token {
        let value = format!("Bearer {token}").parse().expect("ASCII");
        request.metadata_mut().insert("authorization", value);
    }
    let mut client = tonic::client::Grpc::new(channel.clone());
    client.ready().await.expect("a connection");
    let codec = tonic_prost::ProstCodec::default();
    let path = http::uri::PathAndQuery::from_static(path);
    let answer = client.unary(request, path, codec).await?;
    Ok(answer.into_inner())
}

#[tokio::test(flavor = "multi_thread")]
async fn tonic_protects_a_grpc_service_in_codes_that_its_clients_know() {
    let issuer = Issuer::start().await;
    let mut example = issuer.run(env!("CARGO_BIN_EXE_tonic_grpc"));
    let url = address(&mut example).await;
    let endpoint = Endpoint::from_shared(url).expect("an address");
    let channel = endpoint.connect().await.expect("a connection");
    let good = issuer.token(|_| ());
    let order = find(&channel, FIND, Some(&good)).await;
    let owner = "alice".to_owned();
    assert_eq!(order.expect("an order"), Order { number: 7, owner });
    let without_scope = issuer.token(|claims| claims["scope"] = json!("openid"));
    for (path, token, code) in [
        (FIND, None, Code::Unauthenticated),
        (FIND, Some("garbage"), Code::Unauthenticated),
        (FIND, Some(&*without_scope), Code::PermissionDenied),
        (FIND, Some(&*issuer.listed(1)), Code::Unauthenticated),
        ("/shop.Orders/Burn", Some(&*good), Code::Unimplemented),
    ] {
        let refused = find(&channel, path, token).await;
        let refused = refused.expect_err("a refusal");
        assert_eq!(refused.code(), code, "{refused:?}");
        // The challenge comes along, for clients that know what to do with it.
        let challenge = refused.metadata().contains_key("www-authenticate");
        assert_eq!(challenge, code != Code::Unimplemented, "{refused:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn axum_refuses_a_token_that_the_feed_has_killed() {
    use_aws_lc();
    let issuer = Issuer::start().await;
    let secret = tempfile::NamedTempFile::new().expect("a file");
    std::fs::write(secret.path(), "s3cret\n").expect("written");
    let path = secret.path().to_str().expect("a path");
    let mut example = issuer.run_with(env!("CARGO_BIN_EXE_axum_api"), &["orders-api", path]);
    let orders = format!("{}/orders", address(&mut example).await);
    let mut answer = (0, String::new(), String::new());
    for _ in 0..100 {
        answer = ask(&orders, Some(&issuer.listed(2))).await;
        if answer.0 == 401 {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    assert!(
        answer.1.contains("the token has been revoked"),
        "{answer:?}"
    );
    assert_eq!(ask(&orders, Some(&issuer.listed(0))).await.0, 200);
}
