use keywright_domain::Period;
use keywright_domain::audit::Effects;
use keywright_domain::ports::Catalogs;
use keywright_tests::forge::Forgery;
use keywright_tests::{TestIssuer, escaped, on_both_engines, seed};
use serde_json::{Value, json};

fn path(audience: &str) -> String {
    format!("/admin/v1/apis/{}", escaped(audience))
}

on_both_engines! {
    async fn changed_algorithm_signs_only_when_verifiers_know_the_key(issuer: TestIssuer) {
        let admin = issuer.admin().await;
        let algorithm = || async {
            let answer = issuer.client("svc").token(&[("grant_type", "client_credentials")]).await;
            Forgery::of(&answer.is(200).str("/access_token")).header["alg"].as_str().unwrap().to_owned()
        };
        let changed = json!({
            "name": "Orders", "scopes": { "read:orders": "See", "write:orders": "Change" },
            "access_lifetime": 300, "algorithm": "EdDSA",
        });
        admin.put(&path(seed::ORDERS), &changed).await.is(200);
        assert_eq!(algorithm().await, "ES256", "nobody can know the new key yet");
        issuer.advance(Period::secs(300)).await;
        assert_eq!(algorithm().await, "ES256");
        issuer.advance(Period::secs(11)).await;
        assert_eq!(algorithm().await, "EdDSA");
    }

    async fn own_api_of_an_older_release_learns_the_scopes_of_this_one_and_forgets_none(issuer: TestIssuer) {
        let mut stored = issuer.store().catalog().await.unwrap().apis;
        let mut own = stored.remove(&seed::ISSUER.parse().unwrap()).unwrap();
        own.access_lifetime = Period::minutes(2);
        own.scopes.remove(&"keys:write".parse().unwrap());
        own.scopes.insert("moons:read".parse().unwrap(), "Of a later release".to_owned());
        issuer.store().put_api(&own, &Effects::default()).await.unwrap();
        let node = issuer.another_node().await;
        let admin = node.admin().await;
        let body = admin.get(&path(seed::ISSUER)).await.is(200).json();
        assert_eq!(body["access_lifetime"], 120);
        for scope in ["keys:write", "feed:follow", "moons:read"] {
            assert!(body["scopes"][scope].is_string(), "{scope}: {body}");
        }
    }

    async fn deleted_api_is_gone_from_tokens(issuer: TestIssuer) {
        let admin = issuer.admin().await;
        admin.delete(&path(seed::BILLING)).await.is(204);
        admin.get(&path(seed::BILLING)).await.is_problem(404, "not_found");
        let login = json!({ "username": "ann", "password": seed::PASSWORD, "audience": seed::BILLING });
        issuer.anonymous().post("/v1/login", &login).await.is_problem(400, "invalid_target");
    }

    async fn own_api_cannot_be_deleted(issuer: TestIssuer) {
        let admin = issuer.admin().await;
        let answer = admin.delete(&path(seed::ISSUER)).await;
        assert!(answer.status.is_client_error(), "{answer}");
        admin.get("/admin/v1/apis").await.is(200);
    }

    async fn new_api_has_the_issuers_lifetime_and_algorithm_unless_it_says_otherwise(issuer: TestIssuer) {
        let admin = issuer.admin().await;
        let made = admin.put(&path("https://new.example"), &json!({ "name": "New", "scopes": {} })).await.is(200).json();
        assert_eq!((&made["access_lifetime"], &made["algorithm"]), (&json!(300), &json!("ES256")));
        issuer.advance(Period::secs(60)).await;
        let changed = json!({ "name": "Newer", "scopes": {}, "access_lifetime": 60 });
        let admin = issuer.admin().await;
        let again = admin.put(&path("https://new.example"), &changed).await.is(200).json();
        assert_eq!((&again["access_lifetime"], &again["created_at"]), (&json!(60), &made["created_at"]));
    }

    async fn access_tokens_live_an_hour_at_most(issuer: TestIssuer) {
        let admin = issuer.admin().await;
        let api = json!({ "name": "Long", "scopes": {}, "access_lifetime": 3601, "algorithm": "ES256" });
        let answer = admin.put(&path("https://long.example"), &api).await;
        assert_eq!(answer.is_problem(400, "invalid_field").blamed(), ["access_lifetime"]);
    }

    async fn declared_claims_are_in_the_next_token(issuer: TestIssuer) {
        let admin = issuer.admin().await;
        let claims = json!({
            "claims": {
                "tenant": { "static": "acme" },
                "groups": "role_names",
                "limits": { "by_role": { "viewer": { "orders": 10 }, "nobody": { "orders": 99 } } },
                "verified": { "user": "email_verified" },
            },
            "max_bytes": 1024,
            "allow_personal": [],
        });
        let api = orders(&claims);
        assert_eq!(admin.put(&path(seed::ORDERS), &api).await.is(200).json()["claims"], claims);
        assert_eq!(admin.get(&path(seed::ORDERS)).await.is(200).json()["claims"], claims);
        let ann = issuer.user("ann").await;
        let carried = Forgery::of(&ann.access_token).claims;
        assert_eq!(carried["tenant"], "acme");
        assert_eq!(carried["groups"], carried["roles"]);
        assert_eq!(carried["limits"], json!([{ "orders": 10 }]));
        assert_eq!(carried["verified"], true);
        let service = issuer.client("svc").token(&[("grant_type", "client_credentials")]).await;
        let carried = Forgery::of(&service.is(200).str("/access_token")).claims;
        assert_eq!(carried["tenant"], "acme");
        assert_eq!(carried["groups"], json!(null), "a service is no user");
    }

    async fn registered_claims_cannot_be_declared(issuer: TestIssuer) {
        let admin = issuer.admin().await;
        for name in ["sub", "exp", "scope", "roles", "cnf", "act", "nonce"] {
            let api = orders(&json!({ "claims": { name: { "static": "x" } } }));
            let answer = admin.put(&path(seed::ORDERS), &api).await;
            assert_eq!(answer.is_problem(400, "invalid_field").blamed(), [format!("claims.claims.{name}")]);
        }
    }

    async fn budget_that_the_shortest_token_exceeds_is_refused(issuer: TestIssuer) {
        let admin = issuer.admin().await;
        let api = orders(&json!({ "claims": { "pad": { "static": "x".repeat(700) } }, "max_bytes": 900 }));
        let answer = admin.put(&path(seed::ORDERS), &api).await;
        let answer = answer.is_problem(400, "invalid_field");
        assert_eq!(answer.blamed(), ["claims.max_bytes"]);
        assert!(answer.text().contains("`pad` alone"), "{answer}");
    }

    async fn personal_claim_needs_an_opt_in_by_name(issuer: TestIssuer) {
        let admin = issuer.admin().await;
        let declared = json!({ "mail": { "user": "email" }, "owner": { "static": "Anna Schmidt" }, "tenant": { "static": "acme" } });
        let answer = admin.put(&path(seed::ORDERS), &orders(&json!({ "claims": declared }))).await;
        let blamed = answer.is_problem(400, "invalid_field").blamed();
        assert_eq!(blamed, ["claims.claims.mail", "claims.claims.owner"]);
        let opted_in = json!({ "claims": declared, "allow_personal": ["mail", "owner"] });
        admin.put(&path(seed::ORDERS), &orders(&opted_in)).await.is(200);
        let ann = issuer.user("ann").await;
        assert_eq!(Forgery::of(&ann.access_token).claims["mail"], seed::email("ann"));
    }

    async fn secret_in_a_claim_refuses_the_token_and_is_audited_once(issuer: TestIssuer) {
        let admin = issuer.admin().await;
        let declared = json!({ "claims": { "handle": { "user": "username" } }, "allow_personal": ["handle"] });
        admin.put(&path(seed::ORDERS), &orders(&declared)).await.is(200);
        let name = "sk_live_4ec39hqlyjwd";
        let user = json!({
            "username": name, "email": "careless@people.example", "email_verified": true, "password": seed::PASSWORD, "roles": ["viewer"],
        });
        admin.post("/admin/v1/users", &user).await.is(201);
        issuer.new_events().await;
        for _ in 0..2 {
            let login = json!({ "username": name, "password": seed::PASSWORD });
            let refused = issuer.anonymous().post("/v1/login", &login).await.is_problem(500, "internal");
            assert!(!refused.text().contains("sk_live"), "{refused}");
        }
        issuer.advance(Period::secs(1)).await;
        let events = issuer.new_events().await;
        let refusals: Vec<_> = events.iter().filter(|event| event.starts_with("token.claims.refused")).collect();
        assert_eq!(refusals.len(), 1, "{events:?}");
    }

    async fn token_over_the_budget_is_not_minted(issuer: TestIssuer) {
        let admin = issuer.admin().await;
        let pad = json!({ "by_role": { "viewer": "x".repeat(700) } });
        let api = orders(&json!({ "claims": { "pad": pad }, "max_bytes": 900 }));
        admin.put(&path(seed::ORDERS), &api).await.is(200);
        let login = json!({ "username": "ann", "password": seed::PASSWORD });
        issuer.anonymous().post("/v1/login", &login).await.is_problem(500, "internal");
        issuer.client("svc").token(&[("grant_type", "client_credentials")]).await.is(200);
    }
}

fn orders(claims: &Value) -> Value {
    json!({
        "name": "Orders", "scopes": { "read:orders": "See", "write:orders": "Change" },
        "access_lifetime": 300, "algorithm": "ES256", "claims": claims,
    })
}
