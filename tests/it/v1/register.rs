use keywright_tests::{TestIssuer, on_both_engines, seed};
use serde_json::json;

fn registration(name: &str) -> serde_json::Value {
    json!({ "username": name, "email": seed::email(name), "password": seed::PASSWORD })
}

on_both_engines! {
    async fn registered_person_proves_the_address_and_logs_in(issuer: TestIssuer) {
        let stranger = issuer.anonymous();
        stranger.post("/v1/register", &registration("cleo")).await.is(201);
        assert_eq!(issuer.new_events().await, ["account.user.registered"]);

        let login = json!({ "username": "cleo", "password": seed::PASSWORD });
        stranger.post("/v1/login", &login).await.is_problem(401, "login_refused");

        let token = issuer.letter_token("cleo@people.example", "verify_email").await;
        stranger.post("/v1/email/verify", &json!({ "token": token })).await.is(204);
        let cleo = issuer.log_in(&login).await;
        assert_eq!(cleo.scope, "read:orders", "whoever registers is a viewer");
        assert_eq!(
            issuer.new_events().await,
            ["account.login.failed", "account.email.verified", "account.login.succeeded"]
        );
    }

    async fn taken_address_and_taken_name_are_told_by_letter_alone(issuer: TestIssuer) {
        let stranger = issuer.anonymous();
        let mut answers = Vec::new();
        let mut writes = Vec::new();
        for body in [
            registration("cleo"),
            json!({ "username": "dora", "email": seed::email("ann"), "password": seed::PASSWORD }),
            json!({ "username": "ann", "email": seed::email("dora"), "password": seed::PASSWORD }),
        ] {
            let before = issuer.store().writes();
            let answer = stranger.post("/v1/register", &body).await.is(201);
            answers.push(answer.comparable());
            writes.push(issuer.store().writes() - before);
        }
        assert_eq!(answers[0], answers[1], "a taken address answers like a free one");
        assert_eq!(answers[0], answers[2], "a taken name answers like a free one");
        assert_eq!(writes, [1, 1, 1], "and writes as often");
        let letters = issuer.letters().await;
        let letters: Vec<_> = letters.iter().map(|l| (l.to.as_str(), l.kind)).collect();
        assert_eq!(
            letters,
            [
                ("cleo@people.example", "verify_email"),
                ("ann@people.example", "already_registered"),
                ("dora@people.example", "username_taken"),
            ]
        );
        assert_eq!(
            issuer.new_events().await,
            [
                "account.user.registered",
                "account.user.registration_repeated",
                "account.user.registration_repeated"
            ]
        );
    }

    async fn repeated_registration_does_not_touch_the_account(issuer: TestIssuer) {
        let attack = json!({ "email": seed::email("ann"), "password": "nine badgers hum an anthem" });
        issuer.anonymous().post("/v1/register", &attack).await.is(201);
        issuer.user("ann").await.is_in().await;
        let login = json!({ "username": seed::email("ann"), "password": "nine badgers hum an anthem" });
        issuer.anonymous().post("/v1/login", &login).await.is_problem(401, "login_refused");
    }

    async fn weak_password_is_refused_with_advice(issuer: TestIssuer) {
        let stranger = issuer.anonymous();
        for weak in ["short", "password123", "cleo@people.example", &"x".repeat(1025)] {
            let body = json!({ "username": "cleo", "email": seed::email("cleo"), "password": weak });
            let answer = stranger.post("/v1/register", &body).await.is_problem(400, "weak_password");
            assert_eq!(answer.blamed(), ["password"], "{answer}");
        }
        assert!(issuer.letters().await.is_empty());
        assert!(issuer.new_events().await.is_empty());
    }

    async fn letters_are_limited_per_network_and_per_address(issuer: TestIssuer) {
        let stranger = issuer.anonymous();
        for i in 0..5 {
            stranger.post("/v1/register", &registration(&format!("many{i}"))).await.is(201);
        }
        let answer = stranger.post("/v1/register", &registration("one-more")).await;
        let answer = answer.is_problem(429, "too_many_attempts");
        let wait: u64 = answer.header("retry-after").expect("when to come back").parse().unwrap();
        assert!((1..=601).contains(&wait), "{wait} s");

        let elsewhere = stranger.from_address("198.51.100.3");
        elsewhere.post("/v1/register", &registration("one-more")).await.is(201);
        for _ in 0..4 {
            elsewhere.post("/v1/register", &registration("many0")).await.is(201);
        }
        let third = stranger.from_address("192.0.2.9");
        third.post("/v1/register", &registration("many0")).await.is_problem(429, "too_many_attempts");
    }
}

#[tokio::test]
async fn closed_registration_says_so() {
    let mut policy = seed::policy();
    policy.accounts.registration = false;
    let issuer = TestIssuer::with_policy(keywright_tests::Engine::Sqlite, policy).await;
    let answer = issuer
        .anonymous()
        .post("/v1/register", &registration("cleo"))
        .await;
    answer.is_problem(403, "registration_closed");
    assert!(issuer.letters().await.is_empty());
}
