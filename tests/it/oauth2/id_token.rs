use keywright_domain::Period;
use keywright_jwt::{Algorithm, half_hash};
use keywright_tests::{Answer, Granted, TestIssuer, forge, on_both_engines, seed};
use serde_json::{Value, json};

const OPENID: Granted<'_> = Granted {
    scope: "email openid profile",
    claims: "",
};

fn id_token(answer: &Answer) -> (Value, Value) {
    let forgery = forge::Forgery::of(&answer.str("/id_token"));
    (forgery.header, forgery.claims)
}

on_both_engines! {
    async fn id_token_tells_of_the_login_and_of_nobodys_data(issuer: TestIssuer) {
        issuer.openid_client("app", json!({})).await;
        let (ann, answer) = issuer.openid_session("ann", "app", &OPENID).await;
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
            let client = format!("app-{algorithm}");
            issuer.openid_client(&client, json!({ "id_token_signed_response_alg": algorithm })).await;
            let (_, answer) = issuer.openid_session("ann", &client, &OPENID).await;
            let (header, _) = id_token(&answer);
            assert_eq!(header["alg"], algorithm);
            let jwks = issuer.anonymous().get("/.well-known/jwks.json").await.json();
            let served = jwks["keys"].as_array().unwrap().iter().any(|key| key["kid"] == header["kid"]);
            assert!(served, "verifiers find {header}");
        }
    }

    async fn no_id_token_without_the_scope(issuer: TestIssuer) {
        issuer.openid_client("app", json!({})).await;
        let login = json!({ "username": "ann", "password": seed::PASSWORD, "client_id": "app" });
        let ann = issuer.log_in(&login).await;
        assert!(ann.refresh().await.is(200).json().get("id_token").is_none());
        let (ann, _) = issuer.openid_session("ann", "app", &OPENID).await;
        let narrowed = json!({ "refresh_token": ann.refresh_token, "scope": "read:orders" });
        let answer = issuer.anonymous().post("/v1/refresh", &narrowed).await.is(200);
        assert!(answer.json().get("id_token").is_none(), "{answer}");
    }

    async fn refreshed_id_token_tells_of_the_same_login(issuer: TestIssuer) {
        issuer.openid_client("app", json!({})).await;
        let (ann, answer) = issuer.openid_session("ann", "app", &OPENID).await;
        let (_, first) = id_token(&answer);
        issuer.pass(Period::minutes(4));
        let (_, second) = id_token(&ann.refresh().await.is(200));
        for same in ["iss", "sub", "aud", "auth_time", "sid", "amr"] {
            assert_eq!(second[same], first[same], "{same}");
        }
        assert!(second["iat"].as_i64() > first["iat"].as_i64());
        assert_ne!(second["jti"], first["jti"]);
    }

    async fn claims_that_were_asked_for_by_name_are_in_it(issuer: TestIssuer) {
        issuer.openid_client("app", json!({ "openid_scope": "openid email" })).await;
        let granted = Granted {
            scope: "openid",
            claims: r#"{"id_token":["email","name","preferred_username"]}"#,
        };
        let (_, answer) = issuer.openid_session("ann", "app", &granted).await;
        let (_, claims) = id_token(&answer);
        assert_eq!(claims["email"], "ann@people.example");
        assert!(claims.get("preferred_username").is_none(), "the client may not have it: {claims}");
    }

    async fn id_token_is_no_access_token(issuer: TestIssuer) {
        issuer.openid_client("app", json!({})).await;
        let (_, answer) = issuer.openid_session("ann", "app", &OPENID).await;
        let bearer = issuer.anonymous().bearing(&answer.str("/id_token"));
        bearer.get("/v1/me").await.is_problem(401, "invalid_token");
        bearer.get("/oauth2/userinfo").await.is_problem(401, "invalid_token");
        // Nor does the issuer's own API take one that is for a client of its name.
        let forged = issuer.signed("JWT", &forge::claims(&issuer.admin().await.access_token)).await;
        issuer.anonymous().bearing(&forged).get("/admin/v1/users").await.is_problem(401, "invalid_token");
    }

    async fn id_tokens_are_on_record_beside_the_others(issuer: TestIssuer) {
        issuer.openid_client("app", json!({})).await;
        let (_, answer) = issuer.openid_session("ann", "app", &OPENID).await;
        let (header, claims) = id_token(&answer);
        let admin = issuer.admin().await;
        let listed = admin.get("/admin/v1/tokens?client=app&kind=id_token").await.is(200).json();
        let listed = listed["tokens"].as_array().unwrap();
        assert_eq!(listed.len(), 1, "{listed:?}");
        assert_eq!(listed[0]["jti"], claims["jti"]);
        assert_eq!(listed[0]["audience"], "app");
        assert_eq!(listed[0]["key"], header["kid"]);
        assert_eq!(listed[0]["grant"], "refresh_token");
        assert_eq!(listed[0]["expires_at"], claims["exp"]);
        let access = admin.get("/admin/v1/tokens?client=app&kind=access_token").await.json();
        assert_eq!(access["tokens"].as_array().unwrap().len(), 2, "of the login and of the refresh");
        let kid = header["kid"].as_str().unwrap();
        let impact = admin.get(&format!("/admin/v1/keys/{kid}/impact")).await.is(200).json();
        assert_eq!(impact["dying"]["tokens"], 1, "{impact}");
    }

    async fn revoked_key_leaves_refreshes_without_an_id_token(issuer: TestIssuer) {
        issuer.openid_client("app", json!({})).await;
        let (ann, answer) = issuer.openid_session("ann", "app", &OPENID).await;
        let (header, _) = id_token(&answer);
        let revoke = format!("/admin/v1/keys/{}/revoke", header["kid"].as_str().unwrap());
        let admin = issuer.admin().await;
        admin.post(&revoke, &json!({ "force": true })).await.is(204);
        let without = ann.refresh().await.is(200);
        assert!(without.json().get("id_token").is_none(), "{without}");
        issuer.advance(Period::minutes(6)).await;
        let ann = keywright_tests::Person::of(&issuer.anonymous(), &without);
        let (later, _) = id_token(&ann.refresh().await.is(200));
        assert_ne!(later["kid"], header["kid"]);
        assert_eq!(later["alg"], "RS256");
    }

    async fn hint_is_read_long_after_its_token_died(issuer: TestIssuer) {
        issuer.openid_client("app", json!({})).await;
        let (ann, answer) = issuer.openid_session("ann", "app", &OPENID).await;
        let hint = answer.str("/id_token");
        issuer.advance(Period::days(40)).await;
        let read = issuer.issuer().read_id_token_hint(&hint).expect("signed here");
        assert_eq!(read.client.as_str(), "app");
        assert_eq!(read.session.to_string(), ann.session_id);
        assert_eq!(read.subject, forge::claims(&ann.access_token)["sub"]);
    }

    async fn nothing_else_is_taken_for_a_hint(issuer: TestIssuer) {
        issuer.openid_client("app", json!({})).await;
        let (ann, answer) = issuer.openid_session("ann", "app", &OPENID).await;
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
        let pairwise = |host: &str| json!({
            "subject_type": "pairwise",
            "redirect_uris": [format!("https://{host}.example/cb")],
        });
        for (client, host) in [("a1", "a"), ("a2", "a"), ("b", "b")] {
            issuer.openid_client(client, pairwise(host)).await;
        }
        let mut names = Vec::new();
        for client in ["a1", "a2", "b"] {
            let (ann, answer) = issuer.openid_session("ann", client, &OPENID).await;
            let (_, claims) = id_token(&answer);
            assert_eq!(forge::claims(&ann.access_token)["sub"], claims["sub"], "one name everywhere");
            let told = ann.get("/oauth2/userinfo").await.is(200).json();
            assert_eq!(told["sub"], claims["sub"]);
            ann.is_in().await;
            names.push(claims["sub"].clone());
        }
        assert_eq!(names[0], names[1], "one sector");
        assert_ne!(names[0], names[2], "another sector");
        let ann = issuer.user("ann").await;
        assert!(!names.contains(&forge::claims(&ann.access_token)["sub"]));
    }
}
