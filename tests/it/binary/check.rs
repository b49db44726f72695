use std::fs;
use std::os::unix::fs::PermissionsExt;

use keywright_tests::Binary;
use serde_json::Value;

/// Each is a change to a sound configuration, and the key that `check` must name.
const UNSAFE: [(&str, &str, &str); 11] = [
    (
        "address = \"127.0.0.1:PORT\"",
        "address = \"0.0.0.0:PORT\"",
        "listen.address",
    ),
    (
        "[listen]",
        "[listen]\ntrusted_proxies = [\"0.0.0.0/0\"]",
        "listen.trusted_proxies",
    ),
    (
        "http://127.0.0.1:PORT",
        "http://id.example.org",
        "issuer.url",
    ),
    (
        "[accounts]",
        "[tokens]\nlongest = \"2h\"\n[accounts]",
        "tokens.longest",
    ),
    (
        "[accounts]",
        "[sessions]\ngrace = \"10m\"\n[accounts]",
        "sessions.grace",
    ),
    (
        "[accounts]",
        "[keys]\nalgorithm = \"HS256\"\n[accounts]",
        "keys.algorithm",
    ),
    (
        "[accounts]",
        "[passwords]\nmemory = 1024\n[accounts]",
        "passwords.memory",
    ),
    (
        "[accounts]",
        "[keys]\nrotation = \"1m\"\n[accounts]",
        "keys.rotation",
    ),
    (
        "[accounts]",
        "[limits]\naccount_burst = 0\n[accounts]",
        "limits",
    ),
    (
        "[accounts]",
        "[[trusted_issuers]]\nissuer = \"https://old.example\"\nclients = [\"web\"]\njwks = \"nowhere.json\"\n[accounts]",
        "trusted_issuers",
    ),
    ("file:master.key", "file:nowhere.key", "issuer.master_key"),
];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn check_refuses_what_breaks_security_and_names_the_key() {
    let mut binary = Binary::quickstart(&[]).await;
    assert!(binary.stop().await);
    let good = fs::read_to_string(binary.config_file()).unwrap();
    assert_eq!(
        binary.run(&["check"]).status.code(),
        Some(0),
        "a quickstart is sound"
    );
    let port = binary.port().to_string();
    for (from, to, key) in UNSAFE {
        let changed = good.replacen(&from.replace("PORT", &port), &to.replace("PORT", &port), 1);
        assert_ne!(changed, good, "{from} is in the file");
        fs::write(binary.config_file(), changed).unwrap();
        let output = binary.run(&["check", "--json"]);
        assert_eq!(
            output.status.code(),
            Some(1),
            "{key}: {}",
            String::from_utf8_lossy(&output.stderr)
        );
        let findings: Value = serde_json::from_slice(&output.stdout).unwrap();
        let findings = findings.as_array().unwrap();
        let named = findings
            .iter()
            .any(|f| f["key"] == key && f["severity"] == "error");
        assert!(named, "{key} is not among {findings:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn check_cannot_run_on_a_file_that_is_no_configuration() {
    let mut binary = Binary::quickstart(&[]).await;
    assert!(binary.stop().await);
    let good = fs::read_to_string(binary.config_file()).unwrap();
    let secret = "hunter2-is-my-password";
    for bad in [
        format!("{good}\n[mail2]\npassword = \"{secret}\""),
        good.replace("file:master.key", secret),
        good.replace("[mail]", &format!("[mail]\npassword = \"{secret}\"")),
    ] {
        fs::write(binary.config_file(), bad).unwrap();
        let output = binary.run(&["check"]);
        let told = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{told}");
        assert!(
            told.contains("keywright.toml:"),
            "file and line are named: {told}"
        );
        assert!(
            !told.contains(secret),
            "what may be a secret is not repeated: {told}"
        );
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn master_key_that_others_can_read_is_refused() {
    let mut binary = Binary::quickstart(&[]).await;
    assert!(binary.stop().await);
    let key = binary.data().join("master.key");
    fs::set_permissions(&key, fs::Permissions::from_mode(0o644)).unwrap();
    let output = binary.run(&["check"]);
    assert_eq!(output.status.code(), Some(1));
    let serve = binary.run(&["serve"]);
    assert_eq!(serve.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&serve.stderr).contains("0644"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn claims_are_linted_at_the_command_line_and_in_the_database() {
    let mut binary = Binary::quickstart(&[]).await;
    assert!(binary.stop().await);
    let file = binary.data().join("claims.json");
    let audience = "https://crm.example";
    let put = |claims: &str| {
        fs::write(&file, claims).unwrap();
        binary.run(&["api", "put", audience, "--claims", file.to_str().unwrap()])
    };
    let refused =
        put(r#"{"claims":{"mail":{"user":"email"},"hook":{"static":"https://a:b@c.example"}}}"#);
    let told = String::from_utf8_lossy(&refused.stderr);
    assert_eq!(refused.status.code(), Some(1), "{told}");
    assert!(
        told.contains("`mail` is an e-mail address") && told.contains("`hook` carries"),
        "{told}"
    );
    assert_eq!(
        put(r#"{"claims":[]}"#).status.code(),
        Some(2),
        "no policy at all"
    );
    assert!(
        put(r#"{"claims":{"tenant":{"static":"acme"}}}"#)
            .status
            .success()
    );
    assert!(binary.run(&["check", "--database"]).status.success());

    let database = rusqlite::Connection::open(binary.data().join("keywright.db")).unwrap();
    let older = r#"{"claims":{"tenant":{"static":"ann@example.org"}}}"#;
    let changed = database.execute(
        "UPDATE apis SET claims = ?1 WHERE audience = ?2",
        [older, audience],
    );
    assert_eq!(changed, Ok(1));
    let output = binary.run(&["check", "--database"]);
    let told = String::from_utf8_lossy(&output.stdout);
    assert_eq!(output.status.code(), Some(1), "{told}");
    assert!(
        told.contains(audience) && told.contains("tenant") && told.contains("allow_personal"),
        "{told}"
    );
}
