//! A real OpenBao server in development mode, over TLS. It ends when this process does, however that ends.

use std::fs::{self, File};
use std::io::{BufRead, BufReader};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, LazyLock};
use std::thread;
use std::time::Duration;

use keywright_custody::{TokenSource, TransitSettings};
use keywright_domain::secret::PlainSecret;
use rustls::crypto::aws_lc_rs;
use serde_json::{Value, json};
use ureq::Agent;
use ureq::http::Request;
use ureq::tls::{Certificate, RootCerts, TlsConfig};

const ROOT: &str = "the-root-token";
/// Its standard input is a pipe from here: when that closes, the server is ended, also one that was stopped.
const UNTIL_WE_END: &str = r#"log=$1; shift; "$@" >"$log" 2>&1 & echo $!; read -r _; kill -9 $!"#;

pub struct Bao {
    port: u16,
    ca: Vec<u8>,
    agent: Agent,
    pid: String,
    mounts: AtomicU32,
    /// Holds the pipe.
    _shell: Child,
}

/// An engine of its own, and a token with the policy of the documentation.
#[derive(Clone)]
pub struct Engine {
    pub bao: Arc<Bao>,
    pub mount: String,
    pub token: String,
}

/// The one that most tests share.
pub fn shared() -> Arc<Bao> {
    static SHARED: LazyLock<Arc<Bao>> = LazyLock::new(|| Arc::new(Bao::start()));
    SHARED.clone()
}

impl Bao {
    pub fn start() -> Self {
        let folder = folder();
        let log = folder.join("log");
        let port = free_port();
        let mut shell = Command::new("sh")
            .args(["-c", UNTIL_WE_END, "sh"])
            .arg(&log)
            .arg(program())
            .args(["server", "-dev-tls", "-dev-no-store-token"])
            .arg(format!("-dev-tls-cert-dir={}", folder.display()))
            .arg(format!("-dev-root-token-id={ROOT}"))
            .arg(format!("-dev-listen-address=127.0.0.1:{port}"))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut pid = String::new();
        BufReader::new(shell.stdout.take().unwrap())
            .read_line(&mut pid)
            .unwrap();
        let ca = certificate(&folder, &log);
        let bao = Self {
            port,
            agent: agent(&ca),
            ca,
            pid: pid.trim().to_owned(),
            mounts: AtomicU32::new(0),
            _shell: shell,
        };
        bao.await_answer(&log);
        fs::remove_dir_all(folder).unwrap();
        bao
    }

    pub fn port(&self) -> u16 {
        self.port
    }

    pub fn url(&self) -> String {
        format!("https://127.0.0.1:{}", self.port)
    }

    /// As an administrator; whatever is answered, with its status.
    pub fn ask(&self, method: &str, path: &str, body: &Value) -> (u16, Value) {
        self.ask_as(ROOT, method, path, body).unwrap()
    }

    pub fn ask_as(
        &self,
        token: &str,
        method: &str,
        path: &str,
        body: &Value,
    ) -> Result<(u16, Value), ureq::Error> {
        let request = Request::builder()
            .method(method)
            .uri(format!("{}/v1/{path}", self.url()))
            .header("x-vault-token", token)
            .body(body.to_string())?;
        let mut answer = self.agent.run(request)?;
        let text = answer.body_mut().read_to_string()?;
        let body = serde_json::from_str(&text).unwrap_or_default();
        Ok((answer.status().as_u16(), body))
    }

    /// The same, and it must be done.
    pub fn done(&self, method: &str, path: &str, body: &Value) -> Value {
        let (status, answer) = self.ask(method, path, body);
        assert!((200..300).contains(&status), "{path}: {status} {answer}");
        answer
    }

    /// It takes connections and answers nobody.
    pub fn pause(&self) {
        self.signal("STOP");
    }

    pub fn resume(&self) {
        self.signal("CONT");
    }

    fn signal(&self, name: &str) {
        let sent = Command::new("kill").args(["-s", name, &self.pid]).status();
        assert!(sent.unwrap().success());
    }

    fn await_answer(&self, log: &Path) {
        for _ in 0..1200 {
            let mounts = self.ask_as(ROOT, "GET", "sys/mounts", &json!({}));
            if matches!(mounts, Ok((200, _))) {
                return;
            }
            thread::sleep(Duration::from_millis(50));
        }
        panic!("{}", fs::read_to_string(log).unwrap_or_default());
    }
}

impl Engine {
    pub fn new(bao: &Arc<Bao>) -> Self {
        let number = bao.mounts.fetch_add(1, Ordering::Relaxed);
        let mount = format!("transit-{number}");
        let kind = json!({ "type": "transit" });
        bao.done("POST", &format!("sys/mounts/{mount}"), &kind);
        let policy = policy().replace("transit/", &format!("{mount}/"));
        let token = new_token(bao, &mount, &policy);
        let bao = bao.clone();
        Self { bao, mount, token }
    }

    /// Another token, which may do what `policy` says.
    pub fn token_with(&self, name: &str, policy: &str) -> String {
        let policy = policy.replace("transit/", &format!("{}/", self.mount));
        new_token(&self.bao, &format!("{}-{name}", self.mount), &policy)
    }

    pub fn settings(&self) -> TransitSettings {
        TransitSettings {
            url: self.bao.url(),
            mount: self.mount.clone(),
            namespace: None,
            ca: Some(self.bao.ca.clone()),
            token: always(&self.token),
        }
    }

    /// Behind the custody's back.
    pub fn done(&self, method: &str, path: &str, body: &Value) -> Value {
        self.bao.done(method, &self.path(path), body)
    }

    pub fn path(&self, path: &str) -> String {
        format!("{}/{path}", self.mount)
    }
}

/// The policy that the documentation tells people to use.
pub fn policy() -> String {
    let operations = include_str!("../../../../docs/operations.md");
    let (_, rest) = operations.split_once("```hcl\n").unwrap();
    rest.split_once("```").unwrap().0.to_owned()
}

pub fn always(token: &str) -> TokenSource {
    let token = PlainSecret::new(token);
    TokenSource::new(move || Ok(token.clone()))
}

fn new_token(bao: &Bao, name: &str, policy: &str) -> String {
    let rules = json!({ "policy": policy });
    bao.done("PUT", &format!("sys/policies/acl/{name}"), &rules);
    let wanted = json!({ "policies": [name], "no_default_policy": true, "period": "1h" });
    let made = bao.done("POST", "auth/token/create", &wanted);
    made["auth"]["client_token"].as_str().unwrap().to_owned()
}

fn agent(ca: &[u8]) -> Agent {
    let ca = Certificate::from_pem(ca).unwrap();
    let tls = TlsConfig::builder()
        .root_certs(RootCerts::new_with_certs(&[ca]))
        .unversioned_rustls_crypto_provider(Arc::new(aws_lc_rs::default_provider()))
        .build();
    let config = Agent::config_builder()
        .tls_config(tls)
        .http_status_as_error(false);
    config.build().into()
}

fn certificate(folder: &Path, log: &Path) -> Vec<u8> {
    for _ in 0..1200 {
        for name in ["bao-ca.pem", "vault-ca.pem"] {
            match fs::read(folder.join(name)) {
                Ok(pem) if pem.ends_with(b"-----END CERTIFICATE-----\n") => return pem,
                Ok(_) | Err(_) => {}
            }
        }
        thread::sleep(Duration::from_millis(50));
    }
    panic!("{}", fs::read_to_string(log).unwrap_or_default());
}

fn folder() -> PathBuf {
    static NUMBER: AtomicU32 = AtomicU32::new(0);
    let number = NUMBER.fetch_add(1, Ordering::Relaxed);
    let name = format!("bao-{}-{number}", std::process::id());
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    fs::create_dir_all(&folder).unwrap();
    File::create(folder.join("log")).unwrap();
    folder
}

fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap().port()
}

#[expect(
    clippy::disallowed_methods,
    reason = "with the module of SoftHSM, all that these tests read of the environment"
)]
fn program() -> PathBuf {
    let program = std::env::var_os("KEYWRIGHT_TEST_BAO");
    let program = program.expect("KEYWRIGHT_TEST_BAO is not set: run `cargo xtask test`");
    program.into()
}
