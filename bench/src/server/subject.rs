//! The two servers that are compared, started on data of their own in a temporary folder.

use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use tempfile::TempDir;

use super::load::{self, Conversation};
use super::process::Process;
use super::{Work, floor};

pub struct Subject {
    pub process: Process,
    pub address: SocketAddr,
    kind: Kind,
    /// Deleted with the subject.
    _folder: TempDir,
}

enum Kind {
    Floor,
    Keywright(Story),
}

/// What `quickstart.json` tells of a fresh issuer.
#[derive(serde::Deserialize)]
pub struct Story {
    pub user: User,
    pub client: Client,
    pub demo_api: DemoApi,
}

#[derive(serde::Deserialize)]
pub struct User {
    pub username: String,
    pub password: String,
}

#[derive(serde::Deserialize)]
pub struct DemoApi {
    pub audience: String,
}

#[derive(serde::Deserialize)]
pub struct Client {
    pub client_id: String,
    pub client_secret: String,
}

impl Subject {
    pub fn floor() -> Result<Self> {
        let folder = TempDir::new()?;
        let mut command = Command::new(std::env::current_exe()?);
        let (process, address) = Process::start_announced(command.arg("floor").arg(folder.path()))?;
        Ok(Self {
            process,
            address,
            kind: Kind::Floor,
            _folder: folder,
        })
    }

    /// Lets `quickstart` seed a folder, and measures `serve` on it.
    pub fn keywright(binary: Option<&Path>) -> Result<Self> {
        let binary = match binary {
            Some(path) => path.to_owned(),
            None => beside_this_benchmark()?,
        };
        let folder = TempDir::new()?;
        let address = free_address()?;
        let data = folder.path().join("data");
        let story = {
            let listen = address.to_string();
            let arguments = ["quickstart", "--listen", &listen, "--dir"];
            let _seeding = Process::start(Command::new(&binary).args(arguments).arg(&data))?;
            story_told_in(&data.join("quickstart.json"))?
        };
        let mut process = Process::start(
            Command::new(&binary)
                .arg("serve")
                .arg("--config")
                .arg(data.join("keywright.toml"))
                // Strict, so that each refresh is a rotation. A session that refreshes more than eight times within the
                // grace time is handed its current token again, and nothing is written.
                .env("KEYWRIGHT_SESSIONS__GRACE", "0s"),
        )?;
        process.wait_for(address)?;
        Ok(Self {
            process,
            address,
            kind: Kind::Keywright(story),
            _folder: folder,
        })
    }

    /// What each connection says for a kind of work.
    pub(super) async fn conversations(
        &self,
        work: Work,
        connections: usize,
    ) -> Result<Vec<Conversation>> {
        let mut talks = Vec::with_capacity(connections);
        for number in 0..connections {
            talks.push(match (&self.kind, work) {
                (Kind::Floor, Work::Jwks) => Conversation::Same(load::get("/jwks")),
                (Kind::Keywright(_), Work::Jwks) => {
                    Conversation::Same(load::get("/.well-known/jwks.json"))
                }
                (Kind::Floor, Work::ClientCredentials) => {
                    Conversation::Same(token_request("/token", "floor", floor::SECRET))
                }
                (Kind::Floor, Work::Unrecorded) => {
                    Conversation::Same(token_request("/unrecorded", "floor", floor::SECRET))
                }
                // It has no other tokens.
                (Kind::Keywright(story), Work::ClientCredentials | Work::Unrecorded) => {
                    Conversation::Same(token_request(
                        "/oauth2/token",
                        &story.client.client_id,
                        &story.client.client_secret,
                    ))
                }
                (Kind::Floor, Work::Refresh) => Conversation::Refresh {
                    path: "/refresh",
                    token: floor::first_token(number)?,
                },
                (Kind::Keywright(story), Work::Refresh) => Conversation::Refresh {
                    path: "/v1/refresh",
                    token: self.log_in(&story.user).await?,
                },
            });
        }
        Ok(talks)
    }

    async fn log_in(&self, user: &User) -> Result<String> {
        let body =
            serde_json::json!({ "username": user.username, "password": user.password }).to_string();
        let answer = load::once(
            self.address,
            &load::post("/v1/login", "application/json", "", &body),
        )
        .await?;
        load::member(&answer, "refresh_token")
    }
}

/// Waits until quickstart has written its story, at most ten seconds.
pub fn story_told_in(file: &Path) -> Result<Story> {
    let deadline = Instant::now() + Duration::from_secs(10);
    loop {
        match std::fs::read(file) {
            Ok(text) => return Ok(serde_json::from_slice(&text)?),
            Err(_) if Instant::now() < deadline => std::thread::sleep(Duration::from_millis(20)),
            Err(error) => return Err(error).with_context(|| format!("no {}", file.display())),
        }
    }
}

fn token_request(path: &str, id: &str, secret: &str) -> Vec<u8> {
    let credentials = base64_simd::STANDARD.encode_to_string(format!("{id}:{secret}"));
    let header = format!("Authorization: Basic {credentials}\r\n");
    load::post(
        path,
        "application/x-www-form-urlencoded",
        &header,
        "grant_type=client_credentials",
    )
}

pub fn beside_this_benchmark() -> Result<PathBuf> {
    let path = std::env::current_exe()?.with_file_name("keywright");
    path.exists()
        .then_some(path)
        .context("no `keywright` beside this benchmark: `cargo xtask bench server` builds it")
}

pub fn free_address() -> Result<SocketAddr> {
    Ok(TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?)
}
