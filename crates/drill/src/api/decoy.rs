//! A key server of our own. A service that asks it for a key was led there by a token.

use std::sync::{Arc, Mutex, PoisonError};

use reqwest::Url;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

/// Longer than the head of any request for a key.
const LONGEST_HEAD: usize = 8192;

pub struct Decoy {
    pub url: String,
    asked: Arc<Mutex<Vec<String>>>,
    task: JoinHandle<()>,
}

impl Decoy {
    /// Serves `document` at every path. `reached_at` is where the service can reach us: without it, this machine.
    pub async fn open(reached_at: Option<&Url>, document: String) -> Option<Self> {
        let (bind, port) = match reached_at {
            Some(url) => ("0.0.0.0", url.port_or_known_default()?),
            None => ("127.0.0.1", 0),
        };
        let listener = TcpListener::bind((bind, port)).await.ok()?;
        let here = listener.local_addr().ok()?;
        let url = reached_at.map_or_else(|| format!("http://{here}"), ToString::to_string);
        let asked = Arc::new(Mutex::new(Vec::new()));
        let paths = asked.clone();
        let task = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                if let Some(path) = answer(stream, &document).await {
                    paths
                        .lock()
                        .unwrap_or_else(PoisonError::into_inner)
                        .push(path);
                }
            }
        });
        Some(Self {
            url: url.trim_end_matches('/').to_owned(),
            asked,
            task,
        })
    }

    /// What was asked for until now.
    pub fn asked(&self) -> Vec<String> {
        let asked = self.asked.lock();
        asked.unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Drop for Decoy {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn answer(mut stream: TcpStream, document: &str) -> Option<String> {
    let mut head = Vec::new();
    while !head.windows(4).any(|end| end == b"\r\n\r\n") && head.len() < LONGEST_HEAD {
        if stream.read_buf(&mut head).await.ok()? == 0 {
            break;
        }
    }
    let head = String::from_utf8_lossy(&head).into_owned();
    let path = head.split(' ').nth(1)?.to_owned();
    let length = document.len();
    let text = format!(
        "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{document}"
    );
    stream.write_all(text.as_bytes()).await.ok()?;
    Some(path)
}
