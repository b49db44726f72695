use http::Method;
use keywright_domain::Period;
use keywright_domain::client::ASSERTION_TYPE;
use keywright_jwt::{Algorithm, SigningKey};
use keywright_tests::{
    Answer, Prover, TestIssuer, WatchedStore, forge, key_set, on_both_engines, seed,
};
use serde_json::{Value, json};

const JWKS_URI: &str = "https://shop.example/jwks";

#[track_caller]
fn is_refused(answer: Answer) {
    let answer = answer.is(401);
    assert_eq!(answer.str("/error"), "invalid_client", "{answer}");
}

on_both_engines! {
    async fn client_proves_itself_by_its_key(issuer: TestIssuer) {
        let shop = issuer.signing_client(json!({})).await;
        let answer = shop.token_by(&shop.assertion()).await.is(200);
        let claims = forge::claims(&answer.str("/access_token"));
        assert_eq!((&claims["sub"], &claims["aud"]), (&json!("shop"), &json!(seed::ORDERS)));
    }

    async fn assertion_counts_once_however_many_present_it_on_however_many_nodes(issuer: TestIssuer) {
        let shop = issuer.signing_client(json!({})).await;
        let other = issuer.another_node().await;
        let assertion = shop.assertion();
        let presentations: Vec<_> = (0..100)
            .map(|i| {
                let node = if i % 2 == 0 { issuer.clone() } else { other.clone() };
                let form = [
                    ("grant_type", "client_credentials".to_owned()),
                    ("client_assertion_type", ASSERTION_TYPE.to_owned()),
                    ("client_assertion", assertion.clone()),
                ];
                tokio::spawn(async move {
                    let form: Vec<_> = form.iter().map(|(name, text)| (*name, text.as_str())).collect();
                    // Each from a network of its own: what is limited is not what is tested.
                    node.anonymous().from_address(&format!("198.51.100.{i}")).token(&form).await
                })
            })
            .collect();
        let mut wins = 0;
        for presentation in presentations {
            let answer = presentation.await.unwrap();
            match answer.status.as_u16() {
                200 => wins += 1,
                _ => is_refused(answer),
            }
        }
        assert_eq!(wins, 1);
        issuer.advance(Period::minutes(4)).await;
        is_refused(shop.token_by(&assertion).await);
    }

    async fn assertion_that_does_not_hold_is_refused_and_on_record(issuer: TestIssuer) {
        let shop = issuer.signing_client(json!({})).await;
        let with = |name: &str, value: Value| {
            let mut claims = shop.claims();
            claims[name] = value;
            shop.sign("JWT", &claims)
        };
        let now = issuer.issuer().now().secs();
        let good = shop.assertion();
        let forgery = forge::Forgery::of(&good);
        let bad = [
            with("iss", json!("svc")),
            with("aud", json!("https://evil.example")),
            with("aud", json!([seed::ISSUER, "https://evil.example"])),
            with("exp", json!(now)),
            with("nbf", json!(now + 60)),
            with("jti", json!("")),
            shop.sign("dpop+jwt", &shop.claims()),
            forge::tampered(&good),
            forgery.signed_by_stranger(),
            forgery.signed_with_public(key_set(&[&shop.key]).to_string().as_bytes()),
        ];
        for assertion in bad {
            is_refused(shop.token_by(&assertion).await);
            let events = issuer.new_events().await;
            assert_eq!(events, ["client.authentication.failed"], "{assertion}");
            // The limits of failures are not what is tested here.
            issuer.pass(Period::minutes(1));
        }
        // Nobody can tell whom it is about.
        is_refused(shop.token_by(&forgery.unsigned()).await);
        shop.token_by(&shop.assertion()).await.is(200);
    }

    async fn client_that_is_registered_for_a_key_is_refused_by_any_other_proof(issuer: TestIssuer) {
        let shop = issuer.signing_client(json!({})).await;
        let grant = ("grant_type", "client_credentials");
        is_refused(shop.actor.token(&[grant, ("client_id", "shop")]).await);
        is_refused(shop.actor.with_basic("shop", "kws_guess").token(&[grant]).await);
        let svc = issuer.client("svc");
        let own = [grant, ("client_assertion_type", ASSERTION_TYPE), ("client_assertion", &shop.assertion())];
        let answer = svc.token(&own).await.is(400);
        assert_eq!(answer.str("/error"), "invalid_request", "two methods in one request");
        let other_name = [own[0], own[1], own[2], ("client_id", "svc")];
        is_refused(shop.actor.token(&other_name).await);
        let other_type = [grant, ("client_assertion_type", "urn:other"), own[2]];
        is_refused(shop.actor.token(&other_type).await);
        let same_name = [own[0], own[1], own[2], ("client_id", "shop")];
        shop.actor.token(&same_name).await.is(200);
    }

    async fn secret_counts_only_where_the_client_is_registered_to_send_it(issuer: TestIssuer) {
        let admin = issuer.admin().await;
        let registration = json!({ "registration": { "token_endpoint_auth_method": "client_secret_post" } });
        admin.patch("/admin/v1/clients/svc", &registration).await.is(200);
        let svc = issuer.client("svc");
        let grant = ("grant_type", "client_credentials");
        is_refused(svc.token(&[grant]).await);
        let in_form = [grant, ("client_id", "svc"), ("client_secret", &svc.secret)];
        issuer.anonymous().token(&in_form).await.is(200);
    }

    async fn keys_are_fetched_once_and_again_when_the_client_has_a_new_one(issuer: TestIssuer) {
        let shop = issuer.signing_client(json!({ "jwks_uri": JWKS_URI })).await;
        let world = issuer.world();
        is_refused(shop.token_by(&shop.assertion()).await);
        assert_eq!(world.fetches(), 1);
        is_refused(shop.token_by(&shop.assertion()).await);
        assert_eq!(world.fetches(), 1, "what failed is left alone for a while");

        issuer.pass(Period::secs(31));
        world.publishes(JWKS_URI, &key_set(&[&shop.key]).to_string());
        for _ in 0..3 {
            shop.token_by(&shop.assertion()).await.is(200);
        }
        assert_eq!(world.fetches(), 2);

        let (new, _) = SigningKey::generate(Algorithm::Es256).unwrap();
        world.publishes(JWKS_URI, &key_set(&[&shop.key, &new]).to_string());
        let by_new = new.sign("JWT", shop.claims().to_string().as_bytes()).unwrap();
        shop.token_by(&by_new).await.is(200);
        assert_eq!(world.fetches(), 3, "an unknown key is looked for");
        for _ in 0..3 {
            let (stranger, _) = SigningKey::generate(Algorithm::Es256).unwrap();
            let forged = stranger.sign("JWT", shop.claims().to_string().as_bytes()).unwrap();
            is_refused(shop.token_by(&forged).await);
        }
        assert!(world.fetches() <= 4, "strangers cannot make the issuer call again and again");

        world.withdraws(JWKS_URI);
        issuer.advance(Period::hours(1)).await;
        shop.token_by(&shop.assertion()).await.is(200);
        issuer.advance(Period::hours(12)).await;
        is_refused(shop.token_by(&shop.assertion()).await);
    }

    async fn client_of_the_fapi_profile_names_the_issuer_alone_and_binds_its_tokens(issuer: TestIssuer) {
        let shop = issuer.signing_client(json!({ "fapi": true })).await;
        let key = Prover::default();
        let mut claims = shop.claims();
        claims["aud"] = json!("https://id.example/oauth2/token");
        is_refused(shop.token_by(&shop.sign("JWT", &claims)).await);
        claims["aud"] = json!([seed::ISSUER]);
        is_refused(shop.token_by(&shop.sign("JWT", &claims)).await);
        let unbound = shop.token_by(&shop.assertion()).await.is(400);
        assert_eq!(unbound.str("/error"), "invalid_dpop_proof");
        let assertion = shop.assertion();
        let form = [
            ("grant_type", "client_credentials"),
            ("client_assertion_type", ASSERTION_TYPE),
            ("client_assertion", &assertion),
        ];
        let answer = key.post_form(&shop.actor, "/oauth2/token", &form).await.is(200);
        assert_eq!(answer.str("/token_type"), "DPoP");
    }

    async fn registration_that_cannot_work_is_refused(issuer: TestIssuer) {
        let admin = issuer.admin().await;
        let create = |method: &str| json!({
            "name": "x", "kind": "confidential", "grants": ["client_credentials"],
            "registration": { "token_endpoint_auth_method": method },
        });
        for method in ["private_key_jwt", "tls_client_auth", "none"] {
            let answer = admin.post("/admin/v1/clients", &create(method)).await;
            let answer = answer.is_problem(400, "invalid_field");
            assert_eq!(answer.blamed(), ["registration"], "{method}");
        }
        let shop = issuer.signing_client(json!({})).await;
        let rotate = admin.call(Method::POST, "/admin/v1/clients/shop/secret").send().await;
        rotate.is(409);
        assert_eq!(shop.id, "shop");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn database_that_is_down_is_no_fault_of_the_client() {
    let issuer = TestIssuer::new(keywright_tests::Engine::Sqlite).await;
    let shop = issuer.signing_client(json!({})).await;
    let store: &WatchedStore = issuer.store();
    store.set_down(true);
    shop.token_by(&shop.assertion()).await.is(503);
}
