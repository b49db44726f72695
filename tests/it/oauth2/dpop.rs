//! Tokens that are bound to a key (RFC 9449): at the token endpoint, and at the issuer's own doors.

use http::Method;
use keywright_domain::Period;
use keywright_domain::client::ASSERTION_TYPE;
use keywright_jwt::Algorithm;
use keywright_tests::{
    Answer, DPOP, Person, Prover, SigningClient, TestIssuer, escaped, forge, on_both_engines,
    post_with, seed,
};
use serde_json::{Value, json};

const TOKEN: &str = "/oauth2/token";
const CLIENT_CREDENTIALS: [(&str, &str); 1] = [("grant_type", "client_credentials")];

#[track_caller]
fn is_refused(answer: Answer, error: &str) -> Answer {
    let answer = answer.is(400);
    assert_eq!(answer.str("/error"), error, "{answer}");
    answer
}

/// What a public client sends to refresh.
fn refresh_of(person: &Person) -> [(&str, &str); 3] {
    [
        ("grant_type", "refresh_token"),
        ("client_id", "web"),
        ("refresh_token", &person.refresh_token),
    ]
}

/// A session that was opened with the key.
async fn bind(issuer: &TestIssuer, key: &Prover) {
    issuer
        .meddle(&format!("UPDATE sessions SET proof_key = '{}'", key.jkt()))
        .await;
}

/// What the client sends for a token of its own.
fn proved_by(shop: &SigningClient) -> Vec<(&'static str, String)> {
    vec![
        ("grant_type", "client_credentials".to_owned()),
        ("client_assertion_type", ASSERTION_TYPE.to_owned()),
        ("client_assertion", shop.assertion()),
    ]
}

fn pairs<'a>(form: &'a [(&'static str, String)]) -> Vec<(&'static str, &'a str)> {
    form.iter()
        .map(|(name, value)| (*name, value.as_str()))
        .collect()
}

on_both_engines! {
    async fn token_is_bound_to_the_key_that_was_proved_with_a_nonce_of_the_issuer(issuer: TestIssuer) {
        let (svc, key) = (issuer.client("svc"), Prover::default());
        let claims = key.claims(&svc, &Method::POST, TOKEN);
        let first = key.sign("dpop+jwt", &claims);
        let asked = is_refused(post_with(&svc, TOKEN, &CLIENT_CREDENTIALS, &first).await, "use_dpop_nonce");
        assert_eq!(asked.header("cache-control"), Some("no-store"));
        let nonce = asked.header("dpop-nonce").expect("RFC 9449 §8").to_owned();

        let mut claims = key.claims(&svc, &Method::POST, TOKEN);
        claims["nonce"] = json!(nonce);
        let proof = key.sign("dpop+jwt", &claims);
        let answer = post_with(&svc, TOKEN, &CLIENT_CREDENTIALS, &proof).await.is(200);
        assert_eq!(answer.str("/token_type"), "DPoP");
        assert!(answer.header("dpop-nonce").is_some(), "the next one comes along");
        let token = forge::claims(&answer.str("/access_token"));
        assert_eq!(token["cnf"], json!({ "jkt": key.jkt() }));
        is_refused(post_with(&svc, TOKEN, &CLIENT_CREDENTIALS, &proof).await, "invalid_dpop_proof");

        let other = issuer.another_node().await;
        let svc = other.client("svc");
        claims["jti"] = json!("another");
        let elsewhere = key.sign("dpop+jwt", &claims);
        post_with(&svc, TOKEN, &CLIENT_CREDENTIALS, &elsewhere).await.is(200);
        issuer.pass(Period::secs(301));
        claims["iat"] = json!(issuer.issuer().now().secs());
        claims["jti"] = json!("late");
        let late = key.sign("dpop+jwt", &claims);
        is_refused(post_with(&svc, TOKEN, &CLIENT_CREDENTIALS, &late).await, "use_dpop_nonce");
    }

    async fn proof_that_does_not_hold_is_refused(issuer: TestIssuer) {
        let (svc, key) = (issuer.client("svc"), Prover::default());
        let with = |name: &str, value: Value| {
            let mut claims = key.claims(&svc, &Method::POST, TOKEN);
            claims[name] = value;
            key.sign("dpop+jwt", &claims)
        };
        let now = issuer.issuer().now().secs();
        let good = with("more", json!(1));
        for proof in [
            with("htm", json!("GET")),
            with("htu", json!("https://evil.example/oauth2/token")),
            with("htu", json!("https://id.example/oauth2/par")),
            with("iat", json!(now - 71)),
            with("iat", json!(now + 11)),
            with("jti", json!("")),
            key.sign("JWT", &key.claims(&svc, &Method::POST, TOKEN)),
            forge::tampered(&good),
            "rubbish".to_owned(),
        ] {
            let answer = post_with(&svc, TOKEN, &CLIENT_CREDENTIALS, &proof).await;
            is_refused(answer, "invalid_dpop_proof");
        }
    }

    async fn client_that_has_only_bound_tokens_is_given_no_other(issuer: TestIssuer) {
        let shop = issuer.signing_client(json!({ "dpop_bound_access_tokens": true })).await;
        is_refused(shop.token_by(&shop.assertion()).await, "invalid_dpop_proof");
        let admin = issuer.admin().await;
        let bound = json!({ "registration": { "dpop_bound_access_tokens": true } });
        let answer = admin.patch("/admin/v1/clients/web", &bound).await;
        answer.is_problem(400, "invalid_field");
    }

    async fn client_of_the_fapi_profile_proves_its_key_by_no_other_algorithm(issuer: TestIssuer) {
        let shop = issuer.signing_client(json!({ "fapi": true })).await;
        let (weak, strong) = (Prover::by(Algorithm::Es384), Prover::by(Algorithm::EdDsa));
        for path in [TOKEN, "/oauth2/par"] {
            let proved = proved_by(&shop);
            is_refused(weak.post_form(&shop.actor, path, &pairs(&proved)).await, "invalid_dpop_proof");
        }
        let proved = proved_by(&shop);
        strong.post_form(&shop.actor, TOKEN, &pairs(&proved)).await.is(200);
        weak.post_form(&issuer.client("svc"), TOKEN, &CLIENT_CREDENTIALS).await.is(200);
    }

    async fn client_of_the_fapi_profile_gets_no_token_that_is_signed_otherwise(issuer: TestIssuer) {
        let (shop, key) = (issuer.signing_client(json!({ "fapi": true })).await, Prover::default());
        let proved = proved_by(&shop);
        key.post_form(&shop.actor, TOKEN, &pairs(&proved)).await.is(200);
        let admin = issuer.admin().await;
        let orders = json!({
            "name": "Orders", "scopes": { "read:orders": "See", "write:orders": "Change" },
            "access_lifetime": 300, "algorithm": "ES384",
        });
        let path = format!("/admin/v1/apis/{}", escaped(seed::ORDERS));
        admin.put(&path, &orders).await.is(200);
        // As soon as verifiers may know the new key.
        for seconds in [300, 11] {
            issuer.advance(Period::secs(seconds)).await;
        }
        let proved = proved_by(&shop);
        is_refused(key.post_form(&shop.actor, TOKEN, &pairs(&proved)).await, "invalid_target");
        issuer.client("svc").token(&CLIENT_CREDENTIALS).await.is(200);
        let again = json!({ "allowed": { seed::ORDERS: "read:orders" } });
        let admin = issuer.admin().await;
        let answer = admin.patch("/admin/v1/clients/shop", &again).await.is_problem(400, "invalid_field");
        assert_eq!(answer.blamed(), ["allowed"]);
        admin.patch("/admin/v1/clients/shop", &json!({ "disabled": true })).await.is(200);
    }

    async fn bound_session_is_refreshed_with_its_key_alone(issuer: TestIssuer) {
        let ann = issuer.user("ann").await;
        let (key, other) = (Prover::default(), Prover::default());
        bind(&issuer, &key).await;
        let stranger = issuer.anonymous();
        is_refused(stranger.token(&refresh_of(&ann)).await, "invalid_grant");
        is_refused(other.post_form(&stranger, TOKEN, &refresh_of(&ann)).await, "invalid_grant");
        ann.refresh().await.is(401);
        let answer = key.post_form(&stranger, TOKEN, &refresh_of(&ann)).await.is(200);
        assert_eq!(answer.str("/token_type"), "DPoP");
        let token = forge::claims(&answer.str("/access_token"));
        assert_eq!(token["cnf"], json!({ "jkt": key.jkt() }));
        // A lost response: the same token again, with the same key.
        let again = key.post_form(&stranger, TOKEN, &refresh_of(&ann)).await.is(200);
        assert_eq!(again.str("/refresh_token"), answer.str("/refresh_token"));
    }

    async fn own_doors_take_a_bound_token_with_a_proof_and_never_as_a_bearer_token(issuer: TestIssuer) {
        let (ann, key) = (issuer.user("ann").await, Prover::default());
        bind(&issuer, &key).await;
        let stranger = issuer.anonymous();
        let answer = key.post_form(&stranger, TOKEN, &refresh_of(&ann)).await.is(200);
        let token = answer.str("/access_token");
        for path in ["/v1/me", "/v1/sessions"] {
            key.get(&stranger, path, &token).await.is(200);
            let refused = stranger.bearing(&token).get(path).await.is_problem(401, "invalid_token");
            let challenge = refused.header("www-authenticate").expect("RFC 9449 §7.1");
            assert!(challenge.starts_with("DPoP ") && challenge.contains("algs="), "{challenge}");
            stranger.presenting(&token).get(path).await.is_problem(401, "invalid_token");
            Prover::default().get(&stranger, path, &token).await.is_problem(401, "invalid_token");
        }
        let proof = key.proof_for(&stranger, &Method::GET, "/v1/me", &token);
        let bound = stranger.presenting(&token);
        let once = || bound.call(Method::GET, "/v1/me").header(DPOP, &proof).send();
        once().await.is(200);
        once().await.is_problem(401, "invalid_token");
        let elsewhere = bound.call(Method::GET, "/v1/sessions").header(DPOP, &proof).send();
        elsewhere.await.is_problem(401, "invalid_token");
    }

    async fn service_administers_with_a_bound_token(issuer: TestIssuer) {
        let (ops, key) = (issuer.client("ops"), Prover::default());
        let answer = key.post_form(&ops, TOKEN, &CLIENT_CREDENTIALS).await.is(200);
        let (token, stranger) = (answer.str("/access_token"), issuer.anonymous());
        key.get(&stranger, "/admin/v1/users", &token).await.is(200);
        stranger.bearing(&token).get("/admin/v1/users").await.is_problem(401, "invalid_token");
        let unbound = ops.token(&CLIENT_CREDENTIALS).await.is(200).str("/access_token");
        let answer = key.get(&stranger, "/admin/v1/users", &unbound).await;
        answer.is_problem(401, "invalid_token");
    }
}
