use keywright_domain::Period;
use keywright_tests::{TestIssuer, forge, on_both_engines};

on_both_engines! {
    async fn person_sees_their_own_account(issuer: TestIssuer) {
        let ann = issuer.user("ann").await;
        let answer = ann.get("/v1/me").await.is(200);
        let me = answer.json();
        assert_eq!(me["username"], "ann");
        assert_eq!(me["email"], "ann@people.example");
        assert_eq!(me["email_verified"], true);
        assert_eq!(me["id"], forge::claims(&ann.access_token)["sub"]);
        assert!(!answer.text().contains("argon2"), "no hash leaves: {answer}");
    }

    async fn token_is_needed_and_must_be_good(issuer: TestIssuer) {
        let ann = issuer.user("ann").await;
        let missing = issuer.anonymous().get("/v1/me").await.is_problem(401, "token_required");
        let challenge = missing.header("www-authenticate").unwrap();
        assert!(challenge.starts_with("Bearer realm=\"keywright\", resource_metadata="), "{challenge}");
        assert!(!challenge.contains("error"), "nothing was presented (RFC 6750 §3.1): {challenge}");

        let jwks = issuer.anonymous().get("/.well-known/jwks.json").await.json();
        let forgery = forge::Forgery::of(&ann.access_token);
        let mut bad = vec![
            forge::tampered(&ann.access_token),
            forgery.unsigned(),
            forgery.signed_by_stranger(),
            forgery.clone().claim("sub", "somebody-else").with_old_signature(),
            "rubbish".to_owned(),
            ann.refresh_token.clone(),
        ];
        bad.extend(forge::jwks_texts(&jwks).iter().map(|key| forgery.signed_with_public(key)));
        for token in bad {
            let answer = issuer.anonymous().bearing(&token).get("/v1/me").await;
            let answer = answer.is_problem(401, "invalid_token");
            let challenge = answer.header("www-authenticate").unwrap();
            assert!(challenge.starts_with("Bearer "), "{challenge}");
            assert!(challenge.contains("error=\"invalid_token\""), "{challenge}");
        }
    }

    async fn token_dies_in_time(issuer: TestIssuer) {
        let ann = issuer.user("ann").await;
        issuer.advance(Period::secs(300)).await;
        ann.get("/v1/me").await.is(200);
        issuer.advance(Period::secs(6)).await;
        ann.get("/v1/me").await.is_problem(401, "invalid_token");
        ann.refreshed().await.is_in().await;
    }

    async fn service_is_no_person(issuer: TestIssuer) {
        let answer = issuer.client("svc").token(&[("grant_type", "client_credentials")]).await.is(200);
        let service = issuer.anonymous().bearing(&answer.str("/access_token"));
        service.get("/v1/me").await.is_problem(403, "session_required");
    }
}
