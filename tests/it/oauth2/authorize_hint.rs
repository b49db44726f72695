//! `id_token_hint` at the authorization endpoint: the person whom the client means, or nobody.

use keywright_tests::flow::{Changes, decide};
use keywright_tests::{Answer, FlowClient, TestIssuer, forge, on_both_engines, seed};
use serde_json::json;

const OPENID: Changes<'_> = &[("scope", Some("openid"))];

/// The ID token that the client has of `name`.
async fn hint_of(issuer: &TestIssuer, name: &str, app: &FlowClient) -> String {
    let mut visitor = issuer.visitor_named(name).await;
    app.tokens(&mut visitor, OPENID).await.str("/id_token")
}

fn request(app: &FlowClient, hint: &str, prompt: Option<&str>) -> String {
    app.request(&[
        ("scope", Some("openid")),
        ("id_token_hint", Some(hint)),
        ("prompt", prompt),
    ])
}

#[track_caller]
fn is_login_page(answer: &Answer) {
    assert!(answer.text().contains("id=\"login-form\""), "{answer}");
}

on_both_engines! {
    async fn person_who_is_meant_goes_on_without_a_word(issuer: TestIssuer) {
        let app = issuer.openid_client("app", json!({})).await;
        let hint = hint_of(&issuer, "ann", &app).await;
        let mut ann = issuer.visitor_named("ann").await;
        for prompt in [None, Some("none")] {
            let answer = ann.open(&request(&app, &hint, prompt)).await;
            assert!(app.response(&answer).contains_key("code"), "{prompt:?} {answer}");
        }
    }

    async fn somebody_else_is_asked_to_log_in_and_silently_refused(issuer: TestIssuer) {
        let app = issuer.openid_client("app", json!({})).await;
        let hint = hint_of(&issuer, "ann", &app).await;
        let mut bob = issuer.visitor_named("bob").await;
        let silent = bob.open(&request(&app, &hint, Some("none"))).await;
        assert_eq!(app.response(&silent)["error"], "login_required");

        is_login_page(&bob.open(&request(&app, &hint, None)).await.is(200));
        let again = bob.type_in("bob", seed::PASSWORD).await;
        assert_eq!(app.response(&again)["error"], "login_required", "bob is not whom the client means");

        is_login_page(&bob.open(&request(&app, &hint, None)).await.is(200));
        let answer = bob.type_in("ann", seed::PASSWORD).await;
        let code = app.response(&answer)["code"].clone();
        let tokens = app.exchange(&code, &[]).await.is(200);
        assert_eq!(forge::claims(&tokens.str("/id_token"))["sub"], forge::claims(&hint)["sub"]);
    }

    async fn consent_is_asked_of_whom_is_meant(issuer: TestIssuer) {
        let app = issuer.openid_client("app", json!({ "first_party": false })).await;
        let hint = hint_of(&issuer, "ann", &app).await;
        let mut ann = issuer.visitor_named("ann").await;
        ann.open(&request(&app, &hint, Some("consent"))).await.is(200);
        let answer = decide(&mut ann, "allow").await;
        assert!(app.response(&answer).contains_key("code"), "{answer}");
    }

    async fn what_is_no_id_token_of_the_client_is_refused(issuer: TestIssuer) {
        let app = issuer.openid_client("app", json!({})).await;
        let shop = issuer.openid_client("shop", json!({})).await;
        let of_shop = hint_of(&issuer, "ann", &shop).await;
        let own = hint_of(&issuer, "ann", &app).await;
        let mut ann = issuer.visitor_named("ann").await;
        for hint in [of_shop.as_str(), &forge::tampered(&own), "x"] {
            let answer = ann.open(&request(&app, hint, None)).await;
            let response = app.response(&answer);
            assert_eq!(response["error"], "invalid_request");
            assert!(response["error_description"].contains("id_token_hint"), "{response:?}");
        }
    }
}
