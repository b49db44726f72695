//! An application around a client library that others wrote: a process of its own on loopback, which logs people in through the
//! issuer.

use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use serde_json::{Value, json};
use tokio::time::sleep;

use crate::binary::process::{Process, written};
use crate::{Binary, Folder, environment, free_ports};

const PATIENCE: Duration = Duration::from_secs(60);
const GLANCE: Duration = Duration::from_millis(20);

/// Killed by its own pid when dropped.
pub struct WebApp {
    folder: Folder,
    port: u16,
    process: Option<Process>,
}

impl WebApp {
    /// A folder and a port; nothing runs yet, so that the port can be registered.
    pub fn new() -> Self {
        Self {
            folder: Folder::new(),
            port: free_ports(),
            process: None,
        }
    }

    pub fn port(&self) -> u16 {
        self.port
    }

    pub fn url(&self, path: &str) -> String {
        format!("http://127.0.0.1:{}{path}", self.port)
    }

    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Runs an ES module; `modules` are it and what it imports, by name.
    pub async fn run_node(&mut self, modules: &[(&str, &str)], settings: Value) {
        let folder = self.folder.path();
        for (name, text) in modules {
            fs::write(folder.join(name), text).expect("the module is written");
        }
        // An ES module finds its packages beside itself or above.
        let packages = environment().node_modules();
        std::os::unix::fs::symlink(packages, folder.join("node_modules")).expect("a link");
        let mut node = Command::new(environment().node());
        node.arg(folder.join(modules[0].0));
        self.run(node, settings).await;
    }

    pub async fn run_python(&mut self, script: &str, settings: Value) {
        let mut python = Command::new(environment().python());
        python.args(["-c", script]);
        self.run(python, settings).await;
    }

    /// Runs `command` with the settings and its port in `KEYWRIGHT_APP`, and waits until it answers.
    pub async fn run(&mut self, mut command: Command, mut settings: Value) {
        settings["port"] = json!(self.port);
        command.env("KEYWRIGHT_APP", settings.to_string());
        self.start(command);
        let mut waited = Duration::ZERO;
        while tokio::net::TcpStream::connect(("127.0.0.1", self.port))
            .await
            .is_err()
        {
            assert!(!self.has_ended() && waited < PATIENCE, "{}", self.said());
            sleep(GLANCE).await;
            waited += GLANCE;
        }
    }

    /// Runs a program that serves nobody.
    pub fn start(&mut self, command: Command) {
        self.process = Some(Process::spawn(command, self.folder.path()));
    }

    pub fn has_ended(&self) -> bool {
        self.process.as_ref().is_none_or(Process::has_ended)
    }

    /// Waits for the end of a program that ends by itself; answers whether it came in time and with code 0.
    pub async fn ends_well(&mut self) -> bool {
        match &mut self.process {
            Some(process) => process.ended(PATIENCE).await,
            None => false,
        }
    }

    /// What it wrote.
    pub fn said(&self) -> String {
        let of = |name| written(self.folder.path(), name);
        format!("{}{}", of("stdout"), of("stderr"))
    }
}

impl Default for WebApp {
    fn default() -> Self {
        Self::new()
    }
}

/// The administrator of a quickstart.
pub struct Administrator<'b> {
    binary: &'b Binary,
    token: String,
}

impl<'b> Administrator<'b> {
    pub async fn of(binary: &'b Binary) -> Self {
        let admin = &binary.manifest()["admin"];
        let login = json!({
            "username": admin["username"],
            "password": admin["password"],
            "audience": binary.issuer(),
        });
        let answer = binary.http().post(binary.url("/v1/login")).json(&login);
        let answer: Value = answer.send().await.unwrap().json().await.unwrap();
        let token = answer["access_token"].as_str().expect("a token").to_owned();
        Self { binary, token }
    }

    /// Registers a client; answers its secret, if it has one.
    pub async fn register(&self, client: Value) -> Option<String> {
        let created = self.post("/admin/v1/clients", client).await;
        created["client_secret"].as_str().map(str::to_owned)
    }

    pub async fn post(&self, path: &str, body: Value) -> Value {
        self.send(self.binary.http().post(self.binary.url(path)), body)
            .await
    }

    pub async fn get(&self, path: &str) -> Value {
        let request = self.binary.http().get(self.binary.url(path));
        let request = request.bearer_auth(&self.token);
        let answer = request.send().await.expect("the server answers");
        answer.json().await.expect("a document")
    }

    pub async fn put(&self, path: &str, body: Value) -> Value {
        self.send(self.binary.http().put(self.binary.url(path)), body)
            .await
    }

    async fn send(&self, request: reqwest::RequestBuilder, body: Value) -> Value {
        let request = request.bearer_auth(&self.token).json(&body);
        let answer = request.send().await.expect("the server answers");
        let (status, text) = (answer.status(), answer.text().await.expect("a body"));
        assert!(status.is_success(), "{status} {text}");
        serde_json::from_str(&text).unwrap_or_default()
    }
}
