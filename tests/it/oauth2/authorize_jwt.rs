//! Signed authorization responses (JARM).

use keywright_domain::client::ClientKind;
use keywright_jwt::{Algorithm, Compact, JwkSet, VerifyingKey};
use keywright_tests::flow::decide;
use keywright_tests::{Answer, FlowClient, TestIssuer, attribute, forge, on_both_engines, seed};
use serde_json::{Value, json};

/// The claims of a response, if one of the keys that are served has signed it for this client and it has not expired.
async fn read(issuer: &TestIssuer, token: &str, algorithm: Algorithm) -> Value {
    assert_eq!(forge::header(token)["alg"], algorithm.as_str());
    let jwks = issuer.anonymous().get("/.well-known/jwks.json").await;
    let set = JwkSet::parse(jwks.text().as_bytes()).unwrap();
    let keys = set.keys.iter();
    let mut keys = keys.filter_map(|key| VerifyingKey::from_jwk(key, algorithm).ok());
    let compact = Compact::split(token).unwrap();
    let signature = compact.decode_signature().unwrap();
    let verifies = |key: VerifyingKey| {
        key.verify(compact.signing_input(), signature.as_bytes())
            .is_ok()
    };
    assert!(keys.any(verifies), "no key that is served");
    let claims = forge::claims(token);
    assert_eq!(
        (&claims["iss"], &claims["aud"]),
        (&json!(seed::ISSUER), &json!("app"))
    );
    let left = claims["exp"].as_i64().unwrap() - issuer.issuer().now().secs();
    assert!((1..=600).contains(&left), "{claims}");
    claims
}

/// The one parameter that came back.
#[track_caller]
fn only_response(app: &FlowClient, answer: &Answer) -> String {
    let mut parameters = app.response(answer);
    let token = parameters.remove("response").expect("a response");
    assert!(parameters.is_empty(), "{parameters:?}");
    token
}

on_both_engines! {
    async fn code_comes_signed_wherever_the_client_wants_it(issuer: TestIssuer) {
        let app = issuer.openid_client("app", json!({})).await;
        let mut ann = issuer.visitor_named("ann").await;
        for (mode, sign) in [("jwt", '?'), ("query.jwt", '?'), ("fragment.jwt", '#')] {
            let answer = ann.open(&app.request(&[("response_mode", Some(mode))])).await;
            let location = answer.header("location").unwrap();
            assert_eq!(location.chars().nth(app.redirect_uri.len()), Some(sign), "{location}");
            let claims = read(&issuer, &only_response(&app, &answer), Algorithm::Rs256).await;
            assert_eq!(claims["state"], "af0if jsl&dkj");
            app.exchange(claims["code"].as_str().unwrap(), &[]).await.is(200);
        }
    }

    async fn form_carries_the_signed_answer(issuer: TestIssuer) {
        let members = json!({ "authorization_signed_response_alg": "ES256" });
        let app = issuer.openid_client("app", members).await;
        let mut ann = issuer.visitor_named("ann").await;
        let page = ann.open(&app.request(&[("response_mode", Some("form_post.jwt"))])).await.is(200);
        let token = attribute(page.text(), "name=\"response\" value=\"").expect("a response");
        assert!(!page.text().contains("name=\"code\""), "{page}");
        let claims = read(&issuer, &token, Algorithm::Es256).await;
        app.exchange(claims["code"].as_str().unwrap(), &[]).await.is(200);
    }

    async fn refusals_are_signed_too(issuer: TestIssuer) {
        let app = issuer.openid_client("app", json!({ "first_party": false })).await;
        let mut ann = issuer.visitor_named("ann").await;
        let jwt = ("response_mode", Some("jwt"));
        let malformed = ann.open(&app.request(&[jwt, ("prompt", Some("none login"))])).await;
        let claims = read(&issuer, &only_response(&app, &malformed), Algorithm::Rs256).await;
        assert_eq!((&claims["error"], &claims["state"]), (&json!("invalid_request"), &json!("af0if jsl&dkj")));
        ann.open(&app.request(&[jwt])).await.is(200);
        let denied = decide(&mut ann, "deny").await;
        let claims = read(&issuer, &only_response(&app, &denied), Algorithm::Rs256).await;
        assert_eq!(claims["error"], "access_denied");
        assert_eq!(issuer.issuer().read_id_token_hint(&only_response(&app, &denied)), None);
    }

    async fn client_without_an_algorithm_is_told_so_in_the_open(issuer: TestIssuer) {
        let members = json!({ "openid_scope": "" });
        let plain = issuer.flow_client_with("app", ClientKind::Public, members).await;
        let mut ann = issuer.visitor_named("ann").await;
        let answer = ann.open(&plain.request(&[("response_mode", Some("query.jwt"))])).await;
        let response = plain.response(&answer);
        assert_eq!(response["error"], "invalid_request");
        assert!(response["error_description"].contains("signed"), "{response:?}");
    }

    async fn client_of_plain_oauth_has_the_key_that_it_registered(issuer: TestIssuer) {
        let members = json!({
            "openid_scope": "", "first_party": true, "authorization_signed_response_alg": "PS256",
        });
        let plain = issuer.flow_client_with("app", ClientKind::Public, members).await;
        let mut ann = issuer.visitor_named("ann").await;
        let answer = ann.open(&plain.request(&[("response_mode", Some("jwt"))])).await;
        let claims = read(&issuer, &only_response(&plain, &answer), Algorithm::Ps256).await;
        plain.exchange(claims["code"].as_str().unwrap(), &[]).await.is(200);
    }
}
