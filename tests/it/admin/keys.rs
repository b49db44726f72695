use keywright_domain::Period;
use keywright_tests::forge::Forgery;
use keywright_tests::{Person, TestIssuer, on_both_engines};
use serde_json::{Value, json};

const KEYS: &str = "/admin/v1/keys";

async fn keys(admin: &Person) -> Vec<Value> {
    admin.get(KEYS).await.is(200).json()["keys"]
        .as_array()
        .unwrap()
        .clone()
}

fn in_state(keys: &[Value], state: &str) -> String {
    let found = keys.iter().find(|key| key["state"] == state);
    found.unwrap_or_else(|| panic!("no {state} key in {keys:?}"))["kid"]
        .as_str()
        .unwrap()
        .to_owned()
}

async fn signer(issuer: &TestIssuer) -> String {
    let answer = issuer
        .client("svc")
        .token(&[("grant_type", "client_credentials")])
        .await;
    Forgery::of(&answer.is(200).str("/access_token")).header["kid"]
        .as_str()
        .unwrap()
        .to_owned()
}

on_both_engines! {
    async fn successor_signs_only_when_verifiers_know_it(issuer: TestIssuer) {
        let admin = issuer.admin().await;
        let before = keys(&admin).await;
        let (active, waiting) = (in_state(&before, "active"), in_state(&before, "published"));
        let ring = json!({ "algorithm": "ES256" });
        admin.post(&format!("{KEYS}/rotate"), &ring).await.is_problem(409, "conflict");
        assert_eq!(signer(&issuer).await, active);

        issuer.advance(Period::secs(310)).await;
        let admin = admin.refreshed().await;
        issuer.new_events().await;
        admin.post(&format!("{KEYS}/rotate"), &ring).await.is(204);
        assert_eq!(signer(&issuer).await, waiting);
        let events = issuer.new_events().await;
        for expected in ["keys.key.retiring", "keys.key.activated", "keys.key.published"] {
            assert!(events.contains(&expected.to_owned()), "{events:?}");
        }
        admin.post(&format!("{KEYS}/rollback"), &ring).await.is(204);
        assert_eq!(signer(&issuer).await, active);
        admin.get("/admin/v1/users").await.is(200);
    }

    async fn revoked_key_verifies_nothing_any_more(issuer: TestIssuer) {
        issuer.advance(Period::secs(310)).await;
        let admin = issuer.admin().await;
        let ann = issuer.user("ann").await;
        let active = in_state(&keys(&admin).await, "active");
        admin.post(&format!("{KEYS}/{active}/revoke"), &json!({})).await.is(204);
        let served = issuer.anonymous().get("/.well-known/jwks.json").await;
        assert!(!served.text().contains(&active));
        ann.get("/v1/me").await.is_problem(401, "invalid_token");
        assert_ne!(signer(&issuer).await, active);
        ann.refreshed().await.is_in().await;
    }

    async fn revoking_the_only_known_key_needs_force(issuer: TestIssuer) {
        let admin = issuer.admin().await;
        let active = in_state(&keys(&admin).await, "active");
        let path = format!("{KEYS}/{active}/revoke");
        admin.post(&path, &json!({})).await.is_problem(409, "conflict");
        assert_eq!(signer(&issuer).await, active);
        admin.post(&path, &json!({ "force": true })).await.is(204);
        let svc = issuer.client("svc");
        let answer = svc.token(&[("grant_type", "client_credentials")]).await;
        assert_eq!(answer.status.as_u16(), 503, "nothing may sign before it is known: {answer}");
        issuer.advance(Period::secs(311)).await;
        assert_ne!(signer(&issuer).await, active);
    }
}
