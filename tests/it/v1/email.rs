use keywright_domain::Period;
use keywright_tests::{TestIssuer, on_both_engines, seed};
use serde_json::{Value, json};

async fn register(issuer: &TestIssuer) -> Value {
    let body = json!({ "email": seed::email("cleo"), "password": seed::PASSWORD });
    issuer.anonymous().post("/v1/register", &body).await.is(201);
    json!({ "username": seed::email("cleo"), "password": seed::PASSWORD })
}

on_both_engines! {
    async fn link_proves_the_address_once(issuer: TestIssuer) {
        let login = register(&issuer).await;
        let token = issuer.letter_token("cleo@people.example", "verify_email").await;
        let stranger = issuer.anonymous();
        let verify = json!({ "token": token });
        stranger.post("/v1/email/verify", &verify).await.is(204);
        stranger.post("/v1/email/verify", &verify).await.is_problem(400, "invalid_link");
        issuer.log_in(&login).await.is_in().await;
    }

    async fn link_dies_in_time_and_another_is_sent_on_request(issuer: TestIssuer) {
        let login = register(&issuer).await;
        let late = issuer.letter_token("cleo@people.example", "verify_email").await;
        issuer.advance(Period::hours(25)).await;
        let stranger = issuer.anonymous();
        stranger.post("/v1/email/verify", &json!({ "token": late })).await.is_problem(400, "invalid_link");
        let resend = json!({ "email": seed::email("cleo") });
        stranger.post("/v1/email/resend", &resend).await.is(202);
        let token = issuer.letter_token("cleo@people.example", "verify_email").await;
        stranger.post("/v1/email/verify", &json!({ "token": token })).await.is(204);
        issuer.log_in(&login).await.is_in().await;
    }

    async fn nobody_learns_from_resend_whether_an_account_exists(issuer: TestIssuer) {
        register(&issuer).await;
        issuer.letters().await;
        let mut seen = Vec::new();
        for email in ["cleo", "ann", "nobody"].map(seed::email) {
            let before = issuer.store().writes();
            let answer = issuer.anonymous().post("/v1/email/resend", &json!({ "email": email })).await;
            seen.push((answer.is(202).comparable(), issuer.store().writes() - before));
        }
        assert!(seen.iter().all(|one| *one == seen[0]), "{seen:#?}");
        let letters = issuer.letters().await;
        assert_eq!(letters.len(), 1, "only who lacks the proof gets a letter: {letters:?}");
    }

    async fn forged_link_is_refused_and_guessing_is_limited(issuer: TestIssuer) {
        let guess = json!({ "token": format!("kwl_{}", "A".repeat(43)) });
        issuer.anonymous().post("/v1/email/verify", &guess).await.is_problem(400, "invalid_link");
        let mut last = 0;
        for _ in 0..60 {
            last = issuer.anonymous().post("/v1/email/verify", &guess).await.status.as_u16();
        }
        assert_eq!(last, 429);
    }
}
