//! Clients that take their time, and clients that are gone.

use std::time::Duration;

use reqwest::Url;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;
use tokio::time::{Instant, sleep};

use crate::CannotRun;
use crate::card::{Card, Outcome, Severity};
use crate::server::range::Range;
use crate::web;

pub const SLOW: Card = Card {
    name: "slow-clients",
    title: "Clients that send slowly keep nobody from being served",
    severity: Severity::High,
    why: "A few hundred idle connections cost an attacker nothing, and a server that waits for each of them everything.",
    source: "CWE-400, OWASP ASVS 5 §13.1.2",
    fix: "Bound the time for heads and bodies, and the connections of one address.",
};

const SLOW_ONES: usize = 100;
const CUT_ONES: usize = 50;
/// An honest request beside them.
const PROMPT: Duration = Duration::from_secs(3);

pub async fn slow_ones_harm_nobody(range: &Range) -> Result<Outcome, CannotRun> {
    let url = web::url(&range.issuer.url)?;
    let mut held = Vec::new();
    for count in 0..SLOW_ONES {
        let half = if count % 2 == 0 {
            half_head(&url)
        } else {
            half_body(&url)
        };
        held.extend(connect(&url, &half).await);
    }
    if held.is_empty() {
        return Ok(Outcome::skipped("no connection for it could be opened"));
    }
    let outcome = others_are_served(range, &format!("{} slow connections", held.len())).await;
    drop(held);
    outcome
}

pub const CUT: Card = Card {
    name: "cut-connections",
    title: "Connections that are cut in the middle harm nobody else",
    severity: Severity::High,
    why: "Networks fail all day. Whatever a lost connection leaves behind adds up.",
    source: "CWE-404",
    fix: "Release everything that belongs to a connection when it ends.",
};

pub async fn cut_ones_harm_nobody(range: &Range) -> Result<Outcome, CannotRun> {
    let url = web::url(&range.issuer.url)?;
    for count in 0..CUT_ONES {
        let half = if count % 2 == 0 {
            half_head(&url)
        } else {
            half_body(&url)
        };
        drop(connect(&url, &half).await);
    }
    sleep(Duration::from_millis(100)).await;
    others_are_served(range, &format!("{CUT_ONES} cut connections")).await
}

/// In clear also to a TLS port: there it is a handshake that never begins.
async fn connect(url: &Url, text: &str) -> Option<TcpStream> {
    let host = url
        .host_str()?
        .trim_start_matches('[')
        .trim_end_matches(']');
    let mut stream = TcpStream::connect((host, url.port_or_known_default()?))
        .await
        .ok()?;
    stream.write_all(text.as_bytes()).await.ok()?;
    Some(stream)
}

fn half_head(url: &Url) -> String {
    format!(
        "POST /v1/login HTTP/1.1\r\nHost: {}\r\nX-Drill: ",
        url.authority()
    )
}

fn half_body(url: &Url) -> String {
    let host = url.authority();
    format!(
        "POST /v1/login HTTP/1.1\r\nHost: {host}\r\nContent-Type: application/json\r\nContent-Length: 200\r\n\r\n{{\"user"
    )
}

async fn others_are_served(range: &Range, beside: &str) -> Result<Outcome, CannotRun> {
    let began = Instant::now();
    let login = range.log_in().await;
    let took = began.elapsed();
    Ok(match login {
        Ok(_) if took < PROMPT => Outcome::measured(
            1,
            format!("a login beside {beside} took {} ms", took.as_millis()),
        ),
        Ok(_) => Outcome::found(
            format!("a login beside {beside}"),
            format!("it took {} ms", took.as_millis()),
        ),
        Err(error) => Outcome::found(format!("a login beside {beside}"), error.to_string()),
    })
}
