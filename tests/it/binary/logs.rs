use keywright_tests::Binary;
use serde_json::{Value, json};

/// The never-log list with the libraries below us at their most talkative.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn invariant_09_the_real_log_at_trace_level_shows_no_secret() {
    let binary = Binary::quickstart(&[("KEYWRIGHT_LOG__LEVEL", "trace")]).await;
    let manifest = binary.manifest();
    let http = binary.http();
    let user = &manifest["user"];
    let login = json!({ "username": user["username"], "password": user["password"] });
    let tokens: Value = http
        .post(binary.url("/v1/login"))
        .json(&login)
        .send()
        .await
        .unwrap()
        .json()
        .await
        .unwrap();
    let (access, refresh) = (
        tokens["access_token"].as_str().unwrap(),
        tokens["refresh_token"].as_str().unwrap(),
    );
    http.get(format!("{}/orders", binary.demo_api()))
        .bearer_auth(access)
        .send()
        .await
        .unwrap();
    http.post(binary.url("/v1/refresh"))
        .json(&json!({ "refresh_token": refresh }))
        .send()
        .await
        .unwrap();
    let client = &manifest["client"];
    let secret = client["client_secret"].as_str().unwrap();
    http.post(binary.url("/oauth2/token"))
        .basic_auth(client["client_id"].as_str().unwrap(), Some(secret))
        .header("content-type", "application/x-www-form-urlencoded")
        .body("grant_type=client_credentials")
        .send()
        .await
        .unwrap();
    let registration =
        json!({ "email": "zelda@people.example", "password": "violet kettles sing" });
    http.post(binary.url("/v1/register"))
        .json(&registration)
        .send()
        .await
        .unwrap();
    let letter = first_letter(&binary).await;
    let link = letter
        .split_whitespace()
        .find(|word| word.starts_with("kwl_"))
        .expect("a token");
    http.post(binary.url("/v1/email/verify"))
        .json(&json!({ "token": link }))
        .send()
        .await
        .unwrap();

    let log = binary.stderr();
    assert!(log.contains("TRACE"), "the level is in force");
    assert!(log.contains("/oauth2/token"), "requests are logged");
    let basic = base64_simd::STANDARD.encode_to_string(format!("order-report:{secret}"));
    for (what, secret) in [
        ("the password", user["password"].as_str().unwrap()),
        ("another password", "violet kettles sing"),
        ("the access token", access),
        ("the refresh token", refresh),
        ("the client secret", secret),
        ("the authorization header", &basic),
        ("the link token", link),
        ("the address", "zelda@people.example"),
    ] {
        let line = log.lines().find(|line| line.contains(secret));
        assert_eq!(line, None, "{what} is in the log");
    }
}

async fn first_letter(binary: &Binary) -> String {
    for _ in 0..500 {
        let folder = std::fs::read_dir(binary.data().join("mail"));
        let letters = folder
            .into_iter()
            .flatten()
            .filter_map(Result::ok)
            .map(|entry| entry.path());
        let mut letters = letters.filter(|path| path.extension().is_some_and(|e| e == "eml"));
        if let Some(letter) = letters.next() {
            return std::fs::read_to_string(letter).unwrap();
        }
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    panic!("no letter: {}", binary.stderr());
}
