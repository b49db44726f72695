use keywright_domain::Period;
use keywright_jwt::{Algorithm, half_hash};
use keywright_tests::flow::Changes;
use keywright_tests::{Answer, TestIssuer, forge, on_both_engines, seed};
use serde_json::{Value, json};

const OPENID: Changes<'_> = &[
    ("scope", Some("openid email profile read:orders")),
    ("nonce", Some("n-0S6_WzA2Mj")),
];

fn id_token(answer: &Answer) -> (Value, Value) {
    let forgery = forge::Forgery::of(&answer.str("/id_token"));
    (forgery.header, forgery.claims)
}

on_both_engines! {
    async fn id_token_tells_of_the_login_and_of_nobodys_data(issuer: TestIssuer) {
        let app = issuer.openid_client("app", json!({})).await;
        let (ann, answer) = issuer.openid_session("ann", &app, OPENID).await;
        let (header, claims) = id_token(&answer);
        assert_eq!(header["alg"], "RS256", "the default of OpenID Connect");
        assert_eq!(header["typ"], "JWT");
        let access = forge::claims(&ann.access_token);
        let expected = json!({
            "iss": seed::ISSUER,
            "sub": access["sub"],
            "aud": "app",
            "iat": access["iat"],
            "exp": access["exp"],
            "jti": claims["jti"],
            "auth_time": access["auth_time"],
            "nonce": "n-0S6_WzA2Mj",
            "acr": "urn:oasis:names:tc:SAML:2.0:ac:classes:PasswordProtectedTransport",
            "amr": ["pwd"],
            "sid": ann.session_id,
            "at_hash": half_hash(Algorithm::Rs256, &ann.access_token),
        });
        assert_eq!(claims, expected);
        assert_ne!(claims["jti"], access["jti"]);
    }

    async fn id_token_is_signed_as_the_client_registered(issuer: TestIssuer) {
        for algorithm in ["ES256", "EdDSA", "PS256"] {
            let members = json!({ "id_token_signed_response_alg": algorithm });
            let app = issuer.openid_client(&algorithm.to_lowercase(), members).await;
            let (_, answer) = issuer.openid_session("ann", &app, OPENID).await;
            let (header, _) = id_token(&answer);
            assert_eq!(header["alg"], algorithm);
            let jwks = issuer.anonymous().get("/.well-known/jwks.json").await.json();
            let served = jwks["keys"].as_array().unwrap().iter().any(|key| key["kid"] == header["kid"]);
            assert!(served, "verifiers find {header}");
        }
    }

    async fn no_id_token_without_the_scope(issuer: TestIssuer) {
        let app = issuer.openid_client("app", json!({})).await;
        let (_, answer) = issuer.openid_session("ann", &app, &[]).await;
        assert!(answer.json().get("id_token").is_none(), "{answer}");
        let (ann, _) = issuer.openid_session("ann", &app, OPENID).await;
        let narrowed = [
            ("grant_type", "refresh_token"),
            ("refresh_token", &ann.refresh_token),
            ("client_id", "app"),
            ("scope", "read:orders"),
        ];
        let answer = issuer.anonymous().token(&narrowed).await.is(200);
        assert!(answer.json().get("id_token").is_none(), "{answer}");
    }

    async fn refreshed_id_token_tells_of_the_same_login(issuer: TestIssuer) {
        let app = issuer.openid_client("app", json!({})).await;
        let (ann, answer) = issuer.openid_session("ann", &app, OPENID).await;
        let (_, first) = id_token(&answer);
        issuer.pass(Period::minutes(4));
        let (_, second) = id_token(&app.refresh(&ann.refresh_token).await.is(200));
        for same in ["iss", "sub", "aud", "auth_time", "sid", "amr"] {
            assert_eq!(second[same], first[same], "{same}");
        }
        assert!(second["iat"].as_i64() > first["iat"].as_i64());
        assert_ne!(second["jti"], first["jti"]);
        assert!(second.get("nonce").is_none(), "OpenID Connect Core §12.2: {second}");
    }

    async fn claims_that_were_asked_for_by_name_are_in_it(issuer: TestIssuer) {
        let app = issuer.openid_client("app", json!({ "openid_scope": "openid email" })).await;
        let asked: Changes<'_> = &[
            ("scope", Some("openid")),
            ("claims", Some(r#"{"id_token":{"email":null,"preferred_username":{"essential":true}}}"#)),
        ];
        let (ann, answer) = issuer.openid_session("ann", &app, asked).await;
        let (_, claims) = id_token(&answer);
        assert_eq!(claims["email"], "ann@people.example");
        assert!(claims.get("preferred_username").is_none(), "the client may not have it: {claims}");
        let (_, again) = id_token(&app.refresh(&ann.refresh_token).await.is(200));
        assert_eq!(again["email"], "ann@people.example", "asked for once, and told as long as the session lives");
    }

    async fn claims_that_are_asked_for_by_name_are_consented_to(issuer: TestIssuer) {
        let app = issuer.openid_client("app", json!({ "first_party": false })).await;
        let mut ann = issuer.visitor_named("ann").await;
        let plain: Changes<'_> = &[("scope", Some("openid"))];
        app.code(&mut ann, plain).await;
        let again = ann.open(&app.request(plain)).await;
        assert!(app.response(&again).contains_key("code"), "asked once");
        let more: Changes<'_> = &[("scope", Some("openid")), ("claims", Some(r#"{"userinfo":{"email":null}}"#))];
        let page = ann.open(&app.request(more)).await.is(200);
        assert!(page.text().contains("id=\"consent-form\""), "{page}");
    }

    async fn class_that_is_demanded_and_not_proved_is_an_error(issuer: TestIssuer) {
        let app = issuer.openid_client("app", json!({})).await;
        let mut ann = issuer.visitor_named("ann").await;
        for (claims, error) in [
            (r#"{"id_token":{"acr":{"essential":true,"value":"phr"}}}"#, "unmet_authentication_requirements"),
            (r#"{"id_token":{"sub":{"value":"somebody-else"}}}"#, "login_required"),
        ] {
            let asked: Changes<'_> = &[("scope", Some("openid")), ("claims", Some(claims))];
            let answer = ann.open(&app.request(asked)).await;
            assert_eq!(app.response(&answer)["error"], error, "{claims}");
        }
    }

    async fn id_token_is_no_access_token(issuer: TestIssuer) {
        let app = issuer.openid_client("app", json!({})).await;
        let (_, answer) = issuer.openid_session("ann", &app, OPENID).await;
        let bearer = issuer.anonymous().bearing(&answer.str("/id_token"));
        bearer.get("/v1/me").await.is_problem(401, "invalid_token");
        bearer.get("/oauth2/userinfo").await.is_problem(401, "invalid_token");
    }

    async fn id_tokens_are_on_record_beside_the_others(issuer: TestIssuer) {
        let app = issuer.openid_client("app", json!({})).await;
        let (_, answer) = issuer.openid_session("ann", &app, OPENID).await;
        let (header, claims) = id_token(&answer);
        let admin = issuer.admin().await;
        let listed = admin.get("/admin/v1/tokens?client=app&kind=id_token").await.is(200).json();
        let listed = listed["tokens"].as_array().unwrap();
        assert_eq!(listed.len(), 1, "{listed:?}");
        assert_eq!(listed[0]["jti"], claims["jti"]);
        assert_eq!(listed[0]["audience"], "app");
        assert_eq!(listed[0]["key"], header["kid"]);
        assert_eq!(listed[0]["grant"], "authorization_code");
        assert_eq!(listed[0]["expires_at"], claims["exp"]);
        let access = admin.get("/admin/v1/tokens?client=app&kind=access_token").await.json();
        assert_eq!(access["tokens"].as_array().unwrap().len(), 1);
        let kid = header["kid"].as_str().unwrap();
        let impact = admin.get(&format!("/admin/v1/keys/{kid}/impact")).await.is(200).json();
        assert_eq!(impact["dying"]["tokens"], 1, "{impact}");
    }

    async fn revoked_key_leaves_refreshes_without_an_id_token(issuer: TestIssuer) {
        let app = issuer.openid_client("app", json!({})).await;
        let (ann, answer) = issuer.openid_session("ann", &app, OPENID).await;
        let (header, _) = id_token(&answer);
        let revoke = format!("/admin/v1/keys/{}/revoke", header["kid"].as_str().unwrap());
        issuer.admin().await.post(&revoke, &json!({ "force": true })).await.is(204);
        let without = app.refresh(&ann.refresh_token).await.is(200);
        assert!(without.json().get("id_token").is_none(), "{without}");

        let code = app.code(&mut issuer.visitor_named("bob").await, OPENID).await;
        app.exchange(&code, &[]).await.is(503);
        // Nothing else may sign tokens with that algorithm before it is known for max-age, and a code lives for a minute.
        issuer.advance(Period::minutes(6)).await;
        let (later, _) = id_token(&app.refresh(&without.str("/refresh_token")).await.is(200));
        assert_ne!(later["kid"], header["kid"]);
        assert_eq!(later["alg"], "RS256");
    }

    async fn hint_is_read_long_after_its_token_died(issuer: TestIssuer) {
        let app = issuer.openid_client("app", json!({})).await;
        let (ann, answer) = issuer.openid_session("ann", &app, OPENID).await;
        let hint = answer.str("/id_token");
        issuer.advance(Period::days(40)).await;
        let read = issuer.issuer().read_id_token_hint(&hint).expect("signed here");
        assert_eq!(read.client.as_str(), "app");
        assert_eq!(read.session.to_string(), ann.session_id);
        assert_eq!(read.subject, forge::claims(&ann.access_token)["sub"]);
    }

    async fn nothing_else_is_taken_for_a_hint(issuer: TestIssuer) {
        let app = issuer.openid_client("app", json!({})).await;
        let (ann, answer) = issuer.openid_session("ann", &app, OPENID).await;
        let hint = answer.str("/id_token");
        let forgery = forge::Forgery::of(&hint);
        let foreign = forgery.clone().claim("iss", "https://evil.example").claims;
        let jwks = issuer.anonymous().get("/.well-known/jwks.json").await.json();
        let mut bad = vec![
            ann.access_token.clone(),
            forge::tampered(&hint),
            forgery.unsigned(),
            forgery.signed_by_stranger(),
            forgery.clone().claim("sub", "somebody-else").with_old_signature(),
            issuer.signed("JWT", &foreign).await,
            issuer.signed("logout+jwt", &forgery.claims).await,
            "x".repeat(20_000),
        ];
        bad.extend(forge::jwks_texts(&jwks).iter().map(|key| forgery.signed_with_public(key)));
        for token in bad {
            assert_eq!(issuer.issuer().read_id_token_hint(&token), None, "{token}");
        }
        assert!(issuer.issuer().read_id_token_hint(&hint).is_some());
        let kid = forgery.header["kid"].as_str().unwrap();
        let revoke = format!("/admin/v1/keys/{kid}/revoke");
        issuer.admin().await.post(&revoke, &json!({ "force": true })).await.is(204);
        assert_eq!(issuer.issuer().read_id_token_hint(&hint), None, "its key is revoked");
    }

    async fn pairwise_client_knows_a_person_by_a_name_of_its_own(issuer: TestIssuer) {
        let mut names = Vec::new();
        for (client, host) in [("a1", "a"), ("a2", "a"), ("b", "b")] {
            let members = json!({
                "subject_type": "pairwise",
                "redirect_uris": [format!("https://{host}.example/cb")],
            });
            let app = issuer.openid_client(client, members).await;
            let (ann, answer) = issuer.openid_session("ann", &app, OPENID).await;
            let (_, claims) = id_token(&answer);
            assert_eq!(forge::claims(&ann.access_token)["sub"], claims["sub"], "one name everywhere");
            let told = ann.get("/oauth2/userinfo").await.is(200).json();
            assert_eq!(told["sub"], claims["sub"]);
            ann.get("/v1/me").await.is(200);
            names.push(claims["sub"].clone());
        }
        assert_eq!(names[0], names[1], "one sector");
        assert_ne!(names[0], names[2], "another sector");
        let ann = issuer.user("ann").await;
        assert!(!names.contains(&forge::claims(&ann.access_token)["sub"]));
    }
}
