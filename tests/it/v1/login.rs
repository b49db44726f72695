use keywright_domain::Period;
use keywright_domain::account::{NewPassword, NewUser};
use keywright_domain::audit::Actor;
use keywright_tests::{TestIssuer, assert_answer, forge, on_both_engines, seed};
use serde_json::{Value, json};

fn attempt(name: &str, password: &str) -> Value {
    json!({ "username": name, "password": password })
}

on_both_engines! {
    async fn login_answers_tokens_for_the_default_api(issuer: TestIssuer) {
        let answer = issuer.anonymous().post("/v1/login", &attempt("bob", seed::PASSWORD)).await;
        assert_answer!(answer, @r#"
        200 OK
        {
          "access_token": "[access token]",
          "expires_in": 300,
          "refresh_token": "[refresh token]",
          "scope": "read:orders write:orders",
          "session_id": "[id]",
          "token_type": "Bearer"
        }
        "#);
        assert_eq!(answer.header("cache-control"), Some("no-store"));
        assert_eq!(issuer.new_events().await, ["account.login.succeeded"]);

        let claims = forge::claims(&answer.str("/access_token"));
        assert_eq!(claims["iss"], seed::ISSUER);
        assert_eq!(claims["aud"], seed::ORDERS);
        assert_eq!(claims["client_id"], "web");
        assert_eq!(claims["sid"], answer.str("/session_id"));
        assert_eq!(claims["roles"], json!(["editor"]));
        assert_eq!(claims["exp"].as_i64().unwrap() - claims["iat"].as_i64().unwrap(), 300);
        let text = claims.to_string();
        assert!(!text.contains("bob"), "a token carries no personal data: {text}");
    }

    async fn user_name_and_address_log_in_alike_in_any_case(issuer: TestIssuer) {
        for name in ["ann", "Ann", "ann@people.example", "ANN@People.Example"] {
            issuer.anonymous().post("/v1/login", &attempt(name, seed::PASSWORD)).await.is(200);
        }
    }

    async fn nobody_learns_from_a_refusal_why_it_was_refused(issuer: TestIssuer) {
        let admin = issuer.admin().await;
        let bob = issuer.user("bob").await.get("/v1/me").await.str("/id");
        admin.post(&format!("/admin/v1/users/{bob}/disable"), &json!({})).await.is(204);
        let fresh = json!({ "username": "cleo", "email": seed::email("cleo"), "password": seed::PASSWORD });
        issuer.anonymous().post("/v1/register", &fresh).await.is(201);
        issuer.new_events().await;

        let mut seen = Vec::new();
        for (name, password) in [
            ("ann", "not the right one"),
            ("nobody", "not the right one"),
            ("nobody@people.example", seed::PASSWORD),
            ("bob", seed::PASSWORD),
            ("bob", "not the right one"),
            ("cleo", seed::PASSWORD),
            ("cleo", "not the right one"),
        ] {
            let before = issuer.store().writes();
            let answer = issuer.anonymous().post("/v1/login", &attempt(name, password)).await;
            let answer = answer.is_problem(401, "login_refused");
            seen.push((answer.comparable(), issuer.store().writes() - before));
        }
        assert!(seen.iter().all(|one| *one == seen[0]), "{seen:#?}");
        assert_eq!(issuer.new_events().await, ["account.login.failed"; 7]);
    }

    async fn deleted_person_is_a_stranger(issuer: TestIssuer) {
        let admin = issuer.admin().await;
        let bob = issuer.user("bob").await;
        let id = bob.get("/v1/me").await.str("/id");
        admin.delete(&format!("/admin/v1/users/{id}")).await.is(204);
        bob.is_out().await;
        let answer = issuer.anonymous().post("/v1/login", &attempt("bob", seed::PASSWORD)).await;
        answer.is_problem(401, "login_refused");
    }

    async fn imported_hash_is_upgraded_at_the_first_login(issuer: TestIssuer) {
        for (i, hash) in IMPORTED.iter().enumerate() {
            let name = format!("import{i}");
            let user = NewUser {
                username: Some(name.parse().unwrap()),
                email: seed::email(&name).parse().unwrap(),
                email_verified: true,
                password: NewPassword::Imported(hash.parse().unwrap()),
                roles: vec![seed::role("viewer")],
            };
            let id = issuer.issuer().create_user(user, &Actor::Operator).await.unwrap().id;
            let stranger = issuer.anonymous();
            stranger.post("/v1/login", &attempt(&name, "hunter3 ✓")).await.is_problem(401, "login_refused");
            let stored = issuer.issuer().user(id).await.unwrap().password.unwrap();
            assert_eq!(stored.as_str(), *hash, "a wrong password upgrades nothing");
            for _ in 0..2 {
                stranger.post("/v1/login", &attempt(&name, "hunter2 ✓")).await.is(200);
                let stored = issuer.issuer().user(id).await.unwrap().password.unwrap();
                assert!(stored.as_str().starts_with("$argon2id$v=19$m=64,t=1,p=1$"));
            }
        }
    }

    async fn limits_count_failures_only(issuer: TestIssuer) {
        for _ in 0..20 {
            issuer.anonymous().post("/v1/login", &attempt("ann", seed::PASSWORD)).await.is(200);
        }
        for _ in 0..seed::FORGIVEN {
            issuer.anonymous().post("/v1/login", &attempt("ann", "wrong")).await.is(401);
        }
        let refused = issuer.anonymous().post("/v1/login", &attempt("ann", seed::PASSWORD)).await;
        let refused = refused.is_problem(429, "too_many_attempts");
        assert_eq!(refused.header("retry-after"), Some("60"));

        issuer.user("bob").await;
        let elsewhere = issuer.anonymous().from_address("198.51.100.3");
        elsewhere.post("/v1/login", &attempt("ann", seed::PASSWORD)).await.is(200);

        issuer.advance(Period::secs(60)).await;
        issuer.anonymous().post("/v1/login", &attempt("ann", seed::PASSWORD)).await.is(200);
    }

    async fn stranger_is_limited_like_an_account(issuer: TestIssuer) {
        for name in ["ann", "nobody"] {
            let mut answers = Vec::new();
            for _ in 0..=seed::FORGIVEN {
                let answer = issuer.anonymous().post("/v1/login", &attempt(name, "wrong")).await;
                answers.push(answer.status.as_u16());
            }
            assert_eq!(answers, [401, 401, 401, 401, 401, 429], "{name}");
        }
    }

    async fn many_correct_logins_at_once_are_not_limited(issuer: TestIssuer) {
        let logins: Vec<_> = (0..20)
            .map(|_| {
                let issuer = issuer.clone();
                tokio::spawn(async move { issuer.user("ann").await })
            })
            .collect();
        for login in logins {
            login.await.expect("a correct login is never refused");
        }
    }

    async fn scope_is_what_was_asked_for_and_may_be_had(issuer: TestIssuer) {
        let login = |name: &str, scope: &str| {
            json!({ "username": name, "password": seed::PASSWORD, "scope": scope })
        };
        let ann = issuer.log_in(&login("ann", "read:orders write:orders")).await;
        assert_eq!(ann.scope, "read:orders", "a viewer may not write, and the answer says so");
        let bob = issuer.log_in(&login("bob", "write:orders")).await;
        assert_eq!(bob.scope, "write:orders");
        assert_eq!(forge::claims(&bob.access_token)["scope"], "write:orders");
        let typo = issuer.anonymous().post("/v1/login", &login("bob", "read:order")).await;
        typo.is_problem(400, "invalid_scope");
    }

    async fn client_and_audience_must_be_known_and_allowed(issuer: TestIssuer) {
        let with = |name: &str, value: &str| {
            let mut body = attempt("ann", seed::PASSWORD);
            body[name] = value.into();
            body
        };
        let stranger = issuer.anonymous();
        for client in ["nobody", "svc"] {
            let answer = stranger.post("/v1/login", &with("client_id", client)).await;
            answer.is_problem(400, "invalid_client");
        }
        let answer = stranger.post("/v1/login", &with("audience", "https://unknown.example")).await;
        answer.is_problem(400, "invalid_target");
        let phone = issuer.log_in(&with("client_id", "phone")).await;
        assert_eq!(forge::claims(&phone.access_token)["client_id"], "phone");
        let billing = issuer.log_in(&with("audience", seed::BILLING)).await;
        assert_eq!(billing.scope, "", "no role grants anything there");
    }
}

/// `hunter2 ✓`, hashed by Python's bcrypt, hashlib and argon2-cffi.
const IMPORTED: &[&str] = &[
    "$2b$05$Esegu/S.5cZXtcCLnZ8vweSdinCkZ2ryMQtKSyZ4SFpRDjBMPwJju",
    "$2a$04$7Yqg1TjphBBRKzbxXYdUe.X6F/B3re4r9qVdVG5OmcJy48nRjBBSG",
    "$scrypt$ln=10,r=8,p=1$MDEyMzQ1Njc4OWFiY2RlZg$a2QjqNa5Xrra6ZxNKEAyu+CNdTTh3eUhu+pqg/GNzbs",
    "$pbkdf2-sha256$i=1000,l=32$MDEyMzQ1Njc4OWFiY2RlZg$lUPEu3Jm7nfI7PlzXBrrwh95quKsGNhX6XAaWyuLUwY",
    "$pbkdf2-sha512$i=1000$MDEyMzQ1Njc4OWFiY2RlZg$NvI2cCIGKeeddRh8j88GHEAN4mMeAmHo41o1YBpM0se0t+CsRAXSr8WEKcVjBRe7Xm/uQJFnwmPaQaRLbMaWbw",
    "$argon2id$v=19$m=128,t=2,p=2$NHQ5N9doxHxB6chCxbFMZg$TDptt4nWdb2RMeOWZjrx0hRfnxbwmvsli2T9E6iuG/M",
    "$argon2i$v=19$m=128,t=2,p=1$SjEmdEwJEL+KyGRmle689g$hWkzSONqeKFoxt5b2yyPNjwtGSxllKQYh87fnGYOrQU",
];
