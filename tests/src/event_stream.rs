//! An answer that goes on: server-sent events, as they come.

use std::time::Duration;

use axum::body::Body;
use http::{HeaderMap, Response, StatusCode};
use http_body_util::BodyExt;
use keywright_jwt::{Compact, Unverified, VerifyingKey, decode_unverified};
use serde_json::Value;
use tokio::time::timeout;

use crate::TestIssuer;

/// Long enough for a busy machine; a message that has not come by then does not come.
const PATIENCE: Duration = Duration::from_secs(20);
/// Messages that are there already come at once.
const GLANCE: Duration = Duration::from_millis(50);

#[derive(Debug)]
pub struct EventStream {
    pub status: StatusCode,
    pub headers: HeaderMap,
    body: Body,
    unread: String,
}

/// One block of the stream.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    pub id: Option<u64>,
    pub event: String,
    pub data: String,
}

impl EventStream {
    pub fn new(response: Response<Body>) -> Self {
        let (parts, body) = response.into_parts();
        Self {
            status: parts.status,
            headers: parts.headers,
            body,
            unread: String::new(),
        }
    }

    /// The next message; `None`: the stream has ended.
    pub async fn next(&mut self) -> Option<Message> {
        timeout(PATIENCE, self.read())
            .await
            .expect("a message, or the end")
    }

    /// The next message, which must come.
    pub async fn message(&mut self) -> Message {
        self.next().await.expect("the stream goes on")
    }

    /// The next message that is no heartbeat.
    pub async fn event(&mut self) -> Message {
        loop {
            let message = self.message().await;
            if message.event != "heartbeat" {
                return message;
            }
        }
    }

    /// Nothing is there to be read, and the stream has not ended.
    pub async fn is_silent(&mut self) -> bool {
        timeout(GLANCE, self.read()).await.is_err()
    }

    /// Cancel safe: what was read stays in `unread`.
    async fn read(&mut self) -> Option<Message> {
        loop {
            if let Some((block, rest)) = self.unread.split_once("\n\n") {
                let message = Message::parse(block);
                self.unread = rest.to_owned();
                return Some(message);
            }
            let frame = self.body.frame().await?.expect("the body does not break");
            let bytes = frame.into_data().expect("data");
            self.unread
                .push_str(std::str::from_utf8(&bytes).expect("UTF-8"));
        }
    }
}

impl Message {
    fn parse(block: &str) -> Self {
        let field = |name: &str| {
            let line = block.lines().find_map(|line| line.strip_prefix(name));
            line.map(|value| value.strip_prefix(": ").expect("a value").to_owned())
        };
        Self {
            id: field("id").map(|id| id.parse().expect("a number")),
            event: field("event").expect("an event name"),
            data: field("data").expect("data"),
        }
    }

    /// The payload, after the signature was checked with the key set that the issuer serves now.
    #[track_caller]
    pub fn verified(&self, issuer: &TestIssuer) -> Value {
        let token = self.unverified();
        assert_eq!(token.header["typ"], "secevent+jwt");
        let keys = &issuer.issuer().jwks().set.keys;
        let key = keys.iter().find(|key| key.kid() == Some(&self.kid()));
        let key = key.expect("a key that is served");
        let algorithm = key.algorithm().expect("one that says its algorithm");
        let key = VerifyingKey::from_jwk(key, algorithm).expect("a key");
        let compact = Compact::split(&self.data).expect("a compact JWS");
        let signature = compact.decode_signature().expect("a signature");
        key.verify(compact.signing_input(), signature.as_bytes())
            .expect("the issuer signed it");
        token.claims
    }

    /// The key that signed it.
    pub fn kid(&self) -> String {
        let header = self.unverified().header;
        header["kid"].as_str().expect("a kid").to_owned()
    }

    fn unverified(&self) -> Unverified {
        decode_unverified(&self.data).expect("a token")
    }
}
