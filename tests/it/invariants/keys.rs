use std::collections::BTreeMap;

use keywright_domain::audit::Actor;
use keywright_domain::keys::{LendError, NotLent, RingId};
use keywright_domain::ports::Entropy;
use keywright_domain::{Period, Time};
use keywright_jwt::Algorithm;
use keywright_tests::forge::{self, Forgery};
use keywright_tests::{
    Engine, FakeClock, SeededEntropy, TestIssuer, environment, on_both_engines, seed,
};
use serde_json::{Value, json};

const MAX_AGE: Period = Period::secs(300);

/// An operator who rotates, rolls back, revokes and changes algorithms at random. Whatever is minted in between is signed
/// by a key that every verifier has, also one that fetched the key set `max-age` ago.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn invariant_01_no_token_is_signed_by_a_key_that_verifiers_cannot_know() {
    for seed in 0..u64::from(environment().rounds(8, 2)) {
        let issuer = TestIssuer::new(Engine::Sqlite).await;
        let chance = SeededEntropy::new(seed);
        let mut first_served: BTreeMap<String, Time> = BTreeMap::new();
        for step in 0..120 {
            note_served(&issuer, &mut first_served).await;
            meddle(&issuer, &chance).await;
            note_served(&issuer, &mut first_served).await;
            let answer = issuer
                .client("svc")
                .token(&[("grant_type", "client_credentials")])
                .await;
            if answer.status.as_u16() == 503 {
                continue; // A forced revocation: nothing signs, which is the safe answer.
            }
            let header = Forgery::of(&answer.is(200).str("/access_token")).header;
            let kid = header["kid"].as_str().expect("a key id");
            let since = *first_served.get(kid).expect("the signer is served");
            let known = since == FakeClock::START || issuer.issuer().now().since(since) >= MAX_AGE;
            assert!(
                known,
                "seed {seed}, step {step}: {kid} signs and is served since {since:?}"
            );
        }
    }
}

async fn note_served(issuer: &TestIssuer, first_served: &mut BTreeMap<String, Time>) {
    let served = issuer
        .anonymous()
        .get("/.well-known/jwks.json")
        .await
        .json();
    for key in served["keys"].as_array().expect("keys") {
        let kid = key["kid"].as_str().expect("a kid").to_owned();
        first_served.entry(kid).or_insert(issuer.issuer().now());
    }
}

/// One act of the operator, or the passing of time. Many are refused; the refusals are the point.
async fn meddle(issuer: &TestIssuer, chance: &SeededEntropy) {
    let mut bytes = [0; 3];
    chance.fill(&mut bytes);
    let algorithm = [Algorithm::Es256, Algorithm::EdDsa][usize::from(bytes[1] % 2)];
    let ring = RingId {
        algorithm,
        audience: None,
    };
    let keys = issuer.issuer().list_keys().await.expect("the keys");
    let kid = &keys[usize::from(bytes[2]) % keys.len()].kid;
    match bytes[0] % 8 {
        0 => drop(
            issuer
                .issuer()
                .rotate_keys(&ring, false, &Actor::Operator)
                .await,
        ),
        1 => drop(
            issuer
                .issuer()
                .roll_back_keys(&ring, &Actor::Operator)
                .await,
        ),
        2 => drop(
            issuer
                .issuer()
                .revoke_key(kid, false, &Actor::Operator)
                .await,
        ),
        3 if bytes[2] < 40 => drop(
            issuer
                .issuer()
                .revoke_key(kid, true, &Actor::Operator)
                .await,
        ),
        4 => {
            let api = seed::api(seed::ORDERS, &["read:orders", "write:orders"], algorithm);
            issuer
                .issuer()
                .put_api(&api, &Actor::Operator)
                .await
                .expect("the API changes");
        }
        5 => issuer.advance(Period::days(i64::from(bytes[2]) / 4)).await,
        _ => issuer.advance(Period::secs(i64::from(bytes[2]) * 2)).await,
    }
}

on_both_engines! {
    async fn what_is_lent_to_a_drill_signs_only_the_good_token_with_one_thing_wrong(issuer: TestIssuer) {
        let orders = seed::audience(seed::ORDERS);
        let signer = issuer.issuer().lend_signer(&orders, &Actor::Operator).await.unwrap();
        let good = issuer.client("svc").token(&[("grant_type", "client_credentials")]).await.is(200).str("/access_token");
        let claims = forge::claims(&good);
        let sign = |good: &str, typ: &str, claims: &Value| signer.sign(good, typ, claims.to_string().as_bytes());

        let mut endless = claims.clone();
        endless.as_object_mut().unwrap().remove("exp");
        let signed = sign(&good, "at+jwt", &endless).unwrap();
        assert_eq!(forge::header(&signed), forge::header(&good));
        let mut said = forge::claims(&signed);
        let jti = said["jti"].as_str().unwrap().to_owned();
        assert!(jti.starts_with("drill-"), "{jti}");
        said["jti"] = claims["jti"].clone();
        assert_eq!(said, endless, "everything else is the good token's");

        assert!(matches!(sign(&good, "at+jwt", &claims), Err(NotLent::NotInTable)), "a good token is not a drill's");
        let mut other = claims.clone();
        other["sub"] = json!("root");
        other["exp"] = json!(1);
        assert!(matches!(sign(&good, "at+jwt", &other), Err(NotLent::NotInTable)));
        for no_base in [Forgery::of(&good).unsigned(), signed, issuer.admin().await.access_token] {
            let refused = sign(&no_base, "at+jwt", &endless);
            assert!(matches!(refused, Err(NotLent::NoGoodToken(_))), "{no_base}");
        }
        issuer.advance(Period::minutes(15)).await;
        assert!(matches!(sign(&good, "at+jwt", &endless), Err(NotLent::Over)));
    }

    async fn no_key_is_lent_for_an_api_whose_name_a_client_has(issuer: TestIssuer) {
        let api = seed::api("svc", &["read"], Algorithm::Es256);
        issuer.issuer().put_api(&api, &Actor::Operator).await.unwrap();
        let refused = issuer.issuer().lend_signer(&api.audience, &Actor::Operator).await;
        assert!(matches!(refused, Err(LendError::NamesClient)));
    }
}
