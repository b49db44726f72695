//! The shipped server on data of its own, and what the benchmark asks of it.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use tempfile::TempDir;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::server::load::member;
use crate::server::process::Process;
use crate::server::subject::{Client, Story, beside_this_benchmark, free_address, story_told_in};

const JSON: &str = "application/json";

/// Configuration keys as environment variables, and their values.
pub type Settings = &'static [(&'static str, &'static str)];

pub struct Site {
    binary: PathBuf,
    address: SocketAddr,
    /// The issuer's name for itself.
    url: String,
    story: Story,
    follower: (String, String),
    process: Process,
    settings: Settings,
    /// Deleted last.
    folder: TempDir,
}

pub struct Login {
    pub access_token: String,
}

impl Site {
    /// `seen_at`: where the issuer is reached, if not where it listens. `settings`: configuration as environment variables.
    pub fn start(
        binary: Option<&Path>,
        seen_at: Option<SocketAddr>,
        settings: Settings,
    ) -> Result<Self> {
        let binary = binary.map_or_else(beside_this_benchmark, |path| Ok(path.to_owned()))?;
        let folder = TempDir::new()?;
        let address = free_address()?;
        let url = format!("http://{}", seen_at.unwrap_or(address));
        let data = folder.path().join("data");
        let story = {
            let listen = address.to_string();
            let arguments = ["quickstart", "--listen", &listen, "--dir"];
            let mut seeding = Command::new(&binary);
            seeding
                .args(arguments)
                .arg(&data)
                .env("KEYWRIGHT_ISSUER__URL", &url);
            let _seeding = Process::start(&mut seeding)?;
            story_told_in(&data.join("quickstart.json"))?
        };
        let follower = register_follower(&binary, &data, &url)?;
        let mut process = serve(&binary, &data, &url, settings)?;
        process.wait_for(address)?;
        Ok(Self {
            binary,
            address,
            url,
            story,
            follower,
            process,
            settings,
            folder,
        })
    }

    pub fn url(&self) -> &str {
        &self.url
    }

    pub fn address(&self) -> SocketAddr {
        self.address
    }

    pub fn audience(&self) -> &str {
        &self.story.demo_api.audience
    }

    /// Name and secret of the client that follows.
    pub fn follower_client(&self) -> (&str, &str) {
        (&self.follower.0, &self.follower.1)
    }

    /// As a power cut would end it, and started again on what it left.
    pub fn kill_and_restart(&mut self) -> Result<()> {
        self.process.kill()?;
        self.process = serve(&self.binary, &self.data(), &self.url, self.settings)?;
        self.process.wait_for(self.address)
    }

    /// Where the configuration and the database are.
    pub fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    /// Runs a command of the product beside the server; answers whether it was carried out.
    pub fn command(&self, arguments: &[&str]) -> Result<bool> {
        let mut command = Command::new(&self.binary);
        command
            .args(arguments)
            .arg("--config")
            .arg(self.data().join("keywright.toml"));
        command
            .env("KEYWRIGHT_ISSUER__URL", &self.url)
            .envs(self.settings.iter().copied());
        Ok(command.output()?.status.success())
    }

    /// A service's own token.
    pub async fn service_token(&self) -> Result<String> {
        let Client {
            client_id,
            client_secret,
        } = &self.story.client;
        let credentials =
            base64_simd::STANDARD.encode_to_string(format!("{client_id}:{client_secret}"));
        let header = format!("Authorization: Basic {credentials}\r\n");
        let form = "application/x-www-form-urlencoded";
        let answer = self
            .post(
                "/oauth2/token",
                form,
                &header,
                "grant_type=client_credentials",
            )
            .await?;
        member(&answer, "access_token")
    }

    pub async fn log_in(&self) -> Result<Login> {
        self.log_in_with(serde_json::json!({})).await
    }

    /// By another client than the first-party one.
    pub async fn log_in_at(&self, client: &str) -> Result<Login> {
        self.log_in_with(serde_json::json!({ "client_id": client }))
            .await
    }

    async fn log_in_with(&self, mut body: serde_json::Value) -> Result<Login> {
        let user = &self.story.user;
        body["username"] = user.username.as_str().into();
        body["password"] = user.password.as_str().into();
        let answer = self.post("/v1/login", JSON, "", &body.to_string()).await?;
        Ok(Login {
            access_token: member(&answer, "access_token")?,
        })
    }

    pub async fn log_out(&self, login: &Login) -> Result<()> {
        let bearer = format!("Authorization: Bearer {}\r\n", login.access_token);
        self.post("/v1/logout", JSON, &bearer, "{}")
            .await
            .map(|_| ())
    }

    /// Ends every session of the person.
    pub async fn log_out_everywhere(&self, login: &Login) -> Result<()> {
        let bearer = format!("Authorization: Bearer {}\r\n", login.access_token);
        self.send("DELETE /v1/sessions", JSON, &bearer, "")
            .await
            .map(|_| ())
    }

    /// What the server has used so far.
    pub fn cpu(&self) -> Result<Duration> {
        self.process.cpu()
    }

    async fn post(&self, path: &str, kind: &str, headers: &str, body: &str) -> Result<Vec<u8>> {
        self.send(&format!("POST {path}"), kind, headers, body)
            .await
    }

    async fn send(&self, what: &str, kind: &str, headers: &str, body: &str) -> Result<Vec<u8>> {
        let request = format!(
            "{what} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\nContent-Type: {kind}\r\nContent-Length: {}\r\n{headers}\r\n{body}",
            self.address,
            body.len(),
        );
        let mut socket = TcpStream::connect(self.address).await?;
        socket.write_all(request.as_bytes()).await?;
        let mut answer = Vec::new();
        socket.read_to_end(&mut answer).await?;
        if !answer.starts_with(b"HTTP/1.1 2") {
            bail!("{what}: {}", String::from_utf8_lossy(&answer));
        }
        Ok(answer)
    }
}

fn register_follower(binary: &Path, data: &Path, url: &str) -> Result<(String, String)> {
    let mut command = Command::new(binary);
    let arguments = [
        "client", "create", "--name", "Bench", "--grant", "feed", "--json", "--config",
    ];
    let output = command
        .args(arguments)
        .arg(data.join("keywright.toml"))
        .env("KEYWRIGHT_ISSUER__URL", url)
        .output()?;
    let created: serde_json::Value = serde_json::from_slice(&output.stdout)
        .with_context(|| String::from_utf8_lossy(&output.stderr).into_owned())?;
    let text = |name: &str| {
        created[name]
            .as_str()
            .map(str::to_owned)
            .context("no client")
    };
    Ok((text("client_id")?, text("client_secret")?))
}

fn serve(binary: &Path, data: &Path, url: &str, settings: Settings) -> Result<Process> {
    let mut command = Command::new(binary);
    command
        .arg("serve")
        .arg("--config")
        .arg(data.join("keywright.toml"))
        .env("KEYWRIGHT_ISSUER__URL", url)
        .envs(settings.iter().copied());
    Process::start(&mut command)
}
