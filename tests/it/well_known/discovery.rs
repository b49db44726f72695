use keywright_tests::{TestIssuer, on_both_engines, seed};
use serde_json::{Value, json};

on_both_engines! {
    async fn discovery_advertises_what_works_and_nothing_else(issuer: TestIssuer) {
        let stranger = issuer.anonymous();
        for path in ["/.well-known/openid-configuration", "/.well-known/oauth-authorization-server"] {
            let answer = stranger.get(path).await.is(200);
            assert_eq!(answer.header("content-type"), Some("application/json"));
            let json = answer.json();
            assert_eq!(json["issuer"], seed::ISSUER);
            assert_eq!(
                json["grant_types_supported"],
                json!(["authorization_code", "client_credentials", "refresh_token", "urn:ietf:params:oauth:grant-type:device_code", "urn:ietf:params:oauth:grant-type:token-exchange"])
            );
            assert_eq!(
                json["token_endpoint_auth_methods_supported"],
                json!(["client_secret_basic", "client_secret_post", "client_secret_jwt", "private_key_jwt", "none"])
            );
            let by_assertion = json["token_endpoint_auth_signing_alg_values_supported"].as_array().unwrap();
            for name in ["ES256", "PS256", "HS256", "HS512"] {
                assert!(by_assertion.contains(&json!(name)), "{name}");
            }
            assert_eq!(json["response_types_supported"], json!(["code"]));
            assert_eq!(json["response_modes_supported"], json!(["query", "fragment", "form_post", "query.jwt", "fragment.jwt", "form_post.jwt", "jwt"]));
            assert_eq!(json["code_challenge_methods_supported"], json!(["S256"]));
            assert_eq!(json["authorization_response_iss_parameter_supported"], true);
            assert_eq!(json["subject_types_supported"], json!(["public", "pairwise"]));
            let signed_with = json["id_token_signing_alg_values_supported"].as_array().unwrap();
            assert!(signed_with.contains(&json!("RS256")), "OpenID Connect Discovery 1.0 §3");
            assert!(!signed_with.contains(&json!("HS256")), "no secret is kept to sign with");
            for (name, value) in json.as_object().unwrap() {
                if let Some(path) = own_path(name, value) {
                    let found = stranger.get(&path).await.status.as_u16();
                    assert_ne!(found, 404, "{name} is advertised and is not there");
                }
            }
        }
    }

    async fn key_set_is_where_discovery_says(issuer: TestIssuer) {
        let stranger = issuer.anonymous();
        let found = stranger.get("/.well-known/openid-configuration").await.str("/jwks_uri");
        let path = found.strip_prefix(seed::ISSUER).expect("below the issuer");
        stranger.get(path).await.is(200);
    }
}

fn own_path(name: &str, value: &Value) -> Option<String> {
    let is_address = name.ends_with("_endpoint") || name.ends_with("_uri");
    let path = value.as_str()?.strip_prefix(seed::ISSUER)?;
    is_address.then(|| path.to_owned())
}
