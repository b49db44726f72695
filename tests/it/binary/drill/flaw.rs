//! A reverse proxy that breaks one thing and leaves the rest as the real server answers it.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use serde_json::Value;
use tokio::net::TcpListener;
use tokio::time::{Instant, sleep};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flaw {
    ForgivesTheft,
    IgnoresLogout,
    TellsByWords,
    TellsByTime,
    NeverLimits,
    DropsHeaders,
    BelievesEveryToken,
}

/// Longer than the grace time of the server behind.
const LATE: Duration = Duration::from_millis(1_200);
/// More than what a busy machine adds by chance.
const SLOWER: Duration = Duration::from_millis(700);
const LONGEST: usize = 64 * 1024 * 1024;
/// More than the server reads of any form.
const LARGE: usize = 128 * 1024;

#[derive(Clone)]
struct Proxy {
    behind: String,
    flaw: Flaw,
    http: reqwest::Client,
    /// Superseded refresh tokens, when they were, and by what.
    successors: Arc<Mutex<HashMap<String, (Instant, String)>>>,
}

pub async fn serve(listener: TcpListener, behind: String, flaw: Flaw) {
    // A connection that the server has closed after an oversized request must not be taken for the next: its 502 would be the proxy's.
    let as_it_comes = reqwest::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .pool_max_idle_per_host(0);
    let proxy = Proxy {
        behind,
        flaw,
        http: as_it_comes.build().expect("a client"),
        successors: Arc::default(),
    };
    let router = Router::new().fallback(pass).with_state(proxy);
    let _ = axum::serve(listener, router).await;
}

async fn pass(State(proxy): State<Proxy>, request: Request) -> Response {
    let (head, body) = request.into_parts();
    let path = head.uri.path().to_owned();
    let Ok(mut body) = to_bytes(body, LONGEST).await else {
        return StatusCode::BAD_REQUEST.into_response();
    };
    if path == "/v1/logout" && proxy.flaw == Flaw::IgnoresLogout {
        return StatusCode::NO_CONTENT.into_response();
    }
    let presented = member(&body, "refresh_token");
    if path == "/v1/refresh" && proxy.flaw == Flaw::ForgivesTheft {
        body = proxy.newest(&presented).map_or(body, |newest| {
            serde_json::json!({ "refresh_token": newest })
                .to_string()
                .into()
        });
    }
    let target = format!("{}{}", proxy.behind, head.uri);
    let mut headers = head.headers;
    headers.remove("content-length");
    let is_stranger = member(&body, "username").contains("nobody");
    let len = body.len();
    let asked = proxy
        .http
        .request(head.method, target)
        .headers(headers)
        .body(body);
    let Ok(answer) = asked.send().await else {
        // A server that refuses a body before it has read all of it cuts the connection, and its answer may be lost with that.
        let lost = match len {
            ..LARGE => StatusCode::BAD_GATEWAY,
            LARGE.. => StatusCode::PAYLOAD_TOO_LARGE,
        };
        return lost.into_response();
    };
    proxy.answer(answer, &path, is_stranger, presented).await
}

impl Proxy {
    async fn answer(
        &self,
        answer: reqwest::Response,
        path: &str,
        is_stranger: bool,
        presented: String,
    ) -> Response {
        let (mut status, mut headers) = (answer.status(), answer.headers().clone());
        headers.remove("transfer-encoding");
        headers.remove("content-length");
        if headers
            .get("content-type")
            .is_some_and(|kind| kind == "text/event-stream")
        {
            return (status, headers, Body::empty()).into_response();
        }
        let mut body = answer.bytes().await.unwrap_or_default();
        let is_login = path == "/v1/login";
        match self.flaw {
            Flaw::ForgivesTheft if path == "/v1/refresh" => {
                self.remember(presented, member(&body, "refresh_token"))
            }
            Flaw::TellsByWords if is_login && status == 401 && is_stranger => {
                body = Bytes::from_static(br#"{"code":"no_such_user"}"#);
            }
            Flaw::TellsByTime if is_login && status == 401 && !is_stranger => sleep(SLOWER).await,
            Flaw::NeverLimits if is_login && status == 429 => status = StatusCode::UNAUTHORIZED,
            Flaw::BelievesEveryToken if path == "/oauth2/introspect" && status == 200 => {
                body = Bytes::from_static(br#"{"active":true}"#);
            }
            Flaw::DropsHeaders => headers = only_content_type(&headers),
            Flaw::ForgivesTheft
            | Flaw::TellsByWords
            | Flaw::TellsByTime
            | Flaw::NeverLimits
            | Flaw::BelievesEveryToken
            | Flaw::IgnoresLogout => {}
        }
        (status, headers, body).into_response()
    }

    /// What superseded this token, if that was long enough ago.
    fn newest(&self, token: &str) -> Option<String> {
        let successors = self.successors.lock().unwrap();
        let (at, mut newest) = successors.get(token).cloned()?;
        while let Some((_, next)) = successors.get(&newest) {
            newest = next.clone();
        }
        (at.elapsed() > LATE).then_some(newest)
    }

    fn remember(&self, old: String, new: String) {
        if !new.is_empty() && old != new {
            let mut successors = self.successors.lock().unwrap();
            successors.entry(old).or_insert((Instant::now(), new));
        }
    }
}

fn member(body: &[u8], name: &str) -> String {
    let body: Value = serde_json::from_slice(body).unwrap_or_default();
    body[name].as_str().unwrap_or_default().to_owned()
}

fn only_content_type(headers: &HeaderMap) -> HeaderMap {
    let kind = headers.get("content-type").cloned();
    kind.map(|kind| ("content-type".parse().unwrap(), kind))
        .into_iter()
        .collect()
}
