//! Tokens and assertions of trusted issuers (RFC 8693, RFC 7523).

use std::sync::Arc;

use http::Method;
use keywright_domain::Period;
use keywright_domain::trust::{NamedBy, Naming, TrustedIssuer, TrustedKeys};
use keywright_jwt::{Algorithm, JwkSet, PrivateKey, SigningKey};
use keywright_tests::{Actor, Answer, TestIssuer, forge, on_both_engines, seed};
use serde_json::{Value, json};

use super::refused;

const EXCHANGE: &str = "urn:ietf:params:oauth:grant-type:token-exchange";
const BEARER: &str = "urn:ietf:params:oauth:grant-type:jwt-bearer";
const JWT: &str = "urn:ietf:params:oauth:token-type:jwt";
const OLD: &str = "https://old.example";
const JWKS: &str = "https://old.example/jwks.json";

/// The system that people were logged in at before.
struct OldSystem {
    issuer: TestIssuer,
    key: SigningKey,
}

impl OldSystem {
    fn signing_with(issuer: &TestIssuer, algorithm: Algorithm) -> Self {
        let (key, _) = SigningKey::generate(algorithm).unwrap();
        let issuer = issuer.clone();
        Self { issuer, key }
    }

    async fn trusted(issuer: &TestIssuer) -> Self {
        let system = Self::signing_with(issuer, Algorithm::Es256);
        system.trust(TrustedKeys::Set(Algorithm::Es256, Arc::new(system.jwks())));
        system.admit_app().await;
        system
    }

    fn jwks(&self) -> JwkSet {
        let keys = self.key.public_jwk().into_iter().collect();
        JwkSet { keys }
    }

    fn trust(&self, keys: TrustedKeys) {
        let trusted = TrustedIssuer {
            issuer: OLD.to_owned(),
            audience: Some("shop".to_owned()),
            keys,
            naming: Naming {
                claim: "email".to_owned(),
                by: NamedBy::Email,
            },
            clients: ["app".parse().unwrap()].into(),
        };
        let mut policy = (*self.issuer.issuer().policy()).clone();
        policy.trusted_issuers = vec![trusted];
        self.issuer.issuer().reload(policy);
    }

    /// A public app that people had before, and one that is not let in by the operator's list.
    async fn admit_app(&self) {
        let admin = self.issuer.admin().await;
        for id in ["app", "other"] {
            let new = json!({
                "client_id": id, "name": id, "kind": "public", "grants": [EXCHANGE, BEARER, "refresh_token"],
                "allowed": { seed::ORDERS: "read:orders write:orders", seed::ISSUER: "users:read" },
                "default_audience": seed::ORDERS, "registration": { "openid_scope": "openid" },
            });
            admin.post("/admin/v1/clients", &new).await.is(201);
        }
        self.issuer.new_events().await;
    }

    /// One of its tokens about Ann, with changes; `null` takes a claim out.
    fn token(&self, changes: &Value) -> String {
        let now = self.issuer.issuer().now().secs();
        let mut claims = json!({
            "iss": OLD, "aud": "shop", "sub": "4711", "email": seed::email("ann"),
            "iat": now - 600, "exp": now + 86_400,
        });
        for (name, value) in changes.as_object().unwrap() {
            claims[name] = value.clone();
        }
        let claims = claims.as_object_mut().unwrap();
        claims.retain(|_, value| !value.is_null());
        let payload = serde_json::to_vec(claims).unwrap();
        self.key.sign("JWT", &payload).unwrap()
    }

    fn assertion(&self, jti: &str, changes: &Value) -> String {
        let now = self.issuer.issuer().now().secs();
        let mut own = json!({ "aud": seed::ISSUER, "iat": now, "exp": now + 60, "jti": jti });
        for (name, value) in changes.as_object().unwrap() {
            own[name] = value.clone();
        }
        self.token(&own)
    }
}

async fn exchange(client: &Actor, id: &str, token: &str, more: &[(&str, &str)]) -> Answer {
    let mut form = vec![
        ("grant_type", EXCHANGE),
        ("client_id", id),
        ("subject_token", token),
        ("subject_token_type", JWT),
    ];
    form.extend_from_slice(more);
    client.token(&form).await
}

async fn bear(client: &Actor, id: &str, assertion: &str, more: &[(&str, &str)]) -> Answer {
    let mut form = vec![
        ("grant_type", BEARER),
        ("client_id", id),
        ("assertion", assertion),
    ];
    form.extend_from_slice(more);
    client.token(&form).await
}

on_both_engines! {
    async fn person_of_the_old_system_stays_logged_in(issuer: TestIssuer) {
        let old = OldSystem::trusted(&issuer).await;
        let app = issuer.anonymous();
        let asked = [("scope", "openid read:orders")];
        let answer = exchange(&app, "app", &old.token(&json!({})), &asked).await.is(200);
        assert_eq!(answer.str("/issued_token_type"), "urn:ietf:params:oauth:token-type:access_token");
        assert_eq!(answer.str("/scope"), "openid read:orders");
        let ann = issuer.user("ann").await;
        let (claims, own) = (forge::claims(&answer.str("/access_token")), forge::claims(&ann.access_token));
        assert_eq!((&claims["sub"], &claims["client_id"], &claims["aud"]), (&own["sub"], &json!("app"), &json!(seed::ORDERS)));
        assert_eq!(claims["auth_time"], issuer.issuer().now().secs() - 600, "the login was there and then");
        assert_eq!(claims.get("amr"), None, "how is not known");
        assert_eq!(forge::claims(&answer.str("/id_token"))["sub"], own["sub"]);
        let refresh = answer.str("/refresh_token");
        app.token(&[("grant_type", "refresh_token"), ("client_id", "app"), ("refresh_token", &refresh)]).await.is(200);
        let events = issuer.new_events().await;
        assert_eq!(events[0], "session.opened", "{events:?}");
    }

    async fn token_that_does_not_hold_opens_nothing(issuer: TestIssuer) {
        let old = OldSystem::trusted(&issuer).await;
        let app = issuer.anonymous();
        let now = issuer.issuer().now().secs();
        for changes in [
            json!({ "iss": "https://elsewhere.example" }),
            json!({ "iss": null }),
            json!({ "aud": "bank" }),
            json!({ "aud": null }),
            json!({ "exp": now }),
            json!({ "exp": null }),
            json!({ "nbf": now + 60 }),
            json!({ "email": "nobody@example.org" }),
            json!({ "email": null }),
            json!({ "email_verified": false }),
        ] {
            let answer = exchange(&app, "app", &old.token(&changes), &[]).await;
            refused(answer, 400, "invalid_request");
        }
        let good = old.token(&json!({}));
        refused(exchange(&app, "other", &good, &[]).await, 400, "invalid_request");
        let (body, _) = good.rsplit_once('.').unwrap();
        let stranger = OldSystem::signing_with(&issuer, Algorithm::Es256).token(&json!({}));
        for forged in [stranger, format!("{body}."), format!("{body}.AAAA")] {
            refused(exchange(&app, "app", &forged, &[]).await, 400, "invalid_request");
        }
        let acting = [("actor_token", &*good), ("actor_token_type", JWT)];
        refused(exchange(&app, "app", &good, &acting).await, 400, "invalid_request");
        for (name, value, error) in [
            ("scope", "read:mail", "invalid_scope"),
            ("audience", "https://unknown.example", "invalid_target"),
            ("audience", seed::ISSUER, "invalid_scope"),
        ] {
            refused(exchange(&app, "app", &good, &[(name, value)]).await, 400, error);
        }
    }

    async fn key_verifies_one_algorithm_whatever_the_header_says(issuer: TestIssuer) {
        let old = OldSystem::trusted(&issuer).await;
        let app = issuer.anonymous();
        let (hmac, secret) = SigningKey::generate(Algorithm::Hs256).unwrap();
        let shared = OldSystem { issuer: issuer.clone(), key: hmac };
        refused(exchange(&app, "app", &shared.token(&json!({})), &[]).await, 400, "invalid_request");
        // The public key as the secret (CVE-2015-9235).
        let public = old.jwks().to_json();
        let confused = SigningKey::from_private(Algorithm::Hs256, &PrivateKey::from_bytes(public.into_bytes())).unwrap();
        let confused = OldSystem { issuer: issuer.clone(), key: confused };
        refused(exchange(&app, "app", &confused.token(&json!({})), &[]).await, 400, "invalid_request");
        // A key of the set that signs otherwise than was agreed.
        old.trust(TrustedKeys::Set(Algorithm::Rs256, Arc::new(old.jwks())));
        refused(exchange(&app, "app", &old.token(&json!({})), &[]).await, 400, "invalid_request");
        let key = SigningKey::from_private(Algorithm::Hs256, &secret).unwrap().verifying_key();
        old.trust(TrustedKeys::Secret(key));
        refused(exchange(&app, "app", &old.token(&json!({})), &[]).await, 400, "invalid_request");
        exchange(&app, "app", &shared.token(&json!({})), &[]).await.is(200);
    }

    async fn published_keys_are_fetched(issuer: TestIssuer) {
        let old = OldSystem::trusted(&issuer).await;
        old.trust(TrustedKeys::Published(Algorithm::Es256, JWKS.to_owned()));
        let app = issuer.anonymous();
        for _ in 0..2 {
            let answer = exchange(&app, "app", &old.token(&json!({})), &[]).await;
            refused(answer, 503, "temporarily_unavailable");
        }
        issuer.world().publishes(JWKS, &old.jwks().to_json());
        issuer.pass(Period::minutes(1));
        exchange(&app, "app", &old.token(&json!({})), &[]).await.is(200);
    }

    async fn account_that_may_not_log_in_is_not_let_in_by_others(issuer: TestIssuer) {
        let old = OldSystem::trusted(&issuer).await;
        let app = issuer.anonymous();
        let ann = issuer.user("ann").await;
        let sub = forge::claims(&ann.access_token)["sub"].as_str().unwrap().to_owned();
        let disable = format!("/admin/v1/users/{sub}/disable");
        issuer.admin().await.call(Method::POST, &disable).send().await.is(204);
        refused(exchange(&app, "app", &old.token(&json!({})), &[]).await, 400, "invalid_request");
        let assertion = old.assertion("1", &json!({}));
        refused(bear(&app, "app", &assertion, &[]).await, 400, "invalid_grant");
        // Somebody waits here under an address that is not proved to be theirs.
        let squatter = json!({ "email": seed::email("zoe"), "password": "nine herons paint fences" });
        issuer.anonymous().post("/v1/register", &squatter).await.is(201);
        let zoe = old.token(&json!({ "email": seed::email("zoe") }));
        refused(exchange(&app, "app", &zoe, &[]).await, 400, "invalid_request");
    }

    async fn forgeries_are_limited_and_late_comers_are_not(issuer: TestIssuer) {
        let old = OldSystem::trusted(&issuer).await;
        let app = issuer.anonymous();
        let late = old.token(&json!({ "exp": issuer.issuer().now().secs() }));
        let forged = OldSystem::signing_with(&issuer, Algorithm::Es256).token(&json!({}));
        let forgiven = issuer.issuer().policy().limits.address_burst;
        for token in [&late, &forged] {
            for _ in 0..forgiven {
                refused(exchange(&app, "app", token, &[]).await, 400, "invalid_request");
            }
        }
        refused(exchange(&app, "app", &forged, &[]).await, 429, "temporarily_unavailable");
    }

    async fn what_is_refused_is_on_record_and_does_not_fill_it(issuer: TestIssuer) {
        let old = OldSystem::trusted(&issuer).await;
        let app = issuer.anonymous();
        issuer.new_entries().await;
        let late = old.token(&json!({ "exp": issuer.issuer().now().secs() }));
        for _ in 0..12 {
            refused(exchange(&app, "app", &late, &[]).await, 400, "invalid_request");
        }
        let entries = issuer.new_entries().await;
        assert_eq!(entries.len(), 10, "the limit of the log");
        assert!(entries.iter().all(|entry| entry.kind == "trust.token.refused"));
        let detail = entries[0].detail.as_deref().unwrap();
        assert!(detail.starts_with("https://") && detail.ends_with(": expired"), "{detail}");
        assert_eq!(entries[0].client.as_deref(), Some("app"));
        issuer.pass(Period::minutes(1));
        refused(exchange(&app, "app", &late, &[]).await, 400, "invalid_request");
        assert_eq!(issuer.new_events().await, ["trust.token.refused"]);
    }

    async fn assertion_opens_one_session(issuer: TestIssuer) {
        let old = OldSystem::trusted(&issuer).await;
        let app = issuer.anonymous();
        let assertion = old.assertion("1", &json!({}));
        let answer = bear(&app, "app", &assertion, &[("scope", "read:orders")]).await.is(200);
        assert_eq!(answer.str("/scope"), "read:orders");
        assert_eq!(answer.json().get("issued_token_type"), None);
        assert_eq!(issuer.new_events().await[0], "session.opened");
        refused(bear(&app, "app", &assertion, &[]).await, 400, "invalid_grant");
        let same_name = old.assertion("1", &json!({ "email": seed::email("bob") }));
        refused(bear(&app, "app", &same_name, &[]).await, 400, "invalid_grant");
        bear(&app, "app", &old.assertion("2", &json!({})), &[]).await.is(200);
    }

    async fn assertion_that_does_not_hold_opens_nothing(issuer: TestIssuer) {
        let old = OldSystem::trusted(&issuer).await;
        let app = issuer.anonymous();
        let now = issuer.issuer().now().secs();
        for changes in [
            json!({ "aud": "shop" }),
            json!({ "aud": [seed::ISSUER, "https://other.example"] }),
            json!({ "iss": "https://elsewhere.example" }),
            json!({ "jti": null }),
            json!({ "exp": now + 3600, "iat": null }),
            json!({ "exp": now - 1 }),
            json!({ "email": "nobody@example.org" }),
        ] {
            let assertion = old.assertion("1", &changes);
            refused(bear(&app, "app", &assertion, &[]).await, 400, "invalid_grant");
        }
        let good = old.assertion("1", &json!({}));
        refused(bear(&app, "other", &good, &[]).await, 400, "invalid_grant");
        refused(bear(&app, "web", &good, &[]).await, 400, "unauthorized_client");
        refused(bear(&app, "nobody", &good, &[]).await, 401, "invalid_client");
        refused(bear(&app, "app", "x", &[]).await, 400, "invalid_grant");
        let nothing = [("grant_type", BEARER), ("client_id", "app")];
        refused(app.token(&nothing).await, 400, "invalid_request");
        refused(bear(&app, "app", &good, &[("scope", "read:mail")]).await, 400, "invalid_scope");
        bear(&app, "app", &good, &[]).await.is(200);
    }

    async fn tokens_and_assertions_do_not_stand_for_each_other(issuer: TestIssuer) {
        let old = OldSystem::trusted(&issuer).await;
        let app = issuer.anonymous();
        refused(bear(&app, "app", &old.token(&json!({})), &[]).await, 400, "invalid_grant");
        refused(exchange(&app, "app", &old.assertion("1", &json!({})), &[]).await, 400, "invalid_request");
    }

    async fn grant_is_told_of_where_somebody_is_trusted(issuer: TestIssuer) {
        let told = || async {
            let metadata = issuer.anonymous().get("/.well-known/oauth-authorization-server").await.json();
            let grants = metadata["grant_types_supported"].as_array().unwrap().clone();
            (grants.contains(&json!(BEARER)), grants.contains(&json!(EXCHANGE)))
        };
        assert_eq!(told().await, (false, true));
        OldSystem::trusted(&issuer).await;
        assert_eq!(told().await, (true, true));
    }
}
