//! The real `keywright` in a folder of its own, on free loopback ports.

mod ports;
pub(crate) mod process;
mod signer;

use std::fs;
use std::io::Write;
use std::path::PathBuf;
use std::process::{Command, Output, Stdio};
use std::time::Duration;

use serde_json::Value;
use tokio::time::sleep;

use crate::engine::Database;
use crate::{Engine, Folder, environment};
use process::Process;

pub use ports::free_ports;
pub use signer::Signer;

/// Long enough for a debug build on a busy machine; a server that is not ready by then is broken.
const PATIENCE: Duration = Duration::from_secs(60);
const GLANCE: Duration = Duration::from_millis(10);

/// A quickstart directory, and the server on it while it runs. Killed by its own pid when dropped.
pub struct Binary {
    folder: Folder,
    port: u16,
    /// Configuration overrides, as `KEYWRIGHT_SECTION__KEY`.
    overrides: Vec<(String, String)>,
    /// Ends before the database does.
    process: Option<Process>,
    database: Option<Database>,
    http: reqwest::Client,
}

impl Binary {
    /// An empty folder and a port; nothing runs yet.
    pub fn new(overrides: &[(&str, &str)]) -> Self {
        crate::install_crypto();
        let overrides = overrides
            .iter()
            .map(|(k, v)| ((*k).to_owned(), (*v).to_owned()));
        Self {
            folder: Folder::new(),
            port: free_ports(),
            overrides: overrides.collect(),
            process: None,
            database: None,
            http: reqwest::Client::new(),
        }
    }

    /// Runs `keywright quickstart`, and waits until it and its demo API answer.
    pub async fn quickstart(overrides: &[(&str, &str)]) -> Self {
        let mut this = Self::new(overrides);
        this.start_quickstart().await;
        this
    }

    /// The same on either engine: a quickstart takes the configuration that it finds.
    pub async fn quickstart_on(engine: Engine, overrides: &[(&str, &str)]) -> Self {
        let mut this = Self::new(overrides);
        if engine == Engine::Postgres {
            let database = Database::new(engine).await;
            this.configure_postgres(database.url());
            this.database = Some(database);
        }
        this.start_quickstart().await;
        this
    }

    fn configure_postgres(&self, url: &str) {
        let (issuer, demo) = (self.port, self.port + 1);
        let config = format!(
            r#"
            [issuer]
            url = "http://127.0.0.1:{issuer}"
            master_key = "file:master.key"
            [listen]
            address = "127.0.0.1:{issuer}"
            [database]
            postgres = "file:database.url"
            [accounts]
            default_roles = ["viewer"]
            email_verification = "optional"
            [demo]
            address = "127.0.0.1:{demo}"
            audience = "https://orders.example"
            "#
        );
        fs::create_dir(self.data()).expect("a new folder");
        fs::write(self.config_file(), config).expect("the configuration");
        fs::write(self.data().join("database.url"), url).expect("the reference");
    }

    pub async fn start_quickstart(&mut self) {
        self.start_quickstart_alone().await;
        self.await_ok(&format!("{}/orders", self.demo_api())).await;
    }

    /// The same, whether or not the demo API can reach the issuer by the name that it was given.
    pub async fn start_quickstart_alone(&mut self) {
        let listen = format!("127.0.0.1:{}", self.port);
        let data = self.data();
        let data = data.to_str().expect("a path in UTF-8");
        self.spawn(&["quickstart", "--dir", data, "--listen", &listen]);
        self.await_ready().await;
    }

    /// Runs `keywright serve` on what a quickstart left.
    pub async fn start_serve(&mut self) {
        self.spawn_serve();
        self.await_ready().await;
    }

    pub fn spawn_serve(&mut self) {
        let config = self.config_file();
        self.spawn(&[
            "serve",
            "--config",
            config.to_str().expect("a path in UTF-8"),
        ]);
    }

    fn spawn(&mut self, arguments: &[&str]) {
        assert!(self.process.is_none(), "one server at a time");
        let mut command = self.command(arguments);
        command.current_dir(self.folder.path());
        self.process = Some(Process::spawn(command, self.folder.path()));
    }

    /// Runs a command of the binary to its end.
    pub fn run(&self, arguments: &[&str]) -> Output {
        let mut command = self.command(arguments);
        command.arg("--config").arg(self.config_file());
        command
            .current_dir(self.folder.path())
            .output()
            .expect("the binary runs")
    }

    /// The same, with `input` on its standard input.
    pub fn run_with(&self, arguments: &[&str], input: &str) -> Output {
        let mut command = self.command(arguments);
        command
            .arg("--config")
            .arg(self.config_file())
            .current_dir(self.folder.path());
        fed(command, input)
    }

    /// Runs a command in a folder with no server in it: what it reaches goes by an address.
    pub fn run_elsewhere(arguments: &[&str], folder: &Folder, input: &str) -> Output {
        let mut command = Command::new(environment().binary());
        command
            .args(arguments)
            .env_clear()
            .current_dir(folder.path());
        fed(command, input)
    }

    /// Nothing of the tests' environment leaks in.
    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(environment().binary());
        command
            .args(arguments)
            .env_clear()
            .envs(self.overrides.iter().map(|(k, v)| (k, v)));
        command
    }

    pub fn set_override(&mut self, name: &str, value: &str) {
        self.overrides.push((name.to_owned(), value.to_owned()));
    }

    pub fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    pub fn config_file(&self) -> PathBuf {
        self.data().join("keywright.toml")
    }

    pub fn port(&self) -> u16 {
        self.port
    }

    pub fn issuer(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    pub fn url(&self, path: &str) -> String {
        format!("{}{path}", self.issuer())
    }

    /// `quickstart.json`.
    pub fn manifest(&self) -> Value {
        let text = fs::read(self.data().join("quickstart.json")).expect("quickstart.json");
        serde_json::from_slice(&text).expect("JSON")
    }

    pub fn demo_api(&self) -> String {
        self.manifest()["demo_api"]["url"]
            .as_str()
            .expect("a URL")
            .to_owned()
    }

    pub fn http(&self) -> &reqwest::Client {
        &self.http
    }

    /// Signs with the issuer's own active key, which it lends out under its master key.
    pub async fn signer(&self) -> Signer {
        Signer::open(&self.data()).await
    }

    pub fn process(&self) -> &Process {
        self.process.as_ref().expect("a running server")
    }

    /// What the last server wrote to standard output and to standard error.
    pub fn stdout(&self) -> String {
        process::written(self.folder.path(), "stdout")
    }

    pub fn stderr(&self) -> String {
        process::written(self.folder.path(), "stderr")
    }

    /// SIGKILL: no destructor runs, no file is flushed.
    pub fn kill(&mut self) {
        self.process.take().expect("a running server").kill();
    }

    /// SIGTERM, and waits for the end; answers whether it ended well.
    pub async fn stop(&mut self) -> bool {
        let mut process = self.process.take().expect("a running server");
        process.signal("TERM");
        process.ended(PATIENCE).await
    }

    async fn await_ready(&self) {
        self.await_ok(&self.url("/readyz")).await;
    }

    /// Waits until somebody answers there, whatever it answers but 503.
    async fn await_ok(&self, url: &str) {
        let mut waited = Duration::ZERO;
        while waited < PATIENCE {
            match self.http.get(url).send().await {
                Ok(answer) if answer.status() != 503 => return,
                _ => sleep(GLANCE).await,
            }
            waited += GLANCE;
            assert!(!self.process().has_ended(), "it ended: {}", self.stderr());
        }
        panic!("{url} does not answer: {}", self.stderr());
    }
}

/// Runs it to its end, with `input` on its standard input.
fn fed(mut command: Command, input: &str) -> Output {
    command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let mut child = command.spawn().expect("the binary runs");
    let mut stdin = child.stdin.take().expect("a pipe");
    // A command that refuses at once has closed its end.
    let _ = stdin.write_all(input.as_bytes());
    drop(stdin);
    child.wait_with_output().expect("it ends")
}
