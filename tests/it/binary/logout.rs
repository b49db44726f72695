use std::collections::BTreeMap;
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::routing::post;
use http::StatusCode;
use http::header::{CONTENT_TYPE, COOKIE, LOCATION, SET_COOKIE};
use keywright_jwt::{Algorithm, Compact, JwkSet, VerifyingKey};
use keywright_tests::flow::{CHALLENGE, VERIFIER, pairs_of};
use keywright_tests::{Binary, attribute, escaped, forge};
use reqwest::redirect::Policy;
use reqwest::{Client, RequestBuilder, Response};
use serde_json::Value;
use tokio::net::TcpListener;
use tokio::sync::mpsc;
use tokio::time::{sleep, timeout};

const PATIENCE: Duration = Duration::from_secs(120);
const CALLBACK: &str = "http://127.0.0.1:9/cb";

type Logouts = mpsc::UnboundedSender<BTreeMap<String, String>>;

async fn hear(State(logouts): State<Logouts>, body: Bytes) {
    logouts
        .send(pairs_of(str::from_utf8(&body).unwrap()))
        .unwrap();
}

/// A client's own server, which takes every logout.
async fn receiver() -> (String, mpsc::UnboundedReceiver<BTreeMap<String, String>>) {
    let (logouts, heard) = mpsc::unbounded_channel();
    let router = Router::new().route("/out", post(hear)).with_state(logouts);
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move { axum::serve(listener, router).await });
    (format!("http://127.0.0.1:{port}/out"), heard)
}

/// A browser, as far as a login needs one.
struct Browser<'a> {
    binary: &'a Binary,
    http: Client,
    cookies: Vec<String>,
}

impl Browser<'_> {
    fn keep(&mut self, response: &Response) {
        for cookie in response.headers().get_all(SET_COOKIE) {
            let pair = cookie.to_str().unwrap().split(';').next().unwrap();
            self.cookies.push(pair.to_owned());
        }
    }

    /// The code that a login of the quickstart's person leads to.
    async fn log_in(&mut self) -> String {
        let request = format!(
            "/oauth2/authorize?client_id=shop&redirect_uri={CALLBACK}&response_type=code&scope=openid\
             &code_challenge={CHALLENGE}&code_challenge_method=S256"
        );
        let page = self
            .http
            .get(self.binary.url(&request))
            .send()
            .await
            .unwrap();
        self.keep(&page);
        let page = page.text().await.unwrap();
        let hidden =
            |name: &str| attribute(&page, &format!("name=\"{name}\" value=\"")).expect(name);
        let user = &self.binary.manifest()["user"];
        let form = [
            ("csrf", &*hidden("csrf")),
            ("ticket", &*hidden("ticket")),
            ("username", user["username"].as_str().unwrap()),
            ("password", user["password"].as_str().unwrap()),
        ];
        let call = with_form(self.http.post(self.binary.url("/login")), &form);
        let call = call.header(COOKIE, self.cookies.join("; "));
        let answer = call.header("sec-fetch-site", "same-origin").send().await;
        let answer = answer.unwrap();
        assert_eq!(answer.status(), StatusCode::SEE_OTHER);
        let location = answer.headers()[LOCATION].to_str().unwrap();
        let (_, code) = location.split_once("?code=").expect("a code");
        code.split('&').next().unwrap().to_owned()
    }
}

fn with_form(call: RequestBuilder, pairs: &[(&str, &str)]) -> RequestBuilder {
    let pairs = pairs.iter();
    let pairs: Vec<_> = pairs
        .map(|(name, value)| format!("{name}={}", escaped(value)))
        .collect();
    call.header(CONTENT_TYPE, "application/x-www-form-urlencoded")
        .body(pairs.join("&"))
}

/// As soon as a key of the algorithm that the client asks for may sign.
async fn tokens(binary: &Binary, code: &str) -> Value {
    let form = [
        ("grant_type", "authorization_code"),
        ("client_id", "shop"),
        ("code", code),
        ("redirect_uri", CALLBACK),
        ("code_verifier", VERIFIER),
    ];
    loop {
        let call = with_form(binary.http().post(binary.url("/oauth2/token")), &form);
        let answer = call.send().await.unwrap();
        if answer.status() != StatusCode::SERVICE_UNAVAILABLE {
            assert_eq!(answer.status(), StatusCode::OK);
            return answer.json().await.unwrap();
        }
        sleep(Duration::from_millis(100)).await;
    }
}

async fn is_signed_by(binary: &Binary, token: &str) -> bool {
    let jwks = binary.http().get(binary.url("/.well-known/jwks.json"));
    let jwks = jwks.send().await.unwrap().bytes().await.unwrap();
    let header = forge::header(token);
    let set = JwkSet::parse(&jwks).unwrap();
    let jwk = set
        .find(header["kid"].as_str().unwrap())
        .expect("it is served");
    let algorithm: Algorithm = header["alg"].as_str().unwrap().parse().unwrap();
    let key = VerifyingKey::from_jwk(jwk, algorithm).unwrap();
    let compact = Compact::split(token).unwrap();
    let signature = compact.decode_signature().unwrap();
    key.verify(compact.signing_input(), signature.as_bytes())
        .is_ok()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn client_is_sent_a_logout_token_that_verifies_and_the_delivery_is_counted() {
    let (uri, mut heard) = receiver().await;
    let binary = Binary::quickstart(&[("KEYWRIGHT_CLIENTS__PRIVATE_ADDRESSES", "true")]).await;
    let registered = binary.run(&[
        "client",
        "create",
        "--name",
        "Shop",
        "--id",
        "shop",
        "--public",
        "--first-party",
        "--grant",
        "authorization-code",
        "--grant",
        "refresh-token",
        "--openid-scope",
        "openid",
        "--redirect-uri",
        CALLBACK,
        "--backchannel-logout-uri",
        &uri,
    ]);
    assert!(
        registered.status.success(),
        "{}",
        String::from_utf8_lossy(&registered.stderr)
    );
    let http = Client::builder().redirect(Policy::none()).build().unwrap();
    let mut browser = Browser {
        binary: &binary,
        http,
        cookies: Vec::new(),
    };
    let code = timeout(PATIENCE, browser.log_in()).await.expect("a login");
    let tokens = timeout(PATIENCE, tokens(&binary, &code))
        .await
        .expect("tokens");
    let known = forge::claims(tokens["id_token"].as_str().unwrap());

    let form = [
        ("client_id", "shop"),
        ("token", tokens["refresh_token"].as_str().unwrap()),
    ];
    let revoked = with_form(binary.http().post(binary.url("/oauth2/revoke")), &form);
    assert_eq!(revoked.send().await.unwrap().status(), StatusCode::OK);
    let told = timeout(PATIENCE, heard.recv())
        .await
        .expect("told in time")
        .unwrap();
    let token = &told["logout_token"];
    assert!(is_signed_by(&binary, token).await);
    assert_eq!(forge::header(token)["typ"], "logout+jwt");
    let claims = forge::claims(token);
    for name in ["iss", "aud", "sub", "sid"] {
        assert_eq!(claims[name], known[name], "{name}");
    }
    assert!(claims["events"]["http://schemas.openid.net/event/backchannel-logout"].is_object());

    let counted = "keywright_logout_deliveries_total{outcome=\"delivered\"} 1";
    let figures = async {
        loop {
            let metrics = binary
                .http()
                .get(binary.url("/metrics"))
                .send()
                .await
                .unwrap();
            if metrics.text().await.unwrap().contains(counted) {
                return;
            }
            sleep(Duration::from_millis(100)).await;
        }
    };
    timeout(PATIENCE, figures).await.expect("it is counted");
}
