//! Errors of RFC 6749, RFC 9126 and RFC 9449 that the tests of the single grants do not provoke over HTTP.

use http::Method;
use http::header::{CONTENT_LENGTH, USER_AGENT};
use keywright_domain::Period;
use keywright_domain::client::ClientKind;
use keywright_domain::session::AnomalyResponse;
use keywright_tests::flow::VERIFIER;
use keywright_tests::{
    Answer, Person, Prover, TestIssuer, escaped, on_both_engines, post_with, seed,
};
use serde_json::json;

use super::refused;

const PAR: &str = "/oauth2/par";
const TOKEN: &str = "/oauth2/token";
const CLIENT_CREDENTIALS: (&str, &str) = ("grant_type", "client_credentials");

async fn push(issuer: &TestIssuer, form: &str) -> Answer {
    let client = issuer.anonymous();
    client.call(Method::POST, PAR).form(form).send().await
}

/// Where the browser goes with a request that was pushed.
fn by_uri(client: &str, request_uri: &str) -> String {
    let uri = escaped(request_uri);
    format!("/oauth2/authorize?client_id={client}&request_uri={uri}")
}

on_both_engines! {
    async fn request_uri_that_is_over_or_anothers_is_told_to_the_client(issuer: TestIssuer) {
        let own = json!({ "first_party": true });
        let app = issuer.flow_client_with("shop", ClientKind::Public, own).await;
        let thief = issuer.flow_client("thief").await;
        let mut ann = issuer.visitor_named("ann").await;
        let uri = push(&issuer, &app.parameters(&[])).await.is(201).str("/request_uri");
        let stolen = thief.response(&ann.open(&by_uri("thief", &uri)).await);
        assert_eq!(stolen["error"], "invalid_request_uri");
        let answered = app.response(&ann.open(&by_uri("shop", &uri)).await);
        app.exchange(&answered["code"], &[]).await.is(200);
        let again = app.response(&ann.open(&by_uri("shop", &uri)).await);
        assert_eq!(again["error"], "invalid_request_uri", "it counts once");
        let late = push(&issuer, &app.parameters(&[])).await.is(201).str("/request_uri");
        issuer.pass(Period::secs(60));
        let late = app.response(&ann.open(&by_uri("shop", &late)).await);
        assert_eq!(late["error"], "invalid_request_uri");
        assert_eq!(late["iss"], seed::ISSUER);
        let unknown = ann.open(&by_uri("shop", "urn:ietf:params:oauth:request_uri:AAAA")).await;
        assert_eq!(app.response(&unknown)["error"], "request_uri_not_supported");
    }

    async fn request_of_a_client_that_must_push_is_refused_in_the_browser(issuer: TestIssuer) {
        let pushing = json!({ "require_pushed_authorization_requests": true });
        let app = issuer.flow_client_with("shop", ClientKind::Public, pushing).await;
        let response = app.response(&issuer.visitor().open(&app.request(&[])).await);
        assert_eq!(response["error"], "invalid_request");
        assert!(response["error_description"].contains("push"), "{response:?}");
    }

    async fn pushing_in_anybodys_name_is_limited_by_network(issuer: TestIssuer) {
        let app = issuer.flow_client("shop").await;
        let form = app.parameters(&[]);
        for _ in 0..300 {
            push(&issuer, &form).await.is(201);
        }
        let limited = refused(push(&issuer, &form).await, 429, "temporarily_unavailable");
        assert!(limited.header("retry-after").is_some(), "{limited}");
        issuer.anonymous().get(PAR).await.is(405);
    }

    async fn request_that_is_too_long_to_be_pushed_is_told_so(issuer: TestIssuer) {
        let app = issuer.flow_client("shop").await;
        let long = format!("{}&more={}", app.parameters(&[]), "x".repeat(70_000));
        let client = issuer.anonymous();
        let call = client.call(Method::POST, PAR).form(&long);
        let call = call.header(CONTENT_LENGTH, &long.len().to_string());
        call.send().await.is_problem(413, "body_too_large");
    }

    async fn proof_is_looked_at_wherever_a_client_asks(issuer: TestIssuer) {
        let app = issuer.flow_client("shop").await;
        let (key, client) = (Prover::default(), issuer.anonymous());
        let form = app.exchange_form("kwc_AAAA");
        for path in [PAR, TOKEN] {
            let early = key.sign("dpop+jwt", &key.claims(&client, &Method::POST, path));
            let asked = refused(post_with(&client, path, &form, &early).await, 400, "use_dpop_nonce");
            assert!(asked.header("dpop-nonce").is_some(), "RFC 9449 §8");
            for rubbish in ["rubbish", "", "eyJhbGciOiJub25lIn0.e30."] {
                refused(post_with(&client, path, &form, rubbish).await, 400, "invalid_dpop_proof");
            }
        }
    }

    async fn body_that_grows_too_long_is_told_so(issuer: TestIssuer) {
        let long = format!("grant_type=client_credentials&pad={}", "x".repeat(64 * 1024));
        for path in [TOKEN, PAR] {
            let call = issuer.anonymous();
            let answer = call.call(Method::POST, path).form(&long).send().await;
            refused(answer, 413, "invalid_request");
        }
    }

    async fn with_the_database_down_nobody_is_sent_anywhere(issuer: TestIssuer) {
        let app = issuer.flow_client("shop").await;
        let mut ann = issuer.visitor_named("ann").await;
        issuer.store().set_down(true);
        let page = ann.open(&app.request(&[])).await.is(503);
        assert_eq!(page.header("location"), None);
        assert_eq!(page.header("content-type"), Some("text/html; charset=utf-8"));
        refused(push(&issuer, &app.parameters(&[])).await, 503, "temporarily_unavailable");
        let grant = issuer.client("svc").token(&[CLIENT_CREDENTIALS]).await;
        let later = refused(grant, 503, "temporarily_unavailable");
        assert!(later.header("retry-after").is_some(), "{later}");
        issuer.store().set_down(false);
        app.code(&mut ann, &[]).await;
    }

    async fn token_that_cannot_be_minted_is_the_servers_fault(issuer: TestIssuer) {
        let app = issuer.flow_client("shop").await;
        let mut ann = issuer.visitor_named("ann").await;
        let code = app.code(&mut ann, &[]).await;
        let pad = json!({ "by_role": { "viewer": "x".repeat(700) } });
        let orders = json!({
            "name": "Orders", "scopes": { "read:orders": "See", "write:orders": "Change" },
            "access_lifetime": 300, "algorithm": "ES256", "claims": { "claims": { "pad": pad }, "max_bytes": 900 },
        });
        let path = format!("/admin/v1/apis/{}", escaped(seed::ORDERS));
        issuer.admin().await.put(&path, &orders).await.is(200);
        refused(app.exchange(&code, &[]).await, 500, "server_error");
    }

    async fn unlike_refresh_of_a_client_asks_for_another_login(issuer: TestIssuer) {
        let mut policy = (*issuer.issuer().policy()).clone();
        policy.sessions.refresh.anomaly.response = AnomalyResponse::StepUp;
        issuer.issuer().reload(policy);
        let client = issuer.anonymous();
        let agent = "Mozilla/5.0 (iPhone; CPU iPhone OS 26_0 like Mac OS X) AppleWebKit/605.1.15 Version/26.0 Mobile/15E148 Safari/604.1";
        let login = client.call(Method::POST, "/v1/login").header(USER_AGENT, agent);
        let login = login.json(&json!({ "username": "ann", "password": seed::PASSWORD }));
        let ann = Person::of(&client, &login.send().await.is(200));
        issuer.advance(Period::minutes(4)).await;
        let form = format!("grant_type=refresh_token&client_id=web&refresh_token={}", escaped(&ann.refresh_token));
        let elsewhere = issuer.anonymous().from_address("198.51.100.7");
        let agent = "Mozilla/5.0 (X11; Linux x86_64; rv:143.0) Gecko/20100101 Firefox/143.0";
        let call = elsewhere.call(Method::POST, TOKEN).header(USER_AGENT, agent);
        let answer = refused(call.form(&form).send().await, 400, "invalid_grant");
        assert!(answer.str("/error_description").contains("log in again"), "{answer}");
        ann.is_in().await;
    }

    async fn reused_token_of_the_refresh_grant_says_so(issuer: TestIssuer) {
        let app = issuer.flow_client("shop").await;
        let mut ann = issuer.visitor_named("ann").await;
        let tokens = app.tokens(&mut ann, &[]).await;
        let old = tokens.str("/refresh_token");
        let new = app.refresh(&old).await.is(200).str("/refresh_token");
        issuer.advance(Period::secs(11)).await;
        let reused = refused(app.refresh(&old).await, 400, "invalid_grant");
        assert!(reused.str("/error_description").contains("used before"), "{reused}");
        refused(app.refresh(&new).await, 400, "invalid_grant");
    }

    async fn verifier_of_another_shape_is_no_verifier(issuer: TestIssuer) {
        let app = issuer.flow_client("shop").await;
        let mut ann = issuer.visitor_named("ann").await;
        for verifier in [&VERIFIER[..42], "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM", " "] {
            let code = app.code(&mut ann, &[]).await;
            let changed = [("code_verifier", Some(verifier))];
            refused(app.exchange(&code, &changed).await, 400, "invalid_grant");
        }
    }
}
