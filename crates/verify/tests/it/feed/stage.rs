//! An issuer with a feed, on a bare socket, so that it can end in the middle of a byte stream, fall silent, or lie.

#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "each mishap differs from the ordinary in one place"
)]

use std::collections::{HashMap, VecDeque};
use std::io;
use std::sync::atomic::{AtomicI64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use keywright_jwt::{Algorithm, JwkSet};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinSet;

use crate::status_list::lst;
use crate::support::{Issuer, NOW};

/// Heartbeats come more often than once a second, for the sake of the tests.
const HEARTBEAT: Duration = Duration::from_millis(40);

/// What goes wrong on one connection to the feed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mishap {
    Nothing,
    /// The connection ends after so many bytes of the stream.
    Cut(usize),
    /// Nothing comes any more after so many bytes, and the connection stays.
    Stall(usize),
    /// One byte at a time.
    Trickle,
    /// Every event comes twice.
    Twice,
    /// This event does not come.
    Skip(u64),
    /// Bytes that are no text.
    Garbage,
    /// A line without end.
    Oversize,
    /// A page in place of a stream.
    Page,
    /// Another status.
    Refuse(u16),
    /// Signed by a key that calls itself ours.
    Forged,
    /// Signed by us, for somebody else.
    Misaddressed,
    /// Signed by us, long ago.
    KeptBack,
    /// The type of an access token.
    Mistyped,
}

/// What the server has been asked.
#[derive(Clone, Debug, Default)]
pub struct Visit {
    pub last_event_id: Option<String>,
    pub authorization: Option<String>,
    pub proof: Option<String>,
}

pub struct Stage {
    pub url: String,
    pub now: Arc<AtomicI64>,
    shared: Arc<Shared>,
    _server: JoinSet<()>,
}

struct Shared {
    url: String,
    now: Arc<AtomicI64>,
    issuer: Mutex<Issuer>,
    pages: Mutex<HashMap<String, String>>,
    hits: Mutex<HashMap<String, usize>>,
    /// Events behind `first`.
    log: Mutex<(u64, Vec<Value>)>,
    news: watch::Sender<u64>,
    mishaps: Mutex<VecDeque<Mishap>>,
    follows: Mutex<Vec<Visit>>,
    report_visits: Mutex<Vec<Visit>>,
    followers: AtomicUsize,
    reports: Mutex<Vec<Value>>,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().expect("a lock")
}

impl Stage {
    /// With one status list of eight valid entries, and `head` events in the past.
    pub async fn start(head: u64) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let url = format!("http://{}", listener.local_addr().expect("an address"));
        let now = Arc::new(AtomicI64::new(NOW));
        let shared = Arc::new(Shared {
            url: url.clone(),
            now: now.clone(),
            issuer: Mutex::new(Issuer::new(Algorithm::EdDsa)),
            pages: Mutex::default(),
            hits: Mutex::default(),
            log: Mutex::new((head, Vec::new())),
            news: watch::Sender::new(0),
            mishaps: Mutex::default(),
            follows: Mutex::default(),
            report_visits: Mutex::default(),
            followers: AtomicUsize::new(0),
            reports: Mutex::default(),
        });
        let mut server = JoinSet::new();
        server.spawn(accept(listener, shared.clone()));
        let stage = Self {
            url,
            now,
            shared,
            _server: server,
        };
        let metadata = json!({"issuer": stage.url, "jwks_uri": format!("{}/jwks", stage.url)});
        stage.put("/.well-known/openid-configuration", metadata.to_string());
        stage.publish(&[&lock(&stage.shared.issuer)]);
        stage.publish_list(&[0; 8], NOW);
        stage
    }

    pub fn put(&self, path: &str, body: String) {
        lock(&self.shared.pages).insert(path.to_owned(), body);
    }

    pub fn publish(&self, issuers: &[&Issuer]) {
        let keys = issuers
            .iter()
            .flat_map(|issuer| issuer.jwks().keys)
            .collect();
        self.put("/jwks", JwkSet { keys }.to_json());
    }

    pub fn publish_list(&self, entries: &[u8], issued_at: i64) {
        let claims = json!({"sub": self.list_uri(), "iat": issued_at, "exp": NOW + 100_000, "ttl": 1,
            "status_list": {"bits": 2, "lst": lst(entries)}});
        let key = &lock(&self.shared.issuer).key;
        let token = key.sign("statuslist+jwt", claims.to_string().as_bytes());
        self.put("/status/1", token.expect("a signature"));
    }

    pub fn list_uri(&self) -> String {
        format!("{}/status/1", self.url)
    }

    /// Signs with another key from now on; the old issuer is handed out.
    pub fn replace_issuer(&self, issuer: Issuer) -> Issuer {
        std::mem::replace(&mut *lock(&self.shared.issuer), issuer)
    }

    pub fn with_issuer<T>(&self, read: impl FnOnce(&Issuer) -> T) -> T {
        read(&lock(&self.shared.issuer))
    }

    /// What will go wrong on the next connections, one each.
    pub fn expect(&self, mishaps: impl IntoIterator<Item = Mishap>) {
        lock(&self.shared.mishaps).extend(mishaps);
    }

    /// The next event of the log.
    pub fn happen(&self, name: &str, event: Value) {
        lock(&self.shared.log).1.push(json!({name: event}));
        self.shared.news.send_modify(|news| *news += 1);
    }

    pub fn change_status(&self, index: u64, value: u8) {
        let status = json!({"uri": self.list_uri(), "idx": index, "value": value});
        let name = "https://schemas.openid.net/secevent/caep/event-type/session-revoked";
        self.happen(name, json!({"event_timestamp": NOW, "status": status}));
    }

    pub fn key_event(&self, what: &str, kid: &str) {
        self.happen(
            &format!("urn:keywright:event:key-{what}"),
            json!({"kid": kid}),
        );
    }

    /// The log begins anew, as after a restore: with nothing in it, at another number.
    pub fn restore(&self, head: u64) {
        *lock(&self.shared.log) = (head, Vec::new());
        self.shared.news.send_modify(|news| *news += 1);
    }

    /// Connections to the feed.
    pub fn follows(&self) -> Vec<Visit> {
        lock(&self.shared.follows).clone()
    }

    pub fn report_visits(&self) -> Vec<Visit> {
        lock(&self.shared.report_visits).clone()
    }

    pub fn reports(&self) -> Vec<Value> {
        lock(&self.shared.reports).clone()
    }

    pub fn hits(&self, path: &str) -> usize {
        lock(&self.shared.hits).get(path).copied().unwrap_or(0)
    }

    pub fn followers(&self) -> usize {
        self.shared.followers.load(Ordering::SeqCst)
    }
}

impl Shared {
    fn head(&self) -> u64 {
        let log = lock(&self.log);
        log.0 + log.1.len() as u64
    }

    fn events_after(&self, position: u64) -> Option<Vec<(u64, Value)>> {
        let (first, events) = &*lock(&self.log);
        let behind = usize::try_from(position.checked_sub(*first)?).ok()?;
        let numbered = (first + 1..).zip(events.iter().cloned());
        (behind <= events.len()).then(|| numbered.skip(behind).collect())
    }

    fn message(&self, position: u64, name: &str, events: &Value, mishap: Mishap) -> String {
        let audience = match mishap {
            Mishap::Misaddressed => "https://elsewhere.example/feed".to_owned(),
            _ => format!("{}/feed", self.url),
        };
        let now = self.now.load(Ordering::SeqCst);
        let issued_at = if mishap == Mishap::KeptBack {
            now - 301
        } else {
            now
        };
        let claims = json!({"iss": self.url, "iat": issued_at, "jti": "j", "aud": audience, "position": position, "events": events});
        let typ = if mishap == Mishap::Mistyped {
            "at+jwt"
        } else {
            "secevent+jwt"
        };
        let issuer = lock(&self.issuer);
        let mut token = issuer
            .key
            .sign(typ, claims.to_string().as_bytes())
            .expect("a signature");
        if mishap == Mishap::Forged {
            let stranger = Issuer::new(Algorithm::EdDsa).key;
            let other = stranger
                .sign(typ, claims.to_string().as_bytes())
                .expect("a signature");
            let (input, _) = token.rsplit_once('.').expect("a token");
            let (_, signature) = other.rsplit_once('.').expect("a token");
            token = format!("{input}.{signature}");
        }
        format!("id: {position}\nevent: {name}\ndata: {token}\n\n")
    }
}

async fn accept(listener: TcpListener, shared: Arc<Shared>) {
    let mut connections = JoinSet::new();
    while let Ok((socket, _)) = listener.accept().await {
        let shared = shared.clone();
        connections.spawn(async move {
            // Whoever goes away in between has been served.
            let _ = serve(socket, &shared).await;
        });
    }
}

async fn serve(mut socket: TcpStream, shared: &Shared) -> io::Result<()> {
    let (head, body) = read_request(&mut socket).await?;
    let path = head.split(' ').nth(1).unwrap_or_default().to_owned();
    *lock(&shared.hits).entry(path.clone()).or_default() += 1;
    let visit = Visit {
        last_event_id: header(&head, "last-event-id"),
        authorization: header(&head, "authorization"),
        proof: header(&head, "dpop"),
    };
    match path.as_str() {
        "/feed" => {
            lock(&shared.follows).push(visit.clone());
            shared.followers.fetch_add(1, Ordering::SeqCst);
            let outcome = stream(socket, shared, visit).await;
            shared.followers.fetch_sub(1, Ordering::SeqCst);
            outcome
        }
        "/feed/report" => {
            lock(&shared.report_visits).push(visit);
            lock(&shared.reports).push(serde_json::from_slice(&body).expect("a report"));
            respond(&mut socket, "204 No Content", "text/plain", "").await
        }
        _ => {
            let page = lock(&shared.pages).get(&path).cloned();
            let status = if page.is_some() {
                "200 OK"
            } else {
                "404 Not Found"
            };
            respond(
                &mut socket,
                status,
                "application/json",
                &page.unwrap_or_default(),
            )
            .await
        }
    }
}

async fn read_request(socket: &mut TcpStream) -> io::Result<(String, Vec<u8>)> {
    let mut bytes = Vec::new();
    loop {
        let end = bytes.windows(4).position(|window| window == b"\r\n\r\n");
        if let Some(end) = end {
            let head = String::from_utf8_lossy(&bytes[..end]).into_owned();
            let length = header(&head, "content-length");
            let length = length.map_or(0, |length| length.parse().expect("a length"));
            if bytes.len() >= end + 4 + length {
                return Ok((head, bytes.split_off(end + 4)));
            }
        }
        if socket.read_buf(&mut bytes).await? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
    }
}

fn header(head: &str, name: &str) -> Option<String> {
    let fields = head.lines().filter_map(|line| line.split_once(':'));
    let mut found = fields.filter(|(field, _)| field.eq_ignore_ascii_case(name));
    found.next().map(|(_, value)| value.trim().to_owned())
}

async fn respond(socket: &mut TcpStream, status: &str, kind: &str, body: &str) -> io::Result<()> {
    let length = body.len();
    let head = format!(
        "HTTP/1.1 {status}\r\ncontent-type: {kind}\r\nconnection: close\r\ncontent-length: {length}\r\n\r\n"
    );
    socket.write_all(head.as_bytes()).await?;
    socket.write_all(body.as_bytes()).await
}

async fn stream(mut socket: TcpStream, shared: &Shared, visit: Visit) -> io::Result<()> {
    let mishap = lock(&shared.mishaps).pop_front().unwrap_or(Mishap::Nothing);
    match mishap {
        Mishap::Page => return respond(&mut socket, "200 OK", "text/html", "<html>").await,
        Mishap::Refuse(status) => {
            return respond(&mut socket, &format!("{status} No"), "text/plain", "").await;
        }
        _ => {}
    }
    let head = "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream; charset=utf-8\r\nconnection: close\r\n\r\n";
    socket.write_all(head.as_bytes()).await?;
    let mut pipe = Pipe {
        socket,
        mishap,
        written: 0,
    };
    let mut news = shared.news.subscribe();
    let asked = visit.last_event_id.and_then(|id| id.parse().ok());
    let known = asked.filter(|position| shared.events_after(*position).is_some());
    let mut sent = match known {
        Some(position) => position,
        None => {
            let head = shared.head();
            let events = json!({"urn:keywright:event:snapshot": {}});
            pipe.write(&shared.message(head, "snapshot", &events, mishap))
                .await?;
            head
        }
    };
    loop {
        let events = shared
            .events_after(sent)
            .ok_or(io::ErrorKind::ConnectionReset)?;
        for (number, event) in events {
            let message = shared.message(number, "set", &event, mishap);
            let times = match mishap {
                Mishap::Twice => 2,
                Mishap::Skip(skipped) if skipped == number => 0,
                _ => 1,
            };
            for _ in 0..times {
                pipe.write(&message).await?;
            }
            sent = number;
        }
        let events = json!({"urn:keywright:event:heartbeat": {}});
        let heartbeat = shared.message(sent, "heartbeat", &events, mishap);
        pipe.write(heartbeat.split_once('\n').expect("lines").1)
            .await?;
        tokio::select! {
            _ = news.changed() => {}
            () = tokio::time::sleep(HEARTBEAT) => {}
        }
    }
}

struct Pipe {
    socket: TcpStream,
    mishap: Mishap,
    written: usize,
}

impl Pipe {
    async fn write(&mut self, text: &str) -> io::Result<()> {
        let bytes = text.as_bytes();
        match self.mishap {
            Mishap::Cut(after) | Mishap::Stall(after) if self.written + bytes.len() > after => {
                self.socket
                    .write_all(&bytes[..after.saturating_sub(self.written)])
                    .await?;
                if matches!(self.mishap, Mishap::Stall(_)) {
                    std::future::pending::<()>().await;
                }
                return Err(io::ErrorKind::ConnectionAborted.into());
            }
            Mishap::Trickle => {
                for byte in bytes {
                    self.socket.write_all(&[*byte]).await?;
                    self.socket.flush().await?;
                }
            }
            Mishap::Garbage => self.socket.write_all(b"data: \xff\xfe\n\n").await?,
            Mishap::Oversize => self.socket.write_all(&[b'a'; 70_000]).await?,
            _ => self.socket.write_all(bytes).await?,
        }
        self.written += bytes.len();
        Ok(())
    }
}
