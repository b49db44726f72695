//! The Model Context Protocol: its SDK on both sides (npm), its conformance runner for authorization servers (npm), and mcp-authlab
//! (PyPI), which logs in to a guarded server and attacks it.

use std::collections::BTreeMap;
use std::fs::{self, OpenOptions};
use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::process::Command;
use std::time::Duration;

use keywright_tests::{Administrator, Binary, Browser, WebApp, environment, escaped};
use serde_json::{Value, json};
use tokio::time::sleep;

use super::scene::{APP, shown};

const MODULE: (&str, &str) = ("mcp.mjs", include_str!("apps/mcp.mjs"));
const SCOPE: &str = "call:tools";
const GLANCE: Duration = Duration::from_millis(50);

/// An MCP server at `app` as an API that everybody may use, and an issuer where any client may register itself for it.
async fn issuer_of(app: &WebApp) -> Binary {
    let mut binary = Binary::quickstart(&[]).await;
    let resource = app.url("/mcp");
    let admin = Administrator::of(&binary).await;
    let api = json!({ "name": "Guarded tools", "scopes": { SCOPE: "Use its tools" } });
    let path = format!("/admin/v1/apis/{}", escaped(&resource));
    admin.put(&path, api).await;
    let everybody = json!({
        "description": "Everybody",
        "grants": { "https://orders.example": "read:orders", &resource: SCOPE },
    });
    admin.put("/admin/v1/roles/viewer", everybody).await;
    let registration = format!(
        "\n[registration]\nmode = \"open\"\nscopes = {{ \"{resource}\" = \"{SCOPE}\", \"https://orders.example\" = \"read:orders\" }}\n"
    );
    let mut file = OpenOptions::new()
        .append(true)
        .open(binary.config_file())
        .unwrap();
    file.write_all(registration.as_bytes()).unwrap();
    assert!(binary.stop().await);
    binary.start_quickstart().await;
    binary
}

async fn run_server(app: &mut WebApp, binary: &Binary) {
    let settings = json!({ "issuer": binary.issuer(), "scope": SCOPE });
    app.run_node(&[MODULE, APP], settings).await;
}

async fn let_in(browser: &Browser, binary: &Binary, url: &str) {
    browser.goto(url).await;
    if browser.has("#login-form").await {
        browser.log_in_as_user(binary).await;
    }
    browser.consent_if_asked().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn client_of_the_sdk_registers_itself_and_calls_a_tool() {
    let mut app = WebApp::new();
    let binary = issuer_of(&app).await;
    run_server(&mut app, &binary).await;
    let browser = Browser::start().await;
    let_in(&browser, &binary, &app.url("/")).await;
    let result = shown(&browser, &app).await;
    assert!(result["told"].is_string(), "{result}");
    assert_eq!(result["scope"], SCOPE);
    assert!(
        result["registered"].is_string(),
        "by itself, and not by us: {result}"
    );
}

/// The runner's checks by name, and how each ended.
fn checks(app: &WebApp) -> Vec<(String, String)> {
    let mut checks = Vec::new();
    for scenario in fs::read_dir(app.folder().join("results")).unwrap() {
        let file = scenario.unwrap().path().join("checks.json");
        let text = fs::read_to_string(&file).unwrap();
        let found: Value = serde_json::from_str(&text).unwrap();
        checks.extend(found.as_array().unwrap().iter().map(|check| {
            let text = |name: &str| check[name].as_str().unwrap_or_default().to_owned();
            (text("id"), text("status"))
        }));
    }
    checks
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn conformance_runner_finds_the_issuer_sound() {
    let mut app = WebApp::new();
    // Off unless the operator wants it; the runner warns where it is.
    let documents = ("KEYWRIGHT_REGISTRATION__METADATA_DOCUMENTS", "true");
    let binary = Binary::quickstart(&[documents]).await;
    let client = json!({
        "client_id": "runner", "name": "Conformance runner", "kind": "public",
        "grants": ["authorization_code", "refresh_token"],
        "allowed": { "https://orders.example": "read:orders" },
        "registration": { "redirect_uris": [app.url("/callback")] },
    });
    Administrator::of(&binary).await.register(client).await;
    let program = environment()
        .node_modules()
        .join("@modelcontextprotocol/conformance/dist/index.js");
    let mut runner = Command::new(environment().node());
    runner
        .arg(program)
        .args(["authorization", "--client-id", "runner"])
        .args(["--url", &binary.issuer()])
        .args(["--resource", "https://orders.example"])
        .args(["--port", &app.port().to_string()])
        .arg("--output-dir")
        .arg(app.folder().join("results"));
    // It listens as soon as it waits for the browser.
    app.run(runner, json!({})).await;
    let address = binary.url("/oauth2/authorize?");
    let url = loop {
        let said = app.said();
        if let Some(url) = said.lines().find(|line| line.starts_with(&address)) {
            break url.to_owned();
        }
        sleep(GLANCE).await;
    };
    let_in(&Browser::start().await, &binary, &url).await;
    assert!(app.ends_well().await, "{}", app.said());
    let checks = checks(&app);
    assert!(checks.len() > 1, "{checks:?}");
    let is_sound = |(_, status): &(String, String)| status == "SUCCESS" || status == "INFO";
    assert!(checks.iter().all(is_sound), "{checks:#?}\n{}", app.said());
}

/// A browser, for programs that start one: it writes down what it is asked to open.
fn scribe(app: &WebApp) -> String {
    let (file, notes) = (app.folder().join("browser"), app.folder().join("opened"));
    fs::write(
        &file,
        format!("#!/bin/sh\necho \"$1\" >> {}\n", notes.display()),
    )
    .unwrap();
    fs::set_permissions(&file, fs::Permissions::from_mode(0o700)).unwrap();
    fs::write(notes, "").unwrap();
    format!("{} %s", file.display())
}

/// Whoever is sent to the browser is let in, until the scanner has seen enough.
async fn log_the_scanner_in(app: &mut WebApp, binary: &Binary) {
    let browser = Browser::start().await;
    let mut done = 0;
    while !app.has_ended() {
        let opened = fs::read_to_string(app.folder().join("opened")).unwrap();
        match opened.lines().nth(done) {
            Some(url) => {
                let_in(&browser, binary, url).await;
                done += 1;
            }
            None => sleep(GLANCE).await,
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn scanner_logs_in_to_a_guarded_server_and_finds_nothing() {
    let mut server = WebApp::new();
    let binary = issuer_of(&server).await;
    run_server(&mut server, &binary).await;
    let mut scanner = WebApp::new();
    let program = environment().python().with_file_name("mcp-authlab");
    let url = server.url("/mcp");
    let mut login = Command::new(&program);
    login
        .args(["login", &url, "--no-color", "--thorough"])
        .args(["--foreign-resource", "https://orders.example"])
        .env("BROWSER", scribe(&scanner))
        .env("XDG_CONFIG_HOME", scanner.folder())
        .env("HOME", scanner.folder());
    scanner.start(login);
    log_the_scanner_in(&mut scanner, &binary).await;
    assert!(scanner.ends_well().await, "{}", scanner.said());

    let mut scan = Command::new(&program);
    scan.args(["scan", &url, "--format", "json"])
        .env("XDG_CONFIG_HOME", scanner.folder())
        .env("HOME", scanner.folder());
    let output = tokio::task::block_in_place(|| scan.output().unwrap());
    let report: Value = serde_json::from_slice(&output.stdout).unwrap_or_else(|error| {
        panic!("{error}: {output:?}");
    });
    let results = report["results"].as_array().unwrap();
    let with = |status: &str| -> BTreeMap<&str, &str> {
        let found = results.iter().filter(|check| check["status"] == status);
        let told = found.map(|check| (&check["id"], &check["message"]));
        told.map(|(id, message)| (id.as_str().unwrap(), message.as_str().unwrap()))
            .collect()
    };
    let ids = |status| with(status).into_keys().collect::<Vec<_>>();
    assert_eq!(with("fail"), BTreeMap::new());
    assert_eq!(with("error"), BTreeMap::new());
    assert_eq!(ids("warn"), ["TLS-01"], "{:?}", with("warn"));
    assert_eq!(
        ids("skip"),
        ["SESS-01", "SESS-02"],
        "the guarded server keeps no sessions"
    );
    let passed = with("pass");
    for proved in [
        "ASF-01", "ASF-02", "ASF-03", "ASF-04", "ASF-05", "TOK-02", "TOK-03",
    ] {
        assert!(passed.contains_key(proved), "{proved}: {report:#}");
    }
}
