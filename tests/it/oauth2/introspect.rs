use http::Method;
use http::header::ACCEPT;
use keywright_domain::Period;
use keywright_tests::{
    Actor, Answer, Person, Prover, TestIssuer, assert_answer, escaped, forge, on_both_engines, seed,
};
use serde_json::{Value, json};

const PATH: &str = "/oauth2/introspect";

async fn ask(actor: &Actor, token: &str) -> Answer {
    let form = format!("token={}", escaped(token));
    actor
        .call(Method::POST, PATH)
        .form(&form)
        .send()
        .await
        .is(200)
}

async fn is_active(actor: &Actor, token: &str) -> bool {
    let answer = ask(actor, token).await.json();
    if answer["active"] == json!(false) {
        assert_eq!(answer, json!({ "active": false }), "nothing else is said");
    }
    answer["active"] == json!(true)
}

async fn own_token(actor: &Actor) -> String {
    let answer = actor.token(&[("grant_type", "client_credentials")]).await;
    answer.is(200).str("/access_token")
}

/// A session of the confidential client `svc`, as the code flow opens them.
async fn session_of_svc(issuer: &TestIssuer) -> Person {
    let ann = issuer.user("ann").await;
    issuer.meddle("UPDATE sessions SET client_id = 'svc'").await;
    ann
}

on_both_engines! {
    async fn living_token_is_told_with_its_claims(issuer: TestIssuer) {
        let (ann, svc) = (issuer.user("ann").await, issuer.client("svc"));
        let answer = ask(&svc, &ann.access_token).await;
        assert_eq!(answer.header("cache-control"), Some("no-store"));
        assert_eq!(answer.header("content-type"), Some("application/json"));
        let (told, mut claims) = (answer.json(), forge::claims(&ann.access_token));
        claims["active"] = json!(true);
        claims["token_type"] = json!("Bearer");
        assert_eq!(told, claims);
    }

    async fn token_is_active_for_as_long_as_what_it_stands_on(issuer: TestIssuer) {
        let svc = issuer.client("svc");
        let (ann, bob) = (issuer.user("ann").await, issuer.user("bob").await);
        let own = own_token(&svc).await;
        assert!(is_active(&svc, &own).await && is_active(&svc, &ann.access_token).await);
        ann.log_out().await.is(204);
        assert!(!is_active(&svc, &ann.access_token).await, "at once, whatever the lists say");
        assert!(is_active(&svc, &bob.access_token).await);

        let admin = issuer.admin().await;
        let id = bob.get("/v1/me").await.str("/id");
        let roles = json!({ "roles": ["viewer"] });
        admin.put(&format!("/admin/v1/users/{id}/roles"), &roles).await.is(204);
        assert!(!is_active(&svc, &bob.access_token).await, "its roles are not the user's any more");
        let bob = bob.refreshed().await;
        assert!(is_active(&svc, &bob.access_token).await);
        issuer.advance(Period::minutes(6)).await;
        assert!(!is_active(&svc, &bob.access_token).await && !is_active(&svc, &own).await, "expired");
    }

    async fn client_sees_its_own_tokens_and_those_of_the_apis_that_it_deals_with(issuer: TestIssuer) {
        let (svc, ops) = (issuer.client("svc"), issuer.client("ops"));
        let (ann, own) = (issuer.user("ann").await, own_token(&ops).await);
        assert!(is_active(&ops, &own).await);
        assert!(!is_active(&ops, &ann.access_token).await, "ops deals with the issuer alone");
        assert!(!is_active(&svc, &own).await);
        assert!(!is_active(&svc, &ann.refresh_token).await, "a refresh token is its client's alone");
    }

    async fn what_is_no_token_of_ours_is_not_active(issuer: TestIssuer) {
        let (svc, ann) = (issuer.client("svc"), issuer.user("ann").await);
        let forgery = forge::Forgery::of(&ann.access_token);
        let other_type = issuer.signed("JWT", &forge::claims(&ann.access_token)).await;
        let other_issuer = forge::Forgery::of(&ann.access_token).claim("iss", "https://evil.example");
        let other_issuer = issuer.signed("at+jwt", &other_issuer.claims).await;
        for token in [
            "rubbish", "kwr_rubbish", &forge::tampered(&ann.access_token), &forgery.unsigned(),
            &forgery.signed_by_stranger(), &other_type, &other_issuer,
        ] {
            assert!(!is_active(&svc, token).await, "{token}");
        }
    }

    async fn only_the_current_refresh_token_is_active_and_asking_ends_nothing(issuer: TestIssuer) {
        let (ann, svc) = (session_of_svc(&issuer).await, issuer.client("svc"));
        let answer = ask(&svc, &ann.refresh_token).await.json();
        assert_eq!((&answer["active"], &answer["client_id"]), (&json!(true), &json!("svc")));
        assert_eq!(answer["sid"], json!(ann.session_id));
        let admin = issuer.admin().await;
        let grants = json!({ "grants": ["client_credentials", "refresh_token"] });
        admin.patch("/admin/v1/clients/svc", &grants).await.is(200);
        let refresh = [("grant_type", "refresh_token"), ("refresh_token", &*ann.refresh_token)];
        let next = svc.token(&refresh).await.is(200).str("/refresh_token");
        issuer.advance(Period::minutes(1)).await;
        assert!(!is_active(&svc, &ann.refresh_token).await, "superseded");
        assert!(is_active(&svc, &next).await, "and nobody was logged out by that");
    }

    async fn bound_token_tells_its_key(issuer: TestIssuer) {
        let (svc, key) = (issuer.client("svc"), Prover::default());
        let form = [("grant_type", "client_credentials")];
        let answer = key.post_form(&svc, "/oauth2/token", &form).await.is(200);
        let told = ask(&svc, &answer.str("/access_token")).await.json();
        assert_eq!((&told["token_type"], &told["cnf"]), (&json!("DPoP"), &json!({ "jkt": key.jkt() })));
    }

    async fn answer_is_signed_for_who_wants_evidence(issuer: TestIssuer) {
        let (ann, svc) = (issuer.user("ann").await, issuer.client("svc"));
        for (token, active) in [(&*ann.access_token, true), ("rubbish", false)] {
            let call = svc.call(Method::POST, PATH).form(&format!("token={token}"));
            let wanted = "application/token-introspection+jwt";
            let answer = call.header(ACCEPT, wanted).send().await.is(200);
            assert_eq!(answer.header("content-type"), Some(wanted));
            assert_eq!(forge::header(answer.text())["typ"], "token-introspection+jwt");
            let claims = forge::claims(answer.text());
            assert_eq!((&claims["iss"], &claims["aud"]), (&json!(seed::ISSUER), &json!("svc")));
            assert_eq!(claims["token_introspection"]["active"], json!(active));
            let outside = ["exp", "sub", "client_id"].map(|name| claims[name].clone());
            assert_eq!(outside, [Value::Null, Value::Null, Value::Null], "RFC 9701 §5: no access token");
        }
    }

    async fn who_proves_nothing_is_told_nothing(issuer: TestIssuer) {
        let ann = issuer.user("ann").await;
        let stranger = issuer.anonymous();
        let ask = |form: &str| stranger.call(Method::POST, PATH).form(form).send();
        let answer = ask(&format!("client_id=web&token={}", ann.access_token)).await.is(401);
        assert_answer!(answer, @r#"
        401 Unauthorized
        www-authenticate: Basic realm="keywright", charset="UTF-8"
        {
          "error": "invalid_client",
          "error_description": "only a client that proves itself may ask this"
        }
        "#);
        let answer = issuer.client("svc").call(Method::POST, PATH).form("").send().await.is(400);
        assert_eq!(answer.str("/error"), "invalid_request");
    }
}
