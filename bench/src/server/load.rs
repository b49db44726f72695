//! A load generator: HTTP/1.1 over plain sockets, one request under way per connection.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::task::JoinSet;

/// What one connection says, again and again.
pub enum Conversation {
    /// The same request each time.
    Same(Vec<u8>),
    /// A refresh whose token comes from the last answer; `request` has the token put where `{}` stands.
    Refresh { path: &'static str, token: String },
}

pub struct Tally {
    pub requests: u64,
    pub p99: Duration,
    pub took: Duration,
}

/// Runs all conversations for `length`, and gives them back as they stand.
pub async fn run(
    address: SocketAddr,
    talks: &mut Vec<Conversation>,
    length: Duration,
) -> Result<Tally> {
    let start = Instant::now();
    let mut tasks = JoinSet::new();
    for talk in talks.drain(..) {
        tasks.spawn(converse(address, talk, start + length));
    }
    let mut latencies = Vec::new();
    while let Some(done) = tasks.join_next().await {
        let (talk, mut times) = done??;
        talks.push(talk);
        latencies.append(&mut times);
    }
    latencies.sort_unstable();
    let p99 = *latencies
        .get(latencies.len() * 99 / 100)
        .context("not one request was answered")?;
    Ok(Tally {
        requests: latencies.len() as u64,
        p99,
        took: start.elapsed(),
    })
}

async fn converse(
    address: SocketAddr,
    mut talk: Conversation,
    until: Instant,
) -> Result<(Conversation, Vec<Duration>)> {
    let mut socket = TcpStream::connect(address).await?;
    socket.set_nodelay(true)?;
    let mut buffer = Vec::with_capacity(8192);
    let mut times = Vec::new();
    while Instant::now() < until {
        let asked = Instant::now();
        socket.write_all(&talk.request()).await?;
        let body = answer(&mut socket, &mut buffer).await?;
        times.push(asked.elapsed());
        talk.hear(&buffer[body..])?;
    }
    Ok((talk, times))
}

/// One request over a connection of its own.
pub async fn once(address: SocketAddr, request: &[u8]) -> Result<Vec<u8>> {
    let mut socket = TcpStream::connect(address).await?;
    socket.write_all(request).await?;
    let mut buffer = Vec::new();
    let body = answer(&mut socket, &mut buffer).await?;
    Ok(buffer.split_off(body))
}

/// Reads one response into `buffer` and says where its body begins. Anything but 200 stops the benchmark.
async fn answer(socket: &mut TcpStream, buffer: &mut Vec<u8>) -> Result<usize> {
    buffer.clear();
    loop {
        if socket.read_buf(buffer).await? == 0 {
            bail!("the server closed the connection");
        }
        let Some(head) = find(buffer, b"\r\n\r\n").map(|at| at + 4) else {
            continue;
        };
        let text = std::str::from_utf8(&buffer[..head])?.to_ascii_lowercase();
        let length = text
            .lines()
            .find_map(|line| line.strip_prefix("content-length:"));
        let length: usize = length.context("no Content-Length")?.trim().parse()?;
        while buffer.len() < head + length {
            if socket.read_buf(buffer).await? == 0 {
                bail!("the server closed the connection inside a body");
            }
        }
        if !text.starts_with("http/1.1 200") {
            bail!("unexpected answer: {}", String::from_utf8_lossy(buffer));
        }
        return Ok(head);
    }
}

fn find(haystack: &[u8], needle: &[u8]) -> Option<usize> {
    haystack
        .windows(needle.len())
        .position(|window| window == needle)
}

impl Conversation {
    fn request(&self) -> Vec<u8> {
        match self {
            Conversation::Same(request) => request.clone(),
            Conversation::Refresh { path, token } => post(
                path,
                "application/json",
                "",
                &format!("{{\"refresh_token\":\"{token}\"}}"),
            ),
        }
    }

    fn hear(&mut self, body: &[u8]) -> Result<()> {
        if let Conversation::Refresh { token, .. } = self {
            let next = member(body, "refresh_token")?;
            if next == *token {
                bail!(
                    "a refresh was answered with the token that it presented: nothing was rotated"
                );
            }
            *token = next;
        }
        Ok(())
    }
}

/// A string member of a flat JSON object, found without a parser, so that the generator costs little.
pub fn member(body: &[u8], name: &str) -> Result<String> {
    let key = format!("\"{name}\":\"");
    let from =
        find(body, key.as_bytes()).with_context(|| format!("no {name} in the answer"))? + key.len();
    let to = from + find(&body[from..], b"\"").context("unterminated string")?;
    Ok(std::str::from_utf8(&body[from..to])?.to_owned())
}

pub fn get(path: &str) -> Vec<u8> {
    format!("GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n").into_bytes()
}

/// `headers`: lines that each end with CRLF, or nothing.
pub fn post(path: &str, content_type: &str, headers: &str, body: &str) -> Vec<u8> {
    format!(
        "POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: {content_type}\r\nContent-Length: {}\r\n{headers}\r\n{body}",
        body.len()
    )
    .into_bytes()
}
