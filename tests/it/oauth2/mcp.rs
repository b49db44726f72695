//! The way of a Model Context Protocol client: from a refusal by a server that trusts this issuer to a token for that server.

use keywright_tests::{FlowClient, TestIssuer, forge, on_both_engines, seed};
use serde_json::{Value, json};

const CALLBACK: &str = "http://127.0.0.1:3334/callback";

/// What the server's own metadata (RFC 9728) lead to.
async fn authorization_server(issuer: &TestIssuer) -> Value {
    let metadata = issuer
        .anonymous()
        .get("/.well-known/oauth-authorization-server")
        .await
        .is(200)
        .json();
    let methods = metadata["code_challenge_methods_supported"]
        .as_array()
        .expect("PKCE");
    assert!(methods.contains(&json!("S256")), "{metadata}");
    metadata
}

/// A person lets the client in, and the token is for the server that was named.
async fn log_in_for_orders(issuer: &TestIssuer, app: &FlowClient) {
    let resource = [("resource", Some(seed::ORDERS))];
    let mut ann = issuer.visitor_named("ann").await;
    let code = app.code(&mut ann, &resource).await;
    let tokens = app.exchange(&code, &resource).await.is(200);
    let claims = forge::claims(&tokens.str("/access_token"));
    assert_eq!(
        (&claims["aud"], &claims["client_id"]),
        (&json!(seed::ORDERS), &json!(app.id))
    );
    assert_eq!(claims["scope"], "read:orders");
    app.refresh(&tokens.str("/refresh_token")).await.is(200);
}

on_both_engines! {
    async fn client_that_registers_itself_logs_in_for_the_server(issuer: TestIssuer) {
        let metadata = authorization_server(&issuer).await;
        let endpoint = metadata["registration_endpoint"].as_str().expect("it is open");
        let path = endpoint.strip_prefix(seed::ISSUER).expect("below the issuer");
        let document = json!({
            "client_name": "Assistant", "redirect_uris": [CALLBACK], "token_endpoint_auth_method": "none",
            "grant_types": ["authorization_code", "refresh_token"], "response_types": ["code"],
        });
        let registered = issuer.anonymous().post(path, &document).await.is(201);
        let app = issuer.flow_client_known(&registered.str("/client_id"), CALLBACK);
        log_in_for_orders(&issuer, &app).await;
        // Any other program could listen there (RFC 8252 section 8.6): the person is asked each time.
        let again = issuer.visitor_named("ann").await.open(&app.request(&[])).await.is(200);
        assert!(again.text().contains("id=\"consent-form\""), "{again}");
        issuer.pass(keywright_domain::Period::days(80));
        assert_eq!(issuer.issuer().forget_unused_clients().await, Ok(0), "it has a session");
    }

    async fn client_that_is_known_by_its_address_logs_in_for_the_server(issuer: TestIssuer) {
        let metadata = authorization_server(&issuer).await;
        assert_eq!(metadata["client_id_metadata_document_supported"], true);
        let id = "https://assistant.example/client.json";
        let callback = "https://assistant.example/callback";
        let document = json!({
            "client_id": id, "client_name": "Assistant", "redirect_uris": [callback],
            "grant_types": ["authorization_code", "refresh_token"],
        });
        issuer.world().publishes(id, &document.to_string());
        let app = issuer.flow_client_known(id, callback);
        let mut ann = issuer.visitor_named("ann").await;
        let asked = ann.open(&app.request(&[])).await.is(200);
        assert!(asked.text().contains("<strong id=\"client-host\">assistant.example</strong>"), "{asked}");
        log_in_for_orders(&issuer, &app).await;
        let again = ann.open(&app.request(&[])).await.is(200);
        assert!(again.text().contains("id=\"client-host\""), "asked each time: {again}");
    }

    async fn client_whose_document_does_not_hold_is_told_on_a_page(issuer: TestIssuer) {
        let app = issuer.flow_client_known("https://assistant.example/client.json", "https://evil.example/cb");
        let refused = issuer.visitor_named("ann").await.open(&app.request(&[])).await.is(400);
        assert!(refused.text().contains("invalid_client"), "{refused}");
        assert_eq!(refused.header("location"), None, "never redirected");
    }
}
