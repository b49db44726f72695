//! The two servers that are compared, started on data of their own in a temporary folder.

use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use tempfile::TempDir;

use super::load;
use super::process::Process;

/// The API whose tokens are signed with RS256.
pub const RSA_AUDIENCE: &str = "https://orders-rs256.example";
pub const REDIRECT_URI: &str = "https://bench.example/callback";

pub struct Subject {
    pub process: Process,
    pub address: SocketAddr,
    pub(super) kind: Kind,
    /// Deleted with the subject.
    folder: TempDir,
}

pub(super) enum Kind {
    Floor,
    Keywright(Box<Issuer>),
}

/// The real server: what it was made of, and who asks it.
pub(super) struct Issuer {
    binary: PathBuf,
    pub story: Story,
    /// People log in to it at the page; it also asks what tokens are worth.
    pub of_people: Client,
    /// Gets tokens of its own, of RS256.
    pub rsa_service: Client,
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
            folder,
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
        let config = data.join("keywright.toml");
        let [of_people, rsa_service] = register(&binary, &config, &story.demo_api.audience)?;
        let mut process = serve(&binary, &config)?;
        process.wait_for(address)?;
        let issuer = Issuer {
            binary,
            story,
            of_people,
            rsa_service,
        };
        Ok(Self {
            process,
            address,
            kind: Kind::Keywright(Box::new(issuer)),
            folder,
        })
    }

    /// Ends the real server, and says how long it takes from the start on the same data until it is ready.
    pub async fn restart(&mut self) -> Result<Duration> {
        let Kind::Keywright(issuer) = &self.kind else {
            bail!("the floor is not restarted");
        };
        self.process.kill()?;
        let started = Instant::now();
        self.process = serve(
            &issuer.binary,
            &self.folder.path().join("data/keywright.toml"),
        )?;
        let ask = load::get("/readyz");
        while load::once(self.address, &ask).await.is_err() {
            if started.elapsed() > Duration::from_secs(10) {
                bail!("the server was not ready within ten seconds");
            }
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        Ok(started.elapsed())
    }
}

fn serve(binary: &Path, config: &Path) -> Result<Process> {
    Process::start(
        Command::new(binary)
            .arg("serve")
            .arg("--config")
            .arg(config)
            // Strict, so that each refresh is a rotation. A session that refreshes more than eight times within the
            // grace time is handed its current token again, and nothing is written.
            .env("KEYWRIGHT_SESSIONS__GRACE", "0s"),
    )
}

/// What the quickstart has no need of: a client of people, an API with RS256, and a service of that API.
fn register(binary: &Path, config: &Path, audience: &str) -> Result<[Client; 2]> {
    let run = |arguments: &[&str]| {
        let mut command = Command::new(binary);
        let output = command
            .args(arguments)
            .arg("--config")
            .arg(config)
            .output()?;
        if !output.status.success() {
            bail!("{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
        }
        Ok(output.stdout)
    };
    let create = |grant: &str, audience: &str, more: &[&str]| {
        let allowed = format!("{audience}=read:orders");
        let mut arguments = vec!["client", "create", "--json", "--name", "Bench"];
        arguments.extend(["--grant", grant, "--allow", &allowed]);
        arguments.extend(more);
        Ok::<Client, anyhow::Error>(serde_json::from_slice(&run(&arguments)?)?)
    };
    // First this one: its ID tokens are of RS256, and a key that none but clients rely on signs at once. The API finds it signing; one of
    // its own would wait until verifiers know it.
    let of_people = create(
        "authorization-code",
        audience,
        &[
            "--redirect-uri",
            REDIRECT_URI,
            "--openid-scope",
            "openid email",
            "--first-party",
        ],
    )?;
    let mut api = vec!["api", "put", RSA_AUDIENCE, "--name", "Orders"];
    api.extend(["--scope", "read:orders=See orders", "--algorithm", "RS256"]);
    run(&api)?;
    let rsa_service = create("client-credentials", RSA_AUDIENCE, &[])?;
    Ok([of_people, rsa_service])
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

pub fn beside_this_benchmark() -> Result<PathBuf> {
    let path = std::env::current_exe()?.with_file_name("keywright");
    path.exists()
        .then_some(path)
        .context("no `keywright` beside this benchmark: `cargo xtask bench server` builds it")
}

pub fn free_address() -> Result<SocketAddr> {
    Ok(TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?)
}
