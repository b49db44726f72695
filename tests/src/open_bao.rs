//! OpenBao: a real server in development mode, with a Transit secrets engine that a test can seal.

use std::fs;
use std::process::Command;
use std::time::Duration;

use serde_json::{Value, json};
use tokio::time::sleep;

use crate::binary::process::Process;
use crate::{Binary, Folder, environment, free_ports};

const ROOT: &str = "the-root-token";

pub struct OpenBao {
    port: u16,
    http: reqwest::Client,
    /// What the documentation's policy allows, and no more.
    token: String,
    /// Ends before its folder is removed.
    process: Process,
    folder: Folder,
}

impl OpenBao {
    pub async fn start() -> Self {
        crate::install_crypto();
        let (folder, port) = (Folder::new(), free_ports());
        let mut command = Command::new(environment().open_bao());
        command
            .args(["server", "-dev", "-dev-no-store-token"])
            .arg(format!("-dev-root-token-id={ROOT}"))
            .arg(format!("-dev-listen-address=127.0.0.1:{port}"))
            .current_dir(folder.path());
        let mut this = Self {
            port,
            http: reqwest::Client::new(),
            token: String::new(),
            process: Process::spawn(command, folder.path()),
            folder,
        };
        this.await_root_token().await;
        let engine = json!({ "type": "transit" });
        this.done("sys/mounts/transit", &engine).await;
        this.token = this.new_token().await;
        this
    }

    /// From the next start on, new keys are made in the engine.
    pub fn give_to(&self, binary: &Binary) {
        self.put_token_of(binary, &self.token);
        let file = binary.config_file();
        let config = fs::read_to_string(&file).expect("a configuration");
        let url = format!("http://127.0.0.1:{}", self.port);
        let section = format!("[transit]\nurl = \"{url}\"\ntoken = \"file:transit.token\"\n");
        fs::write(file, format!("{config}\n{section}")).expect("the configuration");
    }

    /// What the configuration's reference leads to.
    pub fn put_token_of(&self, binary: &Binary, token: &str) {
        fs::write(binary.data().join("transit.token"), token).expect("a token");
    }

    pub fn token(&self) -> &str {
        &self.token
    }

    /// Another token with the policy of the documentation.
    pub async fn new_token(&self) -> String {
        let operations = include_str!("../../docs/operations.md");
        let (_, policy) = operations.split_once("```hcl\n").expect("a policy");
        let (policy, _) = policy.split_once("```").expect("its end");
        let rules = json!({ "policy": policy });
        self.done("sys/policies/acl/keywright", &rules).await;
        let wanted =
            json!({ "policies": ["keywright"], "no_default_policy": true, "period": "1h" });
        let made = self.done("auth/token/create", &wanted).await;
        let token = made["auth"]["client_token"].as_str();
        token.expect("a token").to_owned()
    }

    pub async fn revoke(&self, token: &str) {
        let revoked = json!({ "token": token });
        self.done("auth/token/revoke", &revoked).await;
    }

    pub async fn disable_engine(&self) {
        let request = self.http.delete(self.url("sys/mounts/transit"));
        let answer = request.header("x-vault-token", ROOT).send().await;
        assert!(answer.expect("an answer").status().is_success());
    }

    pub async fn seal(&self) {
        self.done("sys/seal", &json!({})).await;
    }

    pub async fn unseal(&self) {
        let told = self.stdout();
        let key = told
            .lines()
            .find_map(|line| line.strip_prefix("Unseal Key: "));
        let key = json!({ "key": key.expect("its unseal key").trim() });
        self.done("sys/unseal", &key).await;
    }

    /// As an administrator.
    async fn done(&self, path: &str, body: &Value) -> Value {
        let request = self.http.post(self.url(path)).json(body);
        let answer = request.header("x-vault-token", ROOT).send().await;
        let answer = answer.expect("an answer");
        let status = answer.status();
        let text = answer.text().await.expect("a body");
        assert!(status.is_success(), "{path}: {status} {text}");
        serde_json::from_str(&text).unwrap_or_default()
    }

    async fn await_root_token(&self) {
        for _ in 0..1200 {
            let request = self.http.get(self.url("sys/mounts"));
            let answer = request.header("x-vault-token", ROOT).send().await;
            if answer.is_ok_and(|answer| answer.status().is_success()) {
                return;
            }
            sleep(Duration::from_millis(50)).await;
        }
        panic!("OpenBao does not start: {}", self.stdout());
    }

    fn url(&self, path: &str) -> String {
        format!("http://127.0.0.1:{}/v1/{path}", self.port)
    }

    fn stdout(&self) -> String {
        assert!(!self.process.has_ended(), "OpenBao has ended");
        fs::read_to_string(self.folder.path().join("stdout")).expect("its output")
    }
}
