use keywright_tests::{TestIssuer, on_both_engines, seed};

const DOCUMENT: &str = "/.well-known/oauth-protected-resource";

on_both_engines! {
    async fn client_that_is_refused_finds_whom_to_ask(issuer: TestIssuer) {
        let stranger = issuer.anonymous();
        let metadata = format!("resource_metadata=\"{}{DOCUMENT}\"", seed::ISSUER);
        for path in ["/v1/me", "/admin/v1/users"] {
            let refused = stranger.get(path).await.is(401);
            let challenge = refused.header("www-authenticate").expect("RFC 9110 §15.5.2");
            assert!(challenge.starts_with("Bearer "), "{challenge}");
            assert!(challenge.ends_with(&metadata), "{challenge}");
        }
        let document = stranger.get(DOCUMENT).await.is(200).json();
        assert_eq!(document["resource"], seed::ISSUER);
        assert_eq!(document["authorization_servers"], serde_json::json!([seed::ISSUER]));
        let server = document["authorization_servers"][0].as_str().unwrap();
        let path = format!("{server}/.well-known/oauth-authorization-server");
        let path = path.strip_prefix(seed::ISSUER).unwrap();
        let metadata = stranger.get(path).await.is(200);
        assert_eq!(metadata.str("/issuer"), document["resource"]);
        let scopes = document["scopes_supported"].as_array().unwrap();
        assert!(scopes.contains(&serde_json::json!("users:read")), "{scopes:?}");
    }

    async fn basic_challenge_names_no_document(issuer: TestIssuer) {
        let refused = issuer.anonymous().token(&[("grant_type", "client_credentials")]).await.is(401);
        let challenge = refused.header("www-authenticate").unwrap();
        assert!(!challenge.contains("resource_metadata"), "{challenge}");
    }
}
