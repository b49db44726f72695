//! A code for a session, at the token endpoint.

use keywright_domain::Period;
use keywright_domain::client::ClientKind;
use keywright_tests::flow::VERIFIER;
use keywright_tests::{Prover, TestIssuer, forge, on_both_engines, seed};
use serde_json::{Value, json};

use super::refused;

on_both_engines! {
    async fn code_becomes_a_session(issuer: TestIssuer) {
        let app = issuer.flow_client("shop").await;
        let mut ann = issuer.visitor_named("ann").await;
        issuer.advance(Period::minutes(7)).await;
        let code = app.code(&mut ann, &[("scope", Some("read:orders write:orders"))]).await;
        issuer.new_events().await;
        let tokens = app.exchange(&code, &[]).await.is(200);
        assert_eq!(issuer.new_events().await, ["session.opened"]);
        assert_eq!(tokens.header("cache-control"), Some("no-store"));
        assert_eq!(tokens.str("/scope"), "read:orders", "what her roles grant of it");
        let claims = forge::claims(&tokens.str("/access_token"));
        assert_eq!((&claims["client_id"], &claims["aud"]), (&json!("shop"), &json!(seed::ORDERS)));
        assert_eq!(claims["auth_time"], claims["iat"].as_i64().unwrap() - 420, "when she logged in");
        assert_eq!(claims["amr"], json!(["pwd"]));
        app.bearing(&tokens).get("/v1/me").await.is_problem(403, "client_not_allowed");
        app.refresh(&tokens.str("/refresh_token")).await.is(200);
    }

    async fn refresh_token_comes_with_the_grant_alone(issuer: TestIssuer) {
        let app = issuer.flow_client("shop").await;
        let admin = issuer.admin().await;
        let without = json!({ "grants": ["authorization_code"] });
        admin.patch("/admin/v1/clients/shop", &without).await.is(200);
        let mut ann = issuer.visitor_named("ann").await;
        let tokens = app.tokens(&mut ann, &[]).await;
        assert_eq!(tokens.json()["refresh_token"], Value::Null);
    }

    async fn replayed_code_ends_what_it_opened(issuer: TestIssuer) {
        let app = issuer.flow_client("shop").await;
        let mut ann = issuer.visitor_named("ann").await;
        let code = app.code(&mut ann, &[]).await;
        let tokens = app.exchange(&code, &[]).await.is(200);
        issuer.new_events().await;
        issuer.pass(Period::minutes(10));
        let again = refused(app.exchange(&code, &[]).await, 400, "invalid_grant");
        assert!(again.str("/error_description").contains("used before"), "{again}");
        assert_eq!(issuer.new_events().await, ["authorization.code.reused"]);
        refused(app.refresh(&tokens.str("/refresh_token")).await, 400, "invalid_grant");
        app.bearing(&tokens).get("/v1/me").await.is(401);
        refused(app.exchange(&code, &[]).await, 400, "invalid_grant");
        assert_eq!(issuer.new_events().await, Vec::<String>::new(), "it ends once");
    }

    async fn hundred_presentations_open_one_session_and_the_others_end_it(issuer: TestIssuer) {
        let app = issuer.flow_client("shop").await;
        let mut ann = issuer.visitor_named("ann").await;
        let code = app.code(&mut ann, &[]).await;
        let calls: Vec<_> = (0..100)
            .map(|_| {
                let (app, code) = (app.clone(), code.clone());
                tokio::spawn(async move { app.exchange(&code, &[]).await })
            })
            .collect();
        let mut opened = Vec::new();
        for call in calls {
            let answer = call.await.unwrap();
            match answer.status.as_u16() {
                200 => opened.push(answer),
                429 => {}
                _ => drop(refused(answer, 400, "invalid_grant")),
            }
        }
        assert_eq!(opened.len(), 1);
        let events = issuer.new_events().await;
        let count = |kind| events.iter().filter(|event| *event == kind).count();
        assert_eq!((count("session.opened"), count("authorization.code.reused")), (1, 1));
        // So many failures of one network are limited for a while.
        issuer.pass(Period::hours(1));
        refused(app.refresh(&opened[0].str("/refresh_token")).await, 400, "invalid_grant");
    }

    async fn code_is_of_no_use_to_another_client(issuer: TestIssuer) {
        let app = issuer.flow_client("shop").await;
        let thief = issuer.flow_client("thief").await;
        let mut ann = issuer.visitor_named("ann").await;
        let code = app.code(&mut ann, &[]).await;
        refused(thief.exchange(&code, &[]).await, 400, "invalid_grant");
        let as_shop = [("redirect_uri", Some(app.redirect_uri.as_str()))];
        refused(thief.exchange(&code, &as_shop).await, 400, "invalid_grant");
        app.exchange(&code, &[]).await.is(200);
        refused(thief.exchange(&code, &[]).await, 400, "invalid_grant");
    }

    async fn wrong_verifier_burns_the_code(issuer: TestIssuer) {
        let app = issuer.flow_client("shop").await;
        let mut ann = issuer.visitor_named("ann").await;
        let wrong = VERIFIER.replace('d', "e");
        for verifier in [Some(wrong.as_str()), None] {
            let code = app.code(&mut ann, &[]).await;
            let with = [("code_verifier", verifier)];
            refused(app.exchange(&code, &with).await, 400, "invalid_grant");
            refused(app.exchange(&code, &[]).await, 400, "invalid_grant");
        }
    }

    async fn wrong_address_burns_the_code(issuer: TestIssuer) {
        let app = issuer.flow_client("shop").await;
        let mut ann = issuer.visitor_named("ann").await;
        let code = app.code(&mut ann, &[]).await;
        let elsewhere = [("redirect_uri", Some("https://shop.example/other"))];
        refused(app.exchange(&code, &elsewhere).await, 400, "invalid_grant");
        refused(app.exchange(&code, &[]).await, 400, "invalid_grant");
        // OAuth 2.1 sends the verifier alone.
        let code = app.code(&mut ann, &[]).await;
        app.exchange(&code, &[("redirect_uri", None)]).await.is(200);
    }

    async fn challenge_that_was_taken_out_on_the_way_is_noticed(issuer: TestIssuer) {
        let lenient = json!({ "pkce_optional": true });
        let app = issuer.flow_client_with("old", ClientKind::Confidential, lenient).await;
        let mut ann = issuer.visitor_named("ann").await;
        let stripped = [
            ("code_challenge", None),
            ("code_challenge_method", None),
            ("scope", Some("openid")),
            ("nonce", Some("n-0S6_WzA2Mj")),
        ];
        let code = app.code(&mut ann, &stripped).await;
        refused(app.exchange(&code, &[]).await, 400, "invalid_grant");
        let code = app.code(&mut ann, &stripped).await;
        app.exchange(&code, &[("code_verifier", None)]).await.is(200);
        let mut without_nonce = stripped;
        without_nonce[3] = ("nonce", None);
        let refused = app.authorize(&mut ann, &without_nonce).await;
        assert_eq!(refused["error"], "invalid_request");
    }

    async fn code_lives_for_a_minute(issuer: TestIssuer) {
        let app = issuer.flow_client("shop").await;
        let mut ann = issuer.visitor_named("ann").await;
        let code = app.code(&mut ann, &[]).await;
        issuer.pass(Period::secs(60));
        refused(app.exchange(&code, &[]).await, 400, "invalid_grant");
        let code = app.code(&mut ann, &[]).await;
        issuer.pass(Period::secs(59));
        app.exchange(&code, &[]).await.is(200);
    }

    async fn code_dies_with_the_login_and_the_account(issuer: TestIssuer) {
        let app = issuer.flow_client("shop").await;
        let mut ann = issuer.visitor_named("ann").await;
        let code = app.code(&mut ann, &[]).await;
        ann.open("/account").await.is(200);
        ann.submit("/logout", &[]).await;
        refused(app.exchange(&code, &[]).await, 400, "invalid_grant");

        let mut bob = issuer.visitor_named("bob").await;
        let code = app.code(&mut bob, &[]).await;
        let me = issuer.user("bob").await.get("/v1/me").await.is(200).str("/id");
        let admin = issuer.admin().await;
        let disable = format!("/admin/v1/users/{me}/disable");
        admin.post(&disable, &json!({})).await.is(204);
        refused(app.exchange(&code, &[]).await, 400, "invalid_grant");
    }

    async fn what_is_missing_or_unknown_is_said(issuer: TestIssuer) {
        let app = issuer.flow_client("shop").await;
        refused(app.exchange("", &[]).await, 400, "invalid_request");
        for rubbish in ["kwc_AAAA", "kwl_AAAA", "rubbish", "\u{1F511}"] {
            refused(app.exchange(rubbish, &[]).await, 400, "invalid_grant");
        }
        let mut ann = issuer.visitor_named("ann").await;
        let code = app.code(&mut ann, &[]).await;
        let elsewhere = [("resource", Some(seed::BILLING))];
        refused(app.exchange(&code, &elsewhere).await, 400, "invalid_target");
        app.exchange(&code, &[("resource", Some(seed::ORDERS))]).await.is(200);
    }

    async fn client_is_proved_before_the_code_is_looked_at(issuer: TestIssuer) {
        let app = issuer.flow_client_with("shop", ClientKind::Confidential, json!({})).await;
        let mut ann = issuer.visitor_named("ann").await;
        let code = app.code(&mut ann, &[]).await;
        let form = [
            ("grant_type", "authorization_code"),
            ("code", code.as_str()),
            ("redirect_uri", &app.redirect_uri),
            ("code_verifier", VERIFIER),
            ("client_id", "shop"),
        ];
        refused(issuer.anonymous().token(&form).await, 401, "invalid_client");
        let guess = issuer.anonymous().with_basic("shop", "kws_wrong");
        refused(guess.token(&form[..4]).await, 401, "invalid_client");
        let svc = issuer.client("svc");
        refused(svc.token(&form[..4]).await, 400, "unauthorized_client");
        app.exchange(&code, &[]).await.is(200);
    }

    async fn code_and_session_are_bound_to_the_key_that_the_request_named(issuer: TestIssuer) {
        let app = issuer.flow_client("shop").await;
        let mut ann = issuer.visitor_named("ann").await;
        let (key, other) = (Prover::default(), Prover::default());
        let (named, stranger) = (key.jkt(), issuer.anonymous());
        let named = [("dpop_jkt", Some(named.as_str()))];
        let stolen = app.code(&mut ann, &named).await;
        let form = app.exchange_form(&stolen);
        let answer = other.post_form(&stranger, "/oauth2/token", &form).await;
        refused(answer, 400, "invalid_grant");
        refused(app.exchange(&app.code(&mut ann, &named).await, &[]).await, 400, "invalid_grant");

        let code = app.code(&mut ann, &named).await;
        let form = app.exchange_form(&code);
        let tokens = key.post_form(&stranger, "/oauth2/token", &form).await.is(200);
        assert_eq!(tokens.str("/token_type"), "DPoP");
        let claims = forge::claims(&tokens.str("/access_token"));
        assert_eq!(claims["cnf"], json!({ "jkt": key.jkt() }));
        refused(app.refresh(&tokens.str("/refresh_token")).await, 400, "invalid_grant");
    }
}
