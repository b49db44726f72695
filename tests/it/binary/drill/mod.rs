//! The drills against the real binary: sound as it is, and behind proxies that each break one thing.

mod flaw;
mod services;

use keywright_tests::Binary;
use serde_json::Value;
use tokio::net::TcpListener;

use flaw::{Flaw, serve};

/// A short grace time, so that a thief need not wait for long.
const GRACE: (&str, &str) = ("KEYWRIGHT_SESSIONS__GRACE", "1s");

/// What only the issuer's key can sign, and how many of each there are. The demo API has a scope, and its audience no capital letter.
const SEALED: [(&str, usize); 10] = [
    ("expired-token", 3),
    ("expiry-not-required", 10),
    ("not-yet-valid", 1),
    ("wrong-audience", 16),
    ("wrong-issuer", 12),
    ("bound-token-as-bearer", 2),
    ("wrong-type", 6),
    ("insufficient-scope", 5),
    ("duplicate-claims", 1),
    ("duplicate-claims-last", 1),
];

/// Exit code, and the report.
fn drill(binary: &Binary, arguments: &[&str]) -> (Option<i32>, Value) {
    let arguments = [&["drill"], arguments, &["--json"]].concat();
    let output = tokio::task::block_in_place(|| binary.run(&arguments));
    let report = serde_json::from_slice(&output.stdout);
    (
        output.status.code(),
        report.unwrap_or_else(|_| panic!("no report: {output:?}")),
    )
}

fn with(report: &Value, outcome: &str) -> Vec<String> {
    let examined = report["examined"].as_array().expect("examinations");
    let named = examined.iter().filter(|entry| entry["outcome"] == outcome);
    named
        .map(|entry| entry["name"].as_str().expect("a name").to_owned())
        .collect()
}

fn examined<'r>(report: &'r Value, name: &str) -> &'r Value {
    let examined = report["examined"].as_array().expect("examinations");
    let entry = examined.iter().find(|entry| entry["name"] == name);
    entry.unwrap_or_else(|| panic!("{name} was not tried"))
}

async fn admin_list(binary: &Binary, what: &str) -> String {
    let admin = &binary.manifest()["admin"];
    let login = serde_json::json!({ "username": admin["username"], "password": admin["password"], "audience": binary.manifest()["issuer"] });
    let request = binary.http().post(binary.url("/v1/login")).json(&login);
    let tokens: Value = request.send().await.unwrap().json().await.unwrap();
    let request = binary.http().get(binary.url(&format!("/admin/v1/{what}")));
    let request = request.bearer_auth(tokens["access_token"].as_str().expect("a login"));
    request.send().await.unwrap().text().await.unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_real_server_is_sound_and_the_drill_leaves_nothing_behind() {
    let binary = Binary::quickstart(&[GRACE]).await;
    let (code, report) = drill(&binary, &["server", "--rotate"]);
    assert_eq!(with(&report, "finding"), [""; 0], "{report:#}");
    assert_eq!(code, Some(0));
    let left_out = with(&report, "not_tried");
    // A key in waiting need not be known to every verifier yet, and the samples of timing may be limited.
    let may_be = ["tls", "key-rotation", "login-timing"];
    assert!(
        left_out.iter().all(|name| may_be.contains(&name.as_str())),
        "{left_out:?}"
    );
    for what in ["users", "clients", "roles", "apis"] {
        let list = admin_list(&binary, what).await;
        assert!(!list.contains("drill"), "{what}: {list}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_demo_api_refuses_every_forgery_of_the_drill() {
    let binary = Binary::quickstart(&[]).await;
    let url = format!("{}/orders", binary.demo_api());
    let page = binary.data().join("drill.html");
    let page_name = page.to_str().expect("a path in UTF-8");
    let arguments = [
        "api",
        &url,
        "--html",
        page_name,
        "--revocation-within",
        "5s",
    ];
    let (code, report) = drill(&binary, &arguments);
    assert_eq!(with(&report, "finding"), [""; 0], "{report:#}");
    assert_eq!(
        (code, with(&report, "not_tried")),
        (Some(0), vec!["outlived-token".to_owned()])
    );
    for (name, count) in SEALED {
        let entry = examined(&report, name);
        assert_eq!(
            entry["tried"], count,
            "{name}: each is signed, or its refusal proves nothing"
        );
    }
    let page = std::fs::read_to_string(page).expect("the page");
    assert!(page.contains("alg-none") && !page.contains("<script"));
    let audit = admin_list(&binary, "audit?limit=200").await;
    assert!(audit.contains("keys.key.lent"), "a lent key is on record");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_cannot_be_examined_ends_with_two() {
    let binary = Binary::quickstart(&[]).await;
    for arguments in [
        ["drill", "api", "http://127.0.0.1:1/orders", "--no-keys"],
        ["drill", "server", "http://127.0.0.1:1", "--rotate"],
    ] {
        let output = tokio::task::block_in_place(|| binary.run(&arguments));
        assert_eq!(output.status.code(), Some(2), "{output:?}");
        assert!(output.stdout.is_empty());
    }
}

/// What the drill says of the real server behind a proxy with this flaw.
async fn findings(flaw: Flaw) -> Vec<String> {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let proxy = format!("http://{}", listener.local_addr().unwrap());
    let mut binary = Binary::new(&[GRACE, ("KEYWRIGHT_ISSUER__URL", &proxy)]);
    tokio::spawn(serve(listener, binary.issuer(), flaw));
    binary.start_quickstart().await;
    let (code, report) = drill(&binary, &["server"]);
    assert_eq!(code, Some(1), "{report:#}");
    // Without a logout there is none to tell of either.
    let mut findings = with(&report, "finding");
    findings.retain(|name| name != "status-list" && name != "feed");
    findings
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_forgives_theft_is_caught() {
    assert_eq!(
        findings(Flaw::ForgivesTheft).await,
        ["reused-refresh-token"]
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_whose_logout_does_nothing_is_caught() {
    let expected = ["logout-ends-refreshing", "logout-ends-access"];
    assert_eq!(findings(Flaw::IgnoresLogout).await, expected);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_tells_by_words_who_has_an_account_is_caught() {
    assert_eq!(findings(Flaw::TellsByWords).await, ["login-tells-nothing"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_tells_by_time_who_has_an_account_is_caught() {
    assert_eq!(findings(Flaw::TellsByTime).await, ["login-timing"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_lets_everybody_guess_is_caught() {
    assert_eq!(findings(Flaw::NeverLimits).await, ["guessing-is-limited"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_without_its_headers_is_caught() {
    // Retry-After is one of them.
    let expected = ["security-headers", "guessing-is-limited"];
    assert_eq!(findings(Flaw::DropsHeaders).await, expected);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_whose_introspection_believes_every_token_is_caught() {
    assert_eq!(findings(Flaw::BelievesEveryToken).await, ["forged-tokens"]);
}
