use keywright_domain::Period;
use keywright_tests::{TestIssuer, on_both_engines, seed};
use serde_json::json;

const NEW: &str = "nine badgers hum an anthem";

on_both_engines! {
    async fn changed_password_ends_every_other_session(issuer: TestIssuer) {
        let (here, there) = (issuer.user("ann").await, issuer.user("ann").await);
        issuer.new_events().await;
        let change = json!({ "current_password": seed::PASSWORD, "new_password": NEW });
        here.post("/v1/password", &change).await.is(204);
        assert_eq!(issuer.new_events().await, ["account.password.changed"]);
        assert_eq!(issuer.letters().await[0].kind, "password_changed");
        there.is_out().await;
        here.refreshed().await.is_in().await;
        let login = |password| json!({ "username": "ann", "password": password });
        let old = issuer.anonymous().post("/v1/login", &login(seed::PASSWORD)).await;
        old.is_problem(401, "login_refused");
        issuer.log_in(&login(NEW)).await.is_in().await;
    }

    async fn stolen_access_token_is_not_enough_to_change_the_password(issuer: TestIssuer) {
        let ann = issuer.user("ann").await;
        let guess = json!({ "current_password": "a wild guess", "new_password": NEW });
        let mut answers = Vec::new();
        for _ in 0..=seed::FORGIVEN {
            answers.push(ann.post("/v1/password", &guess).await.status.as_u16());
        }
        assert_eq!(answers, [403, 403, 403, 403, 403, 429], "guesses are limited like logins");
        issuer.user("ann").await;
    }

    async fn weak_new_password_is_refused(issuer: TestIssuer) {
        let ann = issuer.user("ann").await;
        let change = json!({ "current_password": seed::PASSWORD, "new_password": "password123" });
        let answer = ann.post("/v1/password", &change).await.is_problem(400, "weak_password");
        assert_eq!(answer.blamed(), ["new_password"]);
        assert!(issuer.letters().await.is_empty());
    }

    async fn forgotten_password_is_reset_once_by_letter(issuer: TestIssuer) {
        let ann = issuer.user("ann").await;
        let stranger = issuer.anonymous();
        stranger.post("/v1/password/forgot", &json!({ "email": "ann@people.example" })).await.is(202);
        let token = issuer.letter_token("ann@people.example", "reset_password").await;
        issuer.new_events().await;

        let weak = json!({ "token": token, "new_password": "password123" });
        stranger.post("/v1/password/reset", &weak).await.is_problem(400, "weak_password");
        let reset = json!({ "token": token, "new_password": NEW });
        stranger.post("/v1/password/reset", &reset).await.is(204);
        assert_eq!(issuer.new_events().await, ["account.password.reset"]);
        ann.is_out().await;
        stranger.post("/v1/password/reset", &reset).await.is_problem(400, "invalid_link");
        issuer.log_in(&json!({ "username": "ann", "password": NEW })).await.is_in().await;
        assert_eq!(issuer.letters().await[0].kind, "password_changed");
    }

    async fn nobody_learns_from_forgot_whether_an_account_exists(issuer: TestIssuer) {
        let mut seen = Vec::new();
        for email in ["ann@people.example", "nobody@people.example"] {
            let before = issuer.store().writes();
            let answer = issuer.anonymous().post("/v1/password/forgot", &json!({ "email": email })).await;
            seen.push((answer.is(202).comparable(), issuer.store().writes() - before));
        }
        assert_eq!(seen[0], seen[1]);
        let letters = issuer.letters().await;
        assert_eq!(letters.len(), 1, "{letters:?}");
        assert_eq!(issuer.new_events().await, ["account.password.recovery_requested"; 2]);
    }

    async fn reset_link_dies_in_time_and_with_the_password(issuer: TestIssuer) {
        let stranger = issuer.anonymous();
        let forgot = json!({ "email": "ann@people.example" });
        let reset = |token: &str| json!({ "token": token, "new_password": NEW });
        stranger.post("/v1/password/forgot", &forgot).await.is(202);
        let late = issuer.letter_token("ann@people.example", "reset_password").await;
        issuer.advance(Period::minutes(61)).await;
        stranger.post("/v1/password/reset", &reset(&late)).await.is_problem(400, "invalid_link");

        let mut tokens = Vec::new();
        for _ in 0..2 {
            stranger.post("/v1/password/forgot", &forgot).await.is(202);
            tokens.push(issuer.letter_token("ann@people.example", "reset_password").await);
        }
        stranger.post("/v1/password/reset", &reset(&tokens[1])).await.is(204);
        stranger.post("/v1/password/reset", &reset(&tokens[0])).await.is_problem(400, "invalid_link");
    }

    async fn link_of_one_purpose_is_none_for_another(issuer: TestIssuer) {
        let stranger = issuer.anonymous();
        let registration = json!({ "email": seed::email("cleo"), "password": seed::PASSWORD });
        stranger.post("/v1/register", &registration).await.is(201);
        let verify = issuer.letter_token("cleo@people.example", "verify_email").await;
        let reset = json!({ "token": verify, "new_password": NEW });
        stranger.post("/v1/password/reset", &reset).await.is_problem(400, "invalid_link");
        stranger.post("/v1/email/verify", &json!({ "token": verify })).await.is(204);
    }
}
