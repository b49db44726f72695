use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use keywright_tests::Binary;
use serde_json::{Value, json};

/// Mode and content of each file; the database may grow at any time, so only its mode counts.
fn files(folder: &Path) -> BTreeMap<String, (u32, Vec<u8>)> {
    let entries = fs::read_dir(folder).unwrap().map(Result::unwrap);
    let read = entries.filter(|entry| entry.path().is_file()).map(|entry| {
        let name = entry.file_name().into_string().unwrap();
        let mode = entry.metadata().unwrap().permissions().mode() & 0o777;
        let content = if name.contains(".db") {
            Vec::new()
        } else {
            fs::read(entry.path()).unwrap()
        };
        (name, (mode, content))
    });
    read.collect()
}

/// Sorted: an object of JSON has no order.
fn members(value: &Value) -> Vec<&str> {
    let names = value.as_object().unwrap().keys().map(String::as_str);
    let mut names: Vec<_> = names.collect();
    names.sort_unstable();
    names
}

#[tokio::test]
async fn quickstart_makes_everything_private_in_an_empty_folder() {
    let binary = Binary::quickstart(&[]).await;
    let mode = fs::metadata(binary.data()).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode, 0o700);
    let files = files(&binary.data());
    for expected in [
        "keywright.db",
        "keywright.toml",
        "master.key",
        "quickstart.json",
    ] {
        assert!(
            files.contains_key(expected),
            "no {expected} in {:?}",
            files.keys()
        );
    }
    for (name, (mode, _)) in &files {
        assert_eq!(*mode, 0o600, "{name} has mode {mode:o}");
    }
    let manifest = binary.manifest();
    assert_eq!(
        members(&manifest),
        ["admin", "client", "demo_api", "issuer", "user"]
    );
    assert_eq!(members(&manifest["admin"]), ["password", "username"]);
    assert_eq!(members(&manifest["user"]), ["password", "username"]);
    assert_eq!(members(&manifest["client"]), ["client_id", "client_secret"]);
    assert_eq!(members(&manifest["demo_api"]), ["audience", "url"]);
    assert_eq!(manifest["issuer"], binary.issuer());
}

#[tokio::test]
async fn second_run_finds_what_is_there_and_changes_no_byte() {
    let mut binary = Binary::quickstart(&[]).await;
    let before = files(&binary.data());
    let manifest = binary.manifest();
    assert!(
        binary.stop().await,
        "SIGTERM ends it with code 0: {}",
        binary.stderr()
    );
    binary.start_quickstart().await;
    let after = files(&binary.data());
    for (name, content) in &before {
        // The write-ahead log is removed by a clean end.
        if !name.contains(".db") {
            assert_eq!(Some(content), after.get(name), "{name} has changed");
        }
    }
    let user = &manifest["user"];
    let login = json!({ "username": user["username"], "password": user["password"] });
    let answer = binary
        .http()
        .post(binary.url("/v1/login"))
        .json(&login)
        .send()
        .await
        .unwrap();
    assert_eq!(answer.status(), 200);
}

#[tokio::test]
async fn nothing_secret_is_printed() {
    let binary = Binary::quickstart(&[]).await;
    let manifest = binary.manifest();
    for pointer in ["/admin/password", "/user/password", "/client/client_secret"] {
        let secret = manifest.pointer(pointer).and_then(Value::as_str).unwrap();
        assert!(
            !binary.stdout().contains(secret),
            "{pointer} on standard output"
        );
        assert!(!binary.stderr().contains(secret), "{pointer} in the log");
    }
}

#[tokio::test]
async fn plain_http_is_served_on_loopback_alone() {
    let binary = Binary::new(&[]);
    let output = binary.run(&["quickstart", "--dir", "data", "--listen", "0.0.0.0:8080"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(
        !binary.data().exists(),
        "a refused quickstart leaves nothing"
    );
}
