use std::collections::BTreeSet;

use http::Method;
use http::header::IF_NONE_MATCH;
use keywright_domain::Period;
use keywright_domain::audit::Actor;
use keywright_domain::keys::RingId;
use keywright_jwt::{Algorithm, JwkSet};
use keywright_tests::forge::Forgery;
use keywright_tests::{Answer, Engine, FakeClock, TestIssuer, on_both_engines, seed};
use keywright_verify::{KeySlot, Verifier};

const JWKS: &str = "/.well-known/jwks.json";

fn kids(answer: &Answer) -> Vec<String> {
    let json = answer.json();
    let keys = json["keys"].as_array().unwrap();
    keys.iter()
        .map(|key| key["kid"].as_str().unwrap().to_owned())
        .collect()
}

on_both_engines! {
    async fn key_set_is_public_cached_and_free_of_secrets(issuer: TestIssuer) {
        let answer = issuer.anonymous().get(JWKS).await.is(200);
        assert_eq!(answer.header("content-type"), Some("application/json"));
        let caching = answer.header("cache-control").unwrap();
        assert!(caching.contains("public") && caching.contains("max-age=300"), "{caching}");
        assert!(caching.contains("stale-if-error="), "{caching}");
        let json = answer.json();
        assert_eq!(json["keys"].as_array().unwrap().len(), 2, "the signer and the one in waiting");
        for key in json["keys"].as_array().unwrap() {
            for private in ["d", "p", "q", "dp", "dq", "qi", "k"] {
                assert!(key[private].is_null(), "{key}");
            }
            assert_eq!((&key["alg"], &key["use"]), (&"ES256".into(), &"sig".into()));
        }
    }

    async fn known_key_set_is_not_sent_again(issuer: TestIssuer) {
        let stranger = issuer.anonymous();
        let etag = stranger.get(JWKS).await.header("etag").expect("an etag").to_owned();
        let ask = |tag: &str| stranger.call(Method::GET, JWKS).header(IF_NONE_MATCH, tag).send();
        for tag in [etag.clone(), format!("W/{etag}"), format!("\"other\", {etag}"), "*".to_owned()] {
            let answer = ask(&tag).await.is(304);
            assert!(answer.body.is_empty());
            assert_eq!(answer.header("etag"), Some(etag.as_str()));
        }
        ask("\"other\"").await.is(200);
        issuer.advance(Period::days(31)).await;
        let newer = ask(&etag).await.is(200);
        assert_ne!(newer.header("etag"), Some(etag.as_str()));
    }

    async fn other_nodes_serve_the_same_bytes(issuer: TestIssuer) {
        let node = issuer.another_node().await;
        let (here, there) = (issuer.anonymous().get(JWKS).await, node.anonymous().get(JWKS).await);
        assert_eq!(here.comparable(), there.comparable());
    }
}

/// Each token is met by the two unluckiest verifiers: one whose key set is as old as `max-age` allows, and one that
/// fetches it at the end of the token's life. The operator meddles once a quarter.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn year_of_rotations_never_meets_a_verifier_that_lacks_the_key() {
    let issuer = TestIssuer::new(Engine::Sqlite).await;
    let ring = RingId {
        algorithm: Algorithm::Es256,
        audience: None,
    };
    let (max_age, lifetime) = (Period::secs(300), Period::secs(300));
    let mut signers = BTreeSet::new();
    for step in 1..=1250 {
        let stale = verifier_of(&issuer).await;
        issuer.advance(max_age).await;
        if step % 310 == 0 {
            // Refused where it would do harm: that is what this test relies on.
            let _ = issuer
                .issuer()
                .rotate_keys(&ring, false, &Actor::Operator)
                .await;
        }
        if step % 310 == 100 {
            let _ = issuer
                .issuer()
                .roll_back_keys(&ring, &Actor::Operator)
                .await;
        }
        let answer = issuer
            .client("svc")
            .token(&[("grant_type", "client_credentials")])
            .await;
        let token = answer.is(200).str("/access_token");
        stale
            .verify(&token)
            .unwrap_or_else(|refusal| panic!("step {step}: {refusal:?}"));
        issuer.advance(lifetime).await;
        let late = verifier_of(&issuer).await;
        late.verify(&token)
            .unwrap_or_else(|refusal| panic!("step {step}, late: {refusal:?}"));
        signers.insert(Forgery::of(&token).header["kid"].to_string());
        issuer.advance(Period::secs(24_600)).await;
    }
    assert!(issuer.issuer().now() > FakeClock::START + Period::days(364));
    assert!(
        (12..=20).contains(&signers.len()),
        "a rotation each month: {}",
        signers.len()
    );
    let served = issuer.anonymous().get(JWKS).await;
    assert!(kids(&served).len() <= 3, "old keys go: {}", served.text());
}

/// A verifier that fetches the key set now and never again.
async fn verifier_of(issuer: &TestIssuer) -> Verifier {
    let answer = issuer.anonymous().get(JWKS).await.is(200);
    let keys = KeySlot::new(JwkSet::parse(&answer.body).unwrap()).unwrap();
    let clock = issuer.clone();
    Verifier::builder(seed::ISSUER, keys)
        .audience(seed::ORDERS)
        .clock(move || clock.issuer().now().secs())
        .build()
        .unwrap()
}
