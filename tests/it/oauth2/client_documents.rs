//! Clients that are named by the address of their metadata (draft-ietf-oauth-client-id-metadata-document).

use keywright_domain::Period;
use keywright_domain::audit::Origin;
use keywright_domain::client::dynamic::ClientDocumentError;
use keywright_domain::client::{Client, ClientId, ClientKind};
use keywright_tests::{TestIssuer, escaped, on_both_engines};
use serde_json::{Value, json};

const URL: &str = "https://app.example/oauth/client.json";

fn document() -> Value {
    json!({
        "client_id": URL, "client_name": "Ledger Lens", "redirect_uris": ["https://app.example/cb"],
        "grant_types": ["authorization_code", "refresh_token"], "token_endpoint_auth_method": "none",
    })
}

fn publish(issuer: &TestIssuer, document: &Value) {
    issuer.world().publishes(URL, &document.to_string());
}

async fn named(issuer: &TestIssuer) -> Result<Option<Client>, ClientDocumentError> {
    let id: ClientId = URL.parse().unwrap();
    issuer.issuer().named_client(&id, &Origin::default()).await
}

async fn client(issuer: &TestIssuer) -> Client {
    named(issuer)
        .await
        .expect("it is accepted")
        .expect("it is there")
}

on_both_engines! {
    async fn client_is_what_its_document_says(issuer: TestIssuer) {
        publish(&issuer, &document());
        let client = client(&issuer).await;
        assert_eq!((client.name.as_str(), client.kind), ("Ledger Lens", ClientKind::Public));
        assert_eq!(client.id.document_host(), Some("app.example"));
        assert!(!client.registration.first_party && client.secret.is_none());
        let path = format!("/admin/v1/clients/{}", escaped(URL));
        let shown = issuer.admin().await.get(&path).await.is(200);
        assert_eq!(shown.str("/client_id"), URL);
        assert_eq!(issuer.new_events().await[0], "client.document.read");
    }

    async fn document_is_read_again_when_it_is_old(issuer: TestIssuer) {
        publish(&issuer, &document());
        client(&issuer).await;
        let mut renamed = document();
        renamed["client_name"] = "Ledger Lens 2".into();
        publish(&issuer, &renamed);
        issuer.pass(Period::minutes(59));
        assert_eq!(client(&issuer).await.name, "Ledger Lens");
        issuer.pass(Period::minutes(1));
        assert_eq!(client(&issuer).await.name, "Ledger Lens 2");
        let fetches = issuer.world().fetches();
        assert_eq!(fetches, 2, "once each time");
        issuer.pass(Period::hours(1));
        issuer.new_events().await;
        client(&issuer).await;
        assert_eq!(issuer.new_events().await, Vec::<String>::new(), "nothing is new");
    }

    async fn document_that_does_not_hold_makes_no_client(issuer: TestIssuer) {
        let with = |name: &str, value: Value| {
            let mut changed = document();
            changed[name] = value;
            changed
        };
        assert!(matches!(named(&issuer).await, Err(ClientDocumentError::Unreachable(_))));
        for (wrong, says) in [
            (with("client_id", "https://app.example/other.json".into()), "another client"),
            (with("client_secret", "kws_x".into()), "no secret"),
            (with("token_endpoint_auth_method", "client_secret_basic".into()), "no secret"),
            (with("redirect_uris", json!(["http://app.example/cb"])), "cannot be redirected to"),
            (with("redirect_uris", json!([])), "redirect URIs are expected"),
            (with("grant_types", json!(["client_credentials"])), "grant_types"),
            (
                json!({
                    "client_id": URL, "subject_type": "pairwise", "token_endpoint_auth_method": "none",
                    "redirect_uris": ["https://app.example/cb", "https://other.example/cb"],
                }),
                "share one host",
            ),
            (with("client_name", json!("x".repeat(5 * 1024))), "5 KiB"),
            (json!([]), "no JSON object"),
        ] {
            publish(&issuer, &wrong);
            let refused = named(&issuer).await.expect_err("it does not hold").to_string();
            assert!(refused.contains(says), "{wrong}: {refused}");
        }
        let path = format!("/admin/v1/clients/{}", escaped(URL));
        issuer.admin().await.get(&path).await.is_problem(404, "not_found");
    }

    async fn operator_may_do_without_documents(issuer: TestIssuer) {
        publish(&issuer, &document());
        let mut policy = (*issuer.issuer().policy()).clone();
        policy.self_registration.documents = false;
        issuer.issuer().reload(policy);
        assert!(matches!(named(&issuer).await, Err(ClientDocumentError::Off)));
        assert_eq!(issuer.world().fetches(), 0);
        let metadata = issuer.anonymous().get("/.well-known/oauth-authorization-server").await;
        assert_eq!(metadata.json()["client_id_metadata_document_supported"], false);
    }

    async fn fetching_documents_is_limited_by_network(issuer: TestIssuer) {
        for n in 0..issuer.issuer().policy().self_registration.quota.burst {
            let id: ClientId = format!("https://{n}.example/client.json").parse().unwrap();
            let refused = issuer.issuer().named_client(&id, &Origin::default()).await;
            assert!(matches!(refused, Err(ClientDocumentError::Unreachable(_))));
        }
        let fetches = issuer.world().fetches();
        assert!(matches!(named(&issuer).await, Err(ClientDocumentError::Limited(_))));
        assert_eq!(issuer.world().fetches(), fetches, "nobody was called");
    }

    async fn client_that_an_operator_disabled_stays_disabled(issuer: TestIssuer) {
        publish(&issuer, &document());
        client(&issuer).await;
        let path = format!("/admin/v1/clients/{}", escaped(URL));
        let off = json!({ "disabled": true });
        issuer.admin().await.patch(&path, &off).await.is(200);
        issuer.pass(Period::hours(2));
        assert!(client(&issuer).await.disabled);
        assert!(client(&issuer).await.disabled, "also when it is read from here");
    }

    async fn unused_client_is_forgotten_with_its_document(issuer: TestIssuer) {
        publish(&issuer, &document());
        client(&issuer).await;
        issuer.pass(Period::days(91));
        assert_eq!(issuer.issuer().forget_unused_clients().await, Ok(1));
        let path = format!("/admin/v1/clients/{}", escaped(URL));
        issuer.admin().await.get(&path).await.is_problem(404, "not_found");
    }

    async fn operators_client_has_no_address_for_a_name(issuer: TestIssuer) {
        let new = json!({ "client_id": URL, "name": "x", "kind": "public", "grants": [], "allowed": {} });
        let refused = issuer.admin().await.post("/admin/v1/clients", &new).await;
        assert_eq!(refused.is_problem(400, "invalid_field").blamed(), ["client_id"]);
    }
}
