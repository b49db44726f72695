use http::Method;
use keywright_tests::flow::Changes;
use keywright_tests::{FlowClient, Person, TestIssuer, forge, on_both_engines, seed};
use serde_json::{Value, json};

async fn with_scope(issuer: &TestIssuer, app: &FlowClient, scope: &str) -> Person {
    let asked: Changes<'_> = &[("scope", Some(scope))];
    issuer.openid_session("ann", app, asked).await.0
}

async fn has_a_profile(issuer: &TestIssuer) {
    let profile = json!({
        "name": "Ann Example",
        "phone_number": "+49 30 123456",
        "address": { "locality": "Berlin", "country": "DE" },
    });
    let ann = issuer.user("ann").await;
    ann.put("/v1/me/profile", &profile).await.is(204);
}

on_both_engines! {
    async fn each_scope_tells_its_claims_and_no_other(issuer: TestIssuer) {
        let app = issuer.openid_client("app", json!({})).await;
        has_a_profile(&issuer).await;
        for (scope, expected) in [
            ("openid", vec![]),
            ("email openid", vec!["email", "email_verified"]),
            ("openid profile", vec!["name", "preferred_username", "updated_at"]),
            ("address openid", vec!["address"]),
            ("openid phone", vec!["phone_number", "phone_number_verified"]),
        ] {
            let ann = with_scope(&issuer, &app, scope).await;
            let told = ann.get("/oauth2/userinfo").await.is(200).json();
            let mut names: Vec<&str> = told.as_object().unwrap().keys().map(String::as_str).collect();
            names.retain(|name| *name != "sub");
            names.sort_unstable();
            assert_eq!(names, expected, "{scope}");
            assert_eq!(told["sub"], forge::claims(&ann.access_token)["sub"]);
        }
        let ann = with_scope(&issuer, &app, "address email openid phone profile").await;
        let told = ann.get("/oauth2/userinfo").await.is(200).json();
        assert_eq!(told["name"], "Ann Example");
        assert_eq!(told["preferred_username"], "ann");
        assert_eq!(told["email"], "ann@people.example");
        assert_eq!(told["phone_number_verified"], false);
        assert_eq!(told["address"], json!({ "locality": "Berlin", "country": "DE" }));
    }

    async fn claims_that_were_asked_for_by_name_are_told_as_well(issuer: TestIssuer) {
        let app = issuer.openid_client("app", json!({ "openid_scope": "openid email" })).await;
        has_a_profile(&issuer).await;
        let claims = r#"{"userinfo":{"email":null,"name":null}}"#;
        let asked: Changes<'_> = &[("scope", Some("openid")), ("claims", Some(claims))];
        let (ann, _) = issuer.openid_session("ann", &app, asked).await;
        let told = ann.get("/oauth2/userinfo").await.is(200).json();
        assert_eq!(told["email"], "ann@people.example");
        assert!(told.get("name").is_none(), "the client is not registered for it: {told}");
    }

    async fn token_without_the_scope_is_told_which(issuer: TestIssuer) {
        let ann = issuer.user("ann").await;
        let answer = ann.get("/oauth2/userinfo").await.is_problem(403, "insufficient_scope");
        let challenge = answer.header("www-authenticate").unwrap();
        assert!(challenge.contains("error=\"insufficient_scope\""), "{challenge}");
        assert!(challenge.contains("scope=\"openid\""), "{challenge}");
    }

    async fn token_may_come_in_a_form_and_nowhere_else(issuer: TestIssuer) {
        let app = issuer.openid_client("app", json!({})).await;
        let ann = with_scope(&issuer, &app, "email openid").await;
        let form = format!("access_token={}", ann.access_token);
        let nobody = issuer.anonymous();
        let post = |actor: &keywright_tests::Actor, form: &str| {
            let (actor, form) = (actor.clone(), form.to_owned());
            async move { actor.call(Method::POST, "/oauth2/userinfo").form(&form).send().await }
        };
        let by_form = post(&nobody, &form).await.is(200).json();
        let by_header = ann.call(Method::POST, "/oauth2/userinfo").send().await.is(200).json();
        assert_eq!(by_form, by_header);
        assert_eq!(by_form, ann.get("/oauth2/userinfo").await.is(200).json());
        let twice = post(&ann, &form).await.is_problem(400, "malformed_request");
        assert!(twice.header("www-authenticate").unwrap().contains("error=\"invalid_request\""));
        post(&nobody, "access_token=").await.is_problem(401, "token_required");
        post(&nobody, "access_token=rubbish").await.is_problem(401, "invalid_token");
        let query = format!("/oauth2/userinfo?{form}");
        nobody.get(&query).await.is_problem(401, "token_required");
    }

    async fn session_that_is_over_tells_nothing(issuer: TestIssuer) {
        let app = issuer.openid_client("app", json!({})).await;
        let ann = with_scope(&issuer, &app, "email openid").await;
        ann.log_out().await.is(204);
        ann.get("/oauth2/userinfo").await.is_problem(401, "session_over");
    }

    async fn answer_is_signed_for_a_client_that_registered_it(issuer: TestIssuer) {
        let app = issuer.openid_client("app", json!({ "userinfo_signed_response_alg": "ES256" })).await;
        let ann = with_scope(&issuer, &app, "email openid").await;
        let answer = ann.get("/oauth2/userinfo").await.is(200);
        assert_eq!(answer.header("content-type"), Some("application/jwt"));
        let forgery = forge::Forgery::of(answer.text());
        assert_eq!(forgery.header["alg"], "ES256");
        assert_eq!(forgery.claims["iss"], seed::ISSUER);
        assert_eq!(forgery.claims["aud"], "app");
        assert_eq!(forgery.claims["email"], "ann@people.example");
    }

    async fn client_of_somebody_else_sees_userinfo_and_not_the_account(issuer: TestIssuer) {
        let app = issuer.openid_client("app", json!({ "first_party": false })).await;
        let ann = with_scope(&issuer, &app, "openid").await;
        ann.get("/oauth2/userinfo").await.is(200);
        let profile: Value = json!({ "name": "Mallory" });
        for answer in [
            ann.get("/v1/me").await,
            ann.get("/v1/sessions").await,
            ann.delete("/v1/sessions").await,
            ann.put("/v1/me/profile", &profile).await,
        ] {
            answer.is_problem(403, "client_not_allowed");
        }
        ann.log_out().await.is(204);
        ann.get("/oauth2/userinfo").await.is_problem(401, "session_over");
    }
}
