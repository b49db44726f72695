//! `client_secret_jwt` (OpenID Connect Core §9): the client signs with its secret.

use keywright_domain::Period;
use keywright_domain::client::ASSERTION_TYPE;
use keywright_jwt::{Algorithm, SigningKey};
use keywright_tests::{
    Answer, SigningClient, TestIssuer, forge, key_of_secret, key_set, on_both_engines, seed,
};
use serde_json::{Value, json};

const GRANT: (&str, &str) = ("grant_type", "client_credentials");
const SECRET: &str = "/admin/v1/clients/shop/secret";

#[track_caller]
fn is_refused(answer: Answer) {
    let answer = answer.is(401);
    assert_eq!(answer.str("/error"), "invalid_client", "{answer}");
}

fn method(name: &str) -> Value {
    json!({ "token_endpoint_auth_method": name })
}

/// Good claims under another key.
fn signed_by(shop: &SigningClient, key: &SigningKey) -> String {
    let signed = key.sign("JWT", shop.claims().to_string().as_bytes());
    signed.unwrap()
}

on_both_engines! {
    async fn client_proves_itself_by_what_it_signs_with_its_secret(issuer: TestIssuer) {
        let (shop, secret) = issuer.client_with_signing_secret(json!({})).await;
        let answer = shop.token_by(&shop.assertion()).await.is(200);
        let claims = forge::claims(&answer.str("/access_token"));
        assert_eq!((&claims["sub"], &claims["aud"]), (&json!("shop"), &json!(seed::ORDERS)));
        for algorithm in [Algorithm::Hs384, Algorithm::Hs512] {
            let assertion = signed_by(&shop, &key_of_secret(algorithm, &secret));
            shop.token_by(&assertion).await.is(200);
        }
        let assertion = shop.assertion();
        let other = issuer.another_node().await;
        let form = [GRANT, ("client_assertion_type", ASSERTION_TYPE), ("client_assertion", &assertion)];
        other.anonymous().token(&form).await.is(200);
        is_refused(shop.token_by(&assertion).await);
    }

    async fn what_is_not_signed_with_the_secret_is_refused_and_on_record(issuer: TestIssuer) {
        let (own, _) = SigningKey::generate(Algorithm::Es256).unwrap();
        let (shop, _) = issuer.client_with_signing_secret(json!({ "jwks": key_set(&[&own]) })).await;
        let good = shop.assertion();
        shop.token_by(&good).await.is(200);
        let with = |name: &str, value: Value| {
            let mut claims = shop.claims();
            claims[name] = value;
            shop.sign("JWT", &claims)
        };
        let public = key_set(&[&own])["keys"][0].to_string();
        let forgery = forge::Forgery::of(&shop.assertion());
        for (what, assertion) in [
            ("replayed", good),
            ("for somebody else too", with("aud", json!([seed::ISSUER, "https://evil.example"]))),
            ("for somebody else", with("aud", json!("https://evil.example"))),
            ("over", with("exp", json!(issuer.issuer().now().secs()))),
            ("without a name", with("jti", json!(""))),
            ("another secret", signed_by(&shop, &key_of_secret(Algorithm::Hs256, &"x".repeat(90)))),
            ("a key that it has registered", signed_by(&shop, &own)),
            ("a public key as a secret", forgery.signed_with_public(public.as_bytes())),
            ("another's key", forgery.signed_by_stranger()),
            ("tampered with", forge::tampered(&shop.assertion())),
        ] {
            is_refused(shop.token_by(&assertion).await);
            assert_eq!(issuer.new_events().await.last().unwrap(), "client.authentication.failed", "{what}");
            issuer.pass(Period::minutes(1));
        }
        is_refused(shop.token_by(&forgery.unsigned()).await);
    }

    async fn the_secret_itself_opens_nothing(issuer: TestIssuer) {
        let (shop, secret) = issuer.client_with_signing_secret(json!({})).await;
        is_refused(shop.actor.with_basic("shop", &secret).token(&[GRANT]).await);
        let in_form = [GRANT, ("client_id", "shop"), ("client_secret", &secret)];
        is_refused(shop.actor.token(&in_form).await);
        is_refused(shop.actor.token(&[GRANT, ("client_id", "shop")]).await);
        // Nor does a secret that is sent become one to sign with.
        let svc = issuer.client("svc");
        let mut claims = shop.claims();
        claims["iss"] = json!("svc");
        claims["sub"] = json!("svc");
        let key = key_of_secret(Algorithm::Hs256, &svc.secret);
        let assertion = key.sign("JWT", claims.to_string().as_bytes()).unwrap();
        is_refused(shop.token_by(&assertion).await);
        svc.token(&[GRANT]).await.is(200);
    }

    async fn replaced_secret_stops_working_at_once(issuer: TestIssuer) {
        let (shop, old) = issuer.client_with_signing_secret(json!({})).await;
        let admin = issuer.admin().await;
        let new = admin.post(SECRET, &json!({})).await.is(200).str("/client_secret");
        assert!(new.starts_with("kwj_") && new != old);
        is_refused(shop.token_by(&shop.assertion()).await);
        let shop = issuer.signing_with(key_of_secret(Algorithm::Hs256, &new));
        shop.token_by(&shop.assertion()).await.is(200);
    }

    async fn client_changes_to_the_method_and_from_it_with_a_new_secret_alone(issuer: TestIssuer) {
        let admin = issuer.admin().await;
        let (path, secret) = ("/admin/v1/clients/svc", "/admin/v1/clients/svc/secret");
        let anew = json!({ "registration": method("client_secret_jwt") });
        let refused = admin.patch(path, &anew).await.is_problem(400, "invalid_field");
        assert_eq!(refused.blamed(), ["registration"]);
        issuer.client("svc").token(&[GRANT]).await.is(200);

        let new = admin.post(secret, &method("client_secret_jwt")).await.is(200).str("/client_secret");
        let shown = admin.get(path).await.is(200);
        assert_eq!(shown.str("/registration/token_endpoint_auth_method"), "client_secret_jwt");
        is_refused(issuer.client("svc").token(&[GRANT]).await);
        let mut svc = issuer.signing_with(key_of_secret(Algorithm::Hs256, &new));
        svc.id = "svc";
        svc.token_by(&svc.assertion()).await.is(200);

        let back = json!({ "registration": method("client_secret_basic") });
        admin.patch(path, &back).await.is_problem(400, "invalid_field");
        let new = admin.post(secret, &method("client_secret_basic")).await.is(200).str("/client_secret");
        svc.actor.with_basic("svc", &new).token(&[GRANT]).await.is(200);
        is_refused(svc.token_by(&svc.assertion()).await);
        admin.post(secret, &method("private_key_jwt")).await.is(409);
        admin.post(secret, &method("client_secret_pigeon")).await.is_problem(400, "invalid_field");
    }
}
