use keywright_tests::Binary;
use serde_json::{Value, json};
use tokio::task::JoinSet;

/// Half of invariant 8: the pool is bounded, and what does not need it does not wait for it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn invariant_08_a_flood_of_logins_is_refused_while_all_else_is_served() {
    let binary = Binary::quickstart(&[
        ("KEYWRIGHT_PASSWORDS__QUEUE", "4"),
        ("KEYWRIGHT_PASSWORDS__THREADS", "1"),
        ("KEYWRIGHT_LIMITS__ADDRESS_BURST", "100000"),
    ])
    .await;
    let user = binary.manifest()["user"].clone();
    let login = json!({ "username": user["username"], "password": user["password"] });
    let first = binary
        .http()
        .post(binary.url("/v1/login"))
        .json(&login)
        .send()
        .await
        .unwrap();
    let tokens: Value = first.json().await.unwrap();

    let mut flood = JoinSet::new();
    for i in 0..60 {
        let (http, url) = (binary.http().clone(), binary.url("/v1/login"));
        flood.spawn(async move {
            let body = json!({ "username": format!("stranger{i}"), "password": "wrong" });
            let answer = http.post(url).json(&body).send().await.unwrap();
            (
                answer.status().as_u16(),
                answer.headers().contains_key("retry-after"),
            )
        });
    }
    let jwks = binary
        .http()
        .get(binary.url("/.well-known/jwks.json"))
        .send()
        .await
        .unwrap();
    assert_eq!(jwks.status(), 200);
    let refresh = json!({ "refresh_token": tokens["refresh_token"] });
    let answer = binary
        .http()
        .post(binary.url("/v1/refresh"))
        .json(&refresh)
        .send()
        .await
        .unwrap();
    assert_eq!(answer.status(), 200, "a refresh hashes no password");
    assert!(!flood.is_empty(), "all of this was during the flood");

    let answers = flood.join_all().await;
    let refused = answers.iter().filter(|(status, _)| *status == 503).count();
    assert!(
        refused > 0,
        "60 at once do not fit a queue of 4: {answers:?}"
    );
    for (status, says_when) in answers {
        assert!(matches!(status, 401 | 503), "{status}");
        assert_eq!(
            says_when,
            status == 503,
            "a refusal for lack of room says when to come back"
        );
    }
}
