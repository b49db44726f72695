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
    pub requests: f64,
    pub p99: Duration,
    pub took: Duration,
}

impl Tally {
    /// Requests per second.
    pub fn rate(&self) -> f64 {
        self.requests / self.took.as_secs_f64()
    }
}

/// Runs all conversations for `length` without a rest, and gives them back as they stand.
pub async fn run(
    address: SocketAddr,
    talks: &mut Vec<Conversation>,
    length: Duration,
) -> Result<Tally> {
    paced(address, talks, length, Duration::ZERO).await
}

/// The same at a pace: a connection asks once in `every`. What an answer keeps from being asked in time counts as waiting.
pub async fn paced(
    address: SocketAddr,
    talks: &mut Vec<Conversation>,
    length: Duration,
    every: Duration,
) -> Result<Tally> {
    let start = Instant::now();
    let connections = u32::try_from(talks.len())?;
    let mut tasks = JoinSet::new();
    for (number, talk) in (0..).zip(talks.drain(..)) {
        let first = start + every * number / connections;
        tasks.spawn(converse(
            address,
            talk,
            Pace::new(first, every, start + length),
        ));
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
    #[expect(clippy::cast_precision_loss, reason = "a few million requests at most")]
    let requests = latencies.len() as f64;
    Ok(Tally {
        requests,
        p99,
        took: start.elapsed(),
    })
}

/// When a connection asks.
pub struct Pace {
    due: Instant,
    /// Zero: as soon as it was answered.
    every: Duration,
    until: Instant,
}

impl Pace {
    pub fn new(due: Instant, every: Duration, until: Instant) -> Self {
        Self { due, every, until }
    }

    /// Waits for the next request's time, and says since when it waits for its answer; `None` at the end.
    pub async fn next(&mut self) -> Option<Instant> {
        let now = Instant::now();
        let asked = if self.every.is_zero() {
            now
        } else if self.due < now {
            self.due
        } else {
            tokio::time::sleep_until(self.due.into()).await;
            // A late timer is not the server's.
            Instant::now()
        };
        self.due += self.every;
        (Instant::now() < self.until).then_some(asked)
    }
}

async fn converse(
    address: SocketAddr,
    mut talk: Conversation,
    mut pace: Pace,
) -> Result<(Conversation, Vec<Duration>)> {
    let mut socket = TcpStream::connect(address).await?;
    socket.set_nodelay(true)?;
    let mut buffer = Vec::with_capacity(8192);
    let mut times = Vec::new();
    while let Some(asked) = pace.next().await {
        socket.write_all(&talk.request()).await?;
        let body = answer(&mut socket, &mut buffer).await?;
        times.push(asked.elapsed());
        talk.hear(&buffer[body..])?;
    }
    Ok((talk, times))
}

/// The body of the answer to one request, over a connection of its own.
pub async fn once(address: SocketAddr, request: &[u8]) -> Result<Vec<u8>> {
    let mut socket = TcpStream::connect(address).await?;
    socket.write_all(request).await?;
    let mut buffer = Vec::new();
    let body = answer(&mut socket, &mut buffer).await?;
    Ok(buffer.split_off(body))
}

/// Head and body of the answer to one request, whatever it is.
pub async fn exchange(address: SocketAddr, request: &[u8]) -> Result<String> {
    let mut socket = TcpStream::connect(address).await?;
    socket.write_all(request).await?;
    let mut buffer = Vec::new();
    receive(&mut socket, &mut buffer).await?;
    Ok(String::from_utf8(buffer)?)
}

/// Reads one response into `buffer` and says where its body begins. Anything but 200 stops the benchmark.
async fn answer(socket: &mut TcpStream, buffer: &mut Vec<u8>) -> Result<usize> {
    let head = receive(socket, buffer).await?;
    if !is_ok(buffer) {
        bail!("unexpected answer: {}", String::from_utf8_lossy(buffer));
    }
    Ok(head)
}

pub fn is_ok(answer: &[u8]) -> bool {
    answer.starts_with(b"HTTP/1.1 200")
}

/// Reads one response into `buffer` and says where its body begins.
pub async fn receive(socket: &mut TcpStream, buffer: &mut Vec<u8>) -> Result<usize> {
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
        return Ok(head);
    }
}

fn find(haystack: &[u8], needle: &[u8]) -> Option<usize> {
    haystack
        .windows(needle.len())
        .position(|window| window == needle)
}

impl Conversation {
    pub fn request(&self) -> Vec<u8> {
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
    get_with(path, "")
}

/// `headers`: lines that each end with CRLF.
pub fn get_with(path: &str, headers: &str) -> Vec<u8> {
    format!("GET {path} HTTP/1.1\r\nHost: localhost\r\n{headers}\r\n").into_bytes()
}

/// `headers`: lines that each end with CRLF, or nothing.
pub fn post(path: &str, content_type: &str, headers: &str, body: &str) -> Vec<u8> {
    format!(
        "POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: {content_type}\r\nContent-Length: {}\r\n{headers}\r\n{body}",
        body.len()
    )
    .into_bytes()
}
