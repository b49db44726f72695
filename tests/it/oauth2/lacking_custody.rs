//! Keys in a token that lacks an algorithm: nobody is registered for signatures that could never be made.

use keywright_domain::audit::Origin;
use keywright_domain::client::ClientId;
use keywright_jwt::Algorithm;
use keywright_tests::{Answer, TestIssuer, on_both_engines};
use serde_json::{Value, json};

/// What a client may ask to have signed for it.
const SIGNED: [&str; 3] = [
    "id_token_signed_response_alg",
    "userinfo_signed_response_alg",
    "authorization_signed_response_alg",
];
const DOCUMENT: &str = "https://app.example/client.json";

/// A registration that asks for one thing in EdDSA, and for the rest in what is there.
fn registration(in_eddsa: &str) -> Value {
    let mut members = json!({
        "redirect_uris": ["https://app.example/cb"], "id_token_signed_response_alg": "ES256",
    });
    members[in_eddsa] = json!("EdDSA");
    members
}

fn client(in_eddsa: &str) -> Value {
    let mut registration = registration(in_eddsa);
    registration["openid_scope"] = json!("openid");
    json!({
        "name": "Shop", "kind": "confidential", "grants": ["authorization_code"], "registration": registration,
    })
}

/// As a client writes it that registers itself.
fn metadata(in_eddsa: &str) -> Value {
    let mut metadata = registration(in_eddsa);
    metadata["scope"] = json!("openid");
    metadata
}

#[track_caller]
fn is_refused_by_name(answer: Answer) {
    let answer = answer.is(400);
    assert_eq!(answer.str("/error"), "invalid_client_metadata", "{answer}");
    assert!(
        answer.str("/error_description").contains("EdDSA"),
        "{answer}"
    );
}

on_both_engines! {
    async fn administrator_registers_no_client_for_an_algorithm_that_the_custody_lacks(issuer: TestIssuer) {
        let admin = issuer.admin().await;
        for member in SIGNED {
            let created = admin.post("/admin/v1/clients", &client(member)).await.is(201);
            let path = format!("/admin/v1/clients/{}", created.str("/client/client_id"));
            admin.delete(&path).await.is(204);
        }
        issuer.custody().lack(Algorithm::EdDsa);
        let held = json!({ "client_id": "shop", "name": "Shop", "kind": "confidential", "grants": ["client_credentials"] });
        admin.post("/admin/v1/clients", &held).await.is(201);
        issuer.new_events().await;
        for member in SIGNED {
            let wanted = client(member);
            for answer in [
                admin.post("/admin/v1/clients", &wanted).await,
                admin.patch("/admin/v1/clients/shop", &json!({
                    "grants": wanted["grants"], "registration": wanted["registration"],
                })).await,
            ] {
                let answer = answer.is_problem(400, "invalid_field");
                assert_eq!(answer.blamed(), ["registration"], "{member}");
                assert!(answer.text().contains("EdDSA"), "{answer}");
            }
        }
        assert!(issuer.new_events().await.is_empty(), "nothing was registered");
    }

    async fn client_registers_itself_for_no_algorithm_that_the_custody_lacks(issuer: TestIssuer) {
        let stranger = issuer.anonymous();
        let registered = stranger.post("/oauth2/register", &metadata(SIGNED[0])).await.is(201);
        issuer.custody().lack(Algorithm::EdDsa);
        issuer.new_events().await;
        for member in SIGNED {
            is_refused_by_name(stranger.post("/oauth2/register", &metadata(member)).await);
            let mut replaced = metadata(member);
            replaced["client_id"] = json!(registered.str("/client_id"));
            let path = format!("/oauth2/register/{}", registered.str("/client_id"));
            let itself = stranger.bearing(&registered.str("/registration_access_token"));
            is_refused_by_name(itself.put(&path, &replaced).await);
        }
        assert!(issuer.new_events().await.is_empty(), "nothing was registered");
    }

    async fn document_of_a_client_asks_for_no_algorithm_that_the_custody_lacks(issuer: TestIssuer) {
        let id: ClientId = DOCUMENT.parse().unwrap();
        for (member, is_lacking) in [(SIGNED[0], false), (SIGNED[0], true), (SIGNED[1], true)] {
            let mut document = metadata(member);
            document["client_id"] = json!(DOCUMENT);
            document["token_endpoint_auth_method"] = json!("none");
            issuer.world().publishes(DOCUMENT, &document.to_string());
            if is_lacking {
                issuer.custody().lack(Algorithm::EdDsa);
                issuer.pass(keywright_domain::Period::days(2));
            }
            let named = issuer.issuer().named_client(&id, &Origin::default()).await;
            match named {
                Ok(Some(_)) => assert!(!is_lacking, "{member}"),
                Ok(None) => panic!("it is published"),
                Err(refused) => assert!(is_lacking && refused.to_string().contains("EdDSA"), "{refused}"),
            }
        }
    }
}
