use keywright_tests::Binary;
use keywright_tests::forge::{Forgery, claims, jwks_texts, tampered};
use reqwest::header::WWW_AUTHENTICATE;
use serde_json::{Value, json};

struct Refusal {
    status: u16,
    challenge: String,
}

async fn refusal(binary: &Binary, token: Option<&str>) -> Refusal {
    let mut request = binary.http().get(format!("{}/orders", binary.demo_api()));
    if let Some(token) = token {
        request = request.bearer_auth(token);
    }
    let answer = request.send().await.unwrap();
    let challenge = answer.headers().get(WWW_AUTHENTICATE);
    Refusal {
        status: answer.status().as_u16(),
        challenge: challenge.map_or(String::new(), |value| value.to_str().unwrap().to_owned()),
    }
}

async fn log_in(binary: &Binary) -> String {
    let user = binary.manifest()["user"].clone();
    let login = json!({ "username": user["username"], "password": user["password"] });
    let answer = binary
        .http()
        .post(binary.url("/v1/login"))
        .json(&login)
        .send()
        .await
        .unwrap();
    let tokens: Value = answer.json().await.unwrap();
    tokens["access_token"].as_str().unwrap().to_owned()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn demo_api_refuses_each_bad_token_with_the_right_challenge() {
    let binary = Binary::quickstart(&[]).await;
    let token = log_in(&binary).await;
    assert_eq!(refusal(&binary, Some(&token)).await.status, 200);
    let missing = refusal(&binary, None).await;
    assert_eq!(
        (missing.status, missing.challenge.as_str()),
        (401, "Bearer realm=\"orders\"")
    );

    let genuine = claims(&token);
    let now = genuine["iat"].as_i64().unwrap();
    let signer = binary.signer().await;
    let with = |name: &str, value: Value| {
        let mut wrong = genuine.clone();
        wrong[name] = value;
        signer.sign("at+jwt", &wrong)
    };
    assert_eq!(
        refusal(&binary, Some(&with("jti", json!("ours"))))
            .await
            .status,
        200
    );
    let jwks = binary
        .http()
        .get(binary.url("/.well-known/jwks.json"))
        .send()
        .await
        .unwrap();
    let jwks: Value = jwks.json().await.unwrap();
    let forgery = Forgery::of(&token);
    let mut bad = vec![
        ("expired", with("exp", json!(now - 3600))),
        ("not yet valid", with("nbf", json!(now + 3600))),
        (
            "of another issuer",
            with("iss", json!("https://evil.example")),
        ),
        (
            "for another audience",
            with("aud", json!("https://evil.example")),
        ),
        ("of another type", signer.sign("JWT", &genuine)),
        ("tampered", tampered(&token)),
        (
            "changed",
            forgery
                .clone()
                .claim("scope", "write:orders")
                .with_old_signature(),
        ),
        ("unsigned", forgery.unsigned()),
        ("signed by a stranger", forgery.signed_by_stranger()),
        ("rubbish", "rubbish".to_owned()),
    ];
    bad.extend(
        jwks_texts(&jwks)
            .iter()
            .map(|key| ("HMAC", forgery.signed_with_public(key))),
    );
    for (what, token) in bad {
        let refusal = refusal(&binary, Some(&token)).await;
        assert_eq!(refusal.status, 401, "{what}");
        let challenge = refusal.challenge;
        assert!(
            challenge.starts_with("Bearer realm=\"orders\", error=\"invalid_token\""),
            "{what}: {challenge}"
        );
        assert!(
            challenge.contains("error_description="),
            "{what}: {challenge}"
        );
    }
    let narrow = refusal(&binary, Some(&with("scope", json!("write:orders")))).await;
    assert_eq!(narrow.status, 403);
    assert!(
        narrow.challenge.contains("error=\"insufficient_scope\""),
        "{}",
        narrow.challenge
    );
    assert!(
        narrow.challenge.contains("scope=\"read:orders\""),
        "{}",
        narrow.challenge
    );
}
