//! Commands that reach the server by its address: the same documents, rights and refusals, and no way around them.

use std::fs;
use std::process::Output;

use keywright_domain::access::ISSUER_SCOPES;
use keywright_tests::{Binary, Folder};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

/// Another machine's folder, with a client's secret in it.
struct Desk {
    binary: Binary,
    folder: Folder,
}

impl Desk {
    /// With a client `ops` that may ask for these scopes of the issuer.
    async fn with(scopes: &str) -> Self {
        let binary = Binary::quickstart(&[]).await;
        let allow = format!("{}={scopes}", binary.issuer());
        let create = ["client", "create", "--id", "ops", "--name", "Ops", "--json"];
        let rest = ["--grant", "client-credentials", "--allow", &allow];
        let created = told(&binary.run(&[&create[..], &rest].concat()));
        let folder = Folder::new();
        let secret = created["client_secret"].as_str().unwrap();
        fs::write(folder.path().join("secret"), secret).unwrap();
        Self { binary, folder }
    }

    async fn with_everything() -> Self {
        let all = ISSUER_SCOPES.iter().map(|(scope, _)| *scope);
        Self::with(&all.collect::<Vec<_>>().join(" ")).await
    }

    /// Runs a command as `ops`.
    fn run(&self, arguments: &[&str], input: &str) -> Output {
        let who = ["--client-id", "ops", "--client-secret", "file:secret"];
        self.run_as(&who, arguments, input)
    }

    fn run_as(&self, who: &[&str], arguments: &[&str], input: &str) -> Output {
        let issuer = self.binary.issuer();
        let line = [&["--url", &issuer][..], who, arguments].concat();
        Binary::run_elsewhere(&line, &self.folder, input)
    }
}

#[track_caller]
fn told(output: &Output) -> Value {
    assert!(output.status.success(), "{output:?}");
    serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("no JSON: {output:?}"))
}

/// What a command complained of when it ended with `code`.
#[track_caller]
fn complaint(output: &Output, code: i32) -> String {
    assert_eq!(output.status.code(), Some(code), "{output:?}");
    assert!(output.stdout.is_empty(), "{output:?}");
    String::from_utf8(output.stderr.clone()).unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn either_way_a_command_prints_the_same() {
    let desk = Desk::with_everything().await;
    let commands: &[&[&str]] = &[
        &["user", "list"],
        &["user", "list", "--limit", "1"],
        &["user", "show", "admin"],
        &["user", "show", "user@example.com"],
        &["client", "list"],
        &["api", "list"],
        &["role", "list"],
        &["keys", "list"],
        &["session", "list", "--user", "admin"],
        &["audit", "tail", "-n", "7"],
        &["audit", "verify"],
        &["audit", "export"],
    ];
    for command in commands {
        for json in [&[][..], &["--json"]] {
            let line = [command, json].concat();
            let (here, there) = (desk.binary.run(&line), desk.run(&line, ""));
            assert!(here.status.success() && !here.stdout.is_empty(), "{here:?}");
            assert_eq!(there, here, "{line:?}");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn administrators_elsewhere_change_what_operators_change() {
    let desk = Desk::with_everything().await;
    let done = |line: &[&str], input: &str| {
        let output = desk.run(line, input);
        assert!(output.status.success(), "{line:?}: {output:?}");
    };
    let create = [
        "user",
        "create",
        "--email",
        "ann@people.example",
        "--username",
        "ann",
    ];
    done(&create, "seven otters juggle lamps");
    let api = "https://billing.example";
    done(&["api", "put", api, "--scope", "read:bills=See bills"], "");
    done(&["api", "put", api, "--lifetime", "2m"], "");
    let grant = format!("{api}=read:bills");
    done(&["role", "put", "clerk", "--description", "Sees bills"], "");
    done(&["role", "put", "clerk", "--grant", &grant], "");
    done(&["user", "roles", "ann", "clerk"], "");
    let reports = [
        "client",
        "create",
        "--id",
        "reports",
        "--name",
        "Reports",
        "--grant",
        "client-credentials",
    ];
    done(&[&reports[..], &["--allow", &grant]].concat(), "");
    done(&["client", "disable", "reports"], "");

    let seen = |line: &[&str]| told(&desk.binary.run(&[line, &["--json"]].concat()));
    assert_eq!(seen(&["user", "show", "ann"])["roles"], json!(["clerk"]));
    let named = |list: Value, member: &str, name: &str| {
        list.as_array()
            .unwrap()
            .iter()
            .find(|row| row[member] == name)
            .unwrap()
            .clone()
    };
    let api = named(seen(&["api", "list"]), "audience", api);
    assert_eq!(
        (&api["scopes"], &api["lifetime_seconds"]),
        (&json!(["read:bills"]), &json!(120))
    );
    let clerk = named(seen(&["role", "list"]), "name", "clerk");
    assert_eq!(
        (&clerk["description"], &clerk["grants"]),
        (&json!("Sees bills"), &json!([grant]))
    );
    let reports = named(seen(&["client", "list"]), "client_id", "reports");
    assert_eq!(
        (&reports["disabled"], &reports["allowed"]),
        (&json!(true), &json!([grant]))
    );

    done(&["user", "disable", "ann"], "");
    done(&["session", "end-all", "ann"], "");
    done(&["user", "delete", "ann"], "");
    done(&["client", "delete", "reports"], "");
    done(&["role", "delete", "clerk"], "");
    let events = desk.binary.run(&["audit", "export"]).stdout;
    let events = String::from_utf8(events).unwrap();
    for kind in [
        "account.user.created",
        "access.role.changed",
        "client.created",
        "account.user.deleted",
    ] {
        let by_ops = |line: &str| line.contains(kind) && line.contains("client:ops");
        assert!(
            events.lines().any(by_ops),
            "{kind} is on record as the client's: {events}"
        );
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_right_that_is_missing_is_named() {
    let desk = Desk::with("users:read users:write").await;
    told(&desk.run(&["user", "list", "--json"], ""));
    let refused = complaint(&desk.run(&["session", "list"], ""), 1);
    assert!(refused.contains("sessions:read"), "{refused}");

    // A token that was got for less than it is used for.
    let secret = fs::read_to_string(desk.folder.path().join("secret")).unwrap();
    let form = format!(
        "grant_type=client_credentials&scope=users:read&audience={}",
        desk.binary.issuer()
    );
    let answer = desk
        .binary
        .http()
        .post(desk.binary.url("/oauth2/token"))
        .basic_auth("ops", Some(secret));
    let answer = answer
        .header("content-type", "application/x-www-form-urlencoded")
        .body(form);
    let tokens: Value = answer.send().await.unwrap().json().await.unwrap();
    let token = tokens["access_token"].as_str().unwrap();
    let with_token = |line: &[&str]| desk.run_as(&["--token", "-"], line, token);
    told(&with_token(&["user", "show", "admin", "--json"]));
    let refused = complaint(&with_token(&["user", "disable", "admin"]), 1);
    assert!(
        refused.contains("users:write") && refused.contains("request "),
        "{refused}"
    );
    assert!(!refused.contains(token));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn person_is_logged_in_for_one_command_and_leaves_no_session() {
    let desk = Desk::with("users:read").await;
    let admin = desk.binary.manifest()["admin"]["password"]
        .as_str()
        .unwrap()
        .to_owned();
    let who = ["--login", "admin"];
    // The first line is the administrator's password, the rest the new account's.
    let input = format!("{admin}\nseven otters juggle lamps\n");
    let create = ["user", "create", "--email", "ann@people.example", "--json"];
    let created = told(&desk.run_as(&who, &create, &input));
    let login = json!({ "username": created["email"], "password": "seven otters juggle lamps" });
    let answer = desk
        .binary
        .http()
        .post(desk.binary.url("/v1/login"))
        .json(&login)
        .send()
        .await;
    assert_eq!(answer.unwrap().status(), 200);

    told(&desk.run_as(&who, &["user", "show", "user", "--json"], &admin));
    let left = told(
        &desk
            .binary
            .run(&["session", "list", "--user", "admin", "--json"]),
    );
    assert_eq!(left, json!([]));
    let refused = complaint(&desk.run_as(&who, &["user", "list"], "not her password"), 2);
    assert!(!refused.contains("not her password"), "{refused}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_wrong_is_said_before_anything_is_tried() {
    let desk = Desk::with("users:read").await;
    let run = |line: &[&str]| Binary::run_elsewhere(line, &desk.folder, "");
    let (list, who) = (["user", "list"], ["--client-id", "ops", "--client-secret"]);
    let nobody = ["--url", "http://127.0.0.1:1"];
    let said = complaint(
        &run(&[&nobody[..], &who, &["file:secret"], &list].concat()),
        2,
    );
    assert!(said.contains("cannot reach http://127.0.0.1:1"), "{said}");
    let said = complaint(
        &run(&[&["--url", "http://id.example.org"][..], &list].concat()),
        2,
    );
    assert!(said.contains("expected https"), "{said}");

    let issuer = desk.binary.issuer();
    let here = ["--url", &issuer];
    fs::write(desk.folder.path().join("wrong"), "kws_wrong").unwrap();
    for (reference, expected) in [
        ("file:wrong", "unknown"),
        ("file:missing", "cannot read missing"),
        ("env:NOT_SET", "NOT_SET"),
        ("kws_literal", "expected file:PATH"),
    ] {
        let said = complaint(&run(&[&here[..], &who, &[reference], &list].concat()), 2);
        assert!(said.contains(expected), "{reference}: {said}");
        assert!(!said.contains("kws_"), "{said}");
    }
    let said = complaint(&run(&[&here[..], &list].concat()), 2);
    assert!(said.contains("--client-id"), "{said}");
    let both = [&here[..], &["--config", "keywright.toml"], &list].concat();
    assert!(complaint(&run(&both), 2).contains("give one of them"));
    for command in [
        &["serve"][..],
        &["quickstart"],
        &["check"],
        &["user", "import", "-"],
        &["keys", "export", "https://orders.example"],
    ] {
        let said = complaint(&run(&[&here[..], command].concat()), 2);
        assert!(
            said.contains("on the server's own machine only"),
            "{command:?}: {said}"
        );
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn tokens_are_verified_with_the_keys_that_the_server_publishes() {
    let desk = Desk::with("users:read").await;
    let manifest = desk.binary.manifest();
    let login = manifest["user"].clone();
    let answer = desk
        .binary
        .http()
        .post(desk.binary.url("/v1/login"))
        .json(&login)
        .send()
        .await;
    let tokens: Value = answer.unwrap().json().await.unwrap();
    let token = tokens["access_token"].as_str().unwrap();
    let audience = manifest["demo_api"]["audience"].as_str().unwrap();
    let verify = ["token", "verify", "--audience", audience, "--json"];
    assert_eq!(told(&desk.run_as(&[], &verify, token))["accepted"], true);
    let tampered = keywright_tests::forge::tampered(token);
    let refused = desk.run_as(&[], &verify, &tampered);
    assert_eq!(refused.status.code(), Some(1), "{refused:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn credentials_do_not_follow_a_redirect() {
    let desk = Desk::with("users:read").await;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let elsewhere = format!("http://{}", listener.local_addr().unwrap());
    let to = desk.binary.url("/.well-known/openid-configuration");
    let redirecting = tokio::spawn(async move {
        let answer = format!(
            "HTTP/1.1 307 Temporary Redirect\r\nlocation: {to}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"
        );
        while let Ok((mut stream, _)) = listener.accept().await {
            assert_ne!(stream.read(&mut [0; 4096]).await.unwrap(), 0);
            stream.write_all(answer.as_bytes()).await.unwrap();
        }
    });
    let line = [
        "--url",
        &elsewhere,
        "--client-id",
        "ops",
        "--client-secret",
        "file:secret",
        "user",
        "list",
    ];
    let said = complaint(&Binary::run_elsewhere(&line, &desk.folder, ""), 2);
    redirecting.abort();
    assert!(said.contains("307"), "{said}");
}
