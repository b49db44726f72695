//! How long a logout takes to reach those who ask: by the status list, and by the feed.

use std::time::Duration;

use keywright_jwt::decode_unverified;
use reqwest::{Method, Response};
use serde_json::{Value, json};
use tokio::time::{Instant, sleep, timeout};

use crate::CannotRun;
use crate::card::{Card, Evidence, Outcome, Severity};
use crate::server::range::{Range, second_client};
use crate::token::{Genuine, decode};
use crate::web;

pub const LIST: Card = Card {
    name: "status-list",
    title: "A logout is in the signed status list within seconds",
    severity: Severity::High,
    why: "Services that are not connected to the feed learn from the list alone that a token is dead.",
    source: "Token Status List §5, §8.3",
    fix: "Look at the node's clock, its database, and at caches in front of /status.",
};

pub const FEED: Card = Card {
    name: "feed",
    title: "A logout reaches the followers of the feed at once",
    severity: Severity::High,
    why: "What a follower does not hear of, its service goes on accepting.",
    source: "RFC 8417, CAEP §3.1",
    fix: "Let proxies pass /feed on without buffering.",
};

const SESSIONS: usize = 5;
const PATIENCE: Duration = Duration::from_secs(10);
const GLANCE: Duration = Duration::from_millis(25);
/// The most that a list of 2^20 entries of two bits takes.
const LONGEST_LIST: usize = 1 << 18;

pub async fn is_listed(range: &Range) -> Result<Outcome, CannotRun> {
    let mut ages = Vec::new();
    for _ in 0..SESSIONS {
        let tokens = range.log_in_to_issuer().await?;
        let Some((uri, index)) = entry_of(&tokens.access)? else {
            return Ok(Outcome::skipped("its tokens carry no status"));
        };
        let before = read(range, &uri, index).await;
        if before != Some(0) {
            return Ok(Outcome::found(
                "the status of a live session",
                format!("{before:?} in {uri}"),
            ));
        }
        let _ = range.issuer.log_out(&tokens.access).await;
        let ended = Instant::now();
        while read(range, &uri, index).await == Some(0) {
            if ended.elapsed() > PATIENCE {
                let told = format!("still valid after {} s", PATIENCE.as_secs());
                return Ok(Outcome::found(
                    "the status of a session that was logged out",
                    told,
                ));
            }
            sleep(GLANCE).await;
        }
        ages.push(ended.elapsed().as_millis());
    }
    Ok(Outcome::measured(SESSIONS, figures(&mut ages)))
}

/// `uri` and `idx` of a token.
fn entry_of(token: &str) -> Result<Option<(String, usize)>, CannotRun> {
    let genuine = Genuine::parse(token)?;
    let list = &genuine.claim("status")["status_list"];
    let index = list["idx"]
        .as_u64()
        .and_then(|index| usize::try_from(index).ok());
    Ok(list["uri"].as_str().map(str::to_owned).zip(index))
}

/// One entry of a list. Whether the list is signed as it must be is the verifier's matter.
async fn read(range: &Range, uri: &str, index: usize) -> Option<u8> {
    let reply = web::ask(range.issuer.http.get(uri)).await.ok()?;
    let text = String::from_utf8(reply.body).ok()?;
    let claims = decode_unverified(text.trim()).ok()?.claims;
    let list = &claims["status_list"];
    let bits = usize::try_from(list["bits"].as_u64()?)
        .ok()
        .filter(|bits| matches!(bits, 1 | 2 | 4 | 8))?;
    let packed = decode(list["lst"].as_str()?)?;
    let entries =
        miniz_oxide::inflate::decompress_to_vec_zlib_with_limit(&packed, LONGEST_LIST * bits)
            .ok()?;
    let at = index * bits;
    let mask = u8::MAX >> (8 - bits);
    Some(entries.get(at / 8)? >> (at % 8) & mask)
}

pub async fn is_fed(range: &Range) -> Result<Outcome, CannotRun> {
    if entry_of(&range.log_in_to_issuer().await?.access)?.is_none() {
        return Ok(Outcome::skipped("its tokens carry no status"));
    }
    let id = second_client(&range.name);
    let path = format!("/admin/v1/clients/{id}");
    let client = json!({ "client_id": id, "name": "keywright drill", "kind": "confidential", "grants": ["feed"] });
    let created = match range
        .admin(Method::POST, "/admin/v1/clients", &client)
        .await
    {
        Ok(created) => created.json(),
        Err(error) => return Ok(Outcome::skipped(format!("no client can follow: {error}"))),
    };
    let secret = created["client_secret"].as_str().unwrap_or_default();
    let outcome = follow(range, &id, secret).await;
    range.remove(&path).await?;
    outcome
}

async fn follow(range: &Range, id: &str, secret: &str) -> Result<Outcome, CannotRun> {
    let request = range
        .issuer
        .http
        .get(range.issuer.at("/feed"))
        .timeout(PATIENCE * 6);
    let stream = request.basic_auth(id, Some(secret)).send().await;
    let stream = match stream {
        Ok(stream) if stream.status().is_success() => stream,
        Ok(refused) => {
            return Ok(Outcome::skipped(format!(
                "the feed answers {}",
                refused.status().as_u16()
            )));
        }
        Err(error) => return Err(CannotRun::unreachable("the feed", error)),
    };
    let mut feed = Feed {
        stream,
        text: String::new(),
    };
    let mut ages = Vec::new();
    for _ in 0..SESSIONS {
        let tokens = range.log_in_to_issuer().await?;
        let session = Genuine::parse(&tokens.access)?.text("sid").to_owned();
        let _ = range.issuer.log_out(&tokens.access).await;
        let ended = Instant::now();
        if timeout(PATIENCE, feed.tells_of(&session))
            .await
            .ok()
            .flatten()
            .is_none()
        {
            let told = format!("nothing within {} s", PATIENCE.as_secs());
            return Ok(Outcome::of(
                ages.len() + 1,
                vec![Evidence::of("a logout, and listened to /feed", told)],
            ));
        }
        ages.push(ended.elapsed().as_millis());
    }
    Ok(Outcome::measured(SESSIONS, figures(&mut ages)))
}

struct Feed {
    stream: Response,
    text: String,
}

impl Feed {
    /// Reads on until an event is about this session. `None`: the stream ended.
    async fn tells_of(&mut self, session: &str) -> Option<()> {
        loop {
            while let Some((line, rest)) = self.text.split_once('\n') {
                let about = line
                    .strip_prefix("data:")
                    .and_then(|data| decode_unverified(data.trim()).ok());
                self.text = rest.to_owned();
                if about.is_some_and(|event| is_about(&event.claims, session)) {
                    return Some(());
                }
            }
            let chunk = self.stream.chunk().await.ok()??;
            self.text.push_str(&String::from_utf8_lossy(&chunk));
        }
    }
}

fn is_about(claims: &Value, session: &str) -> bool {
    let revoked = claims["events"]
        .as_object()
        .is_some_and(|events| events.keys().any(|kind| kind.ends_with("/session-revoked")));
    revoked && claims["sub_id"]["id"] == session
}

fn figures(ages: &mut [u128]) -> String {
    ages.sort_unstable();
    let median = ages.get(ages.len() / 2).copied().unwrap_or_default();
    let most = ages.last().copied().unwrap_or_default();
    format!("median {median} ms, at most {most} ms after the logout")
}
