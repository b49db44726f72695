//! A token for another (RFC 8693).

use keywright_domain::Period;
use keywright_tests::{Actor, Answer, TestIssuer, forge, on_both_engines, seed};
use serde_json::{Value, json};

use super::refused;

const GRANT: &str = "urn:ietf:params:oauth:grant-type:token-exchange";
const ACCESS_TOKEN: &str = "urn:ietf:params:oauth:token-type:access_token";

/// The orders API as a client: it is called with tokens for itself and calls others.
async fn orders(issuer: &TestIssuer) -> Actor {
    service(
        issuer,
        "orders-api",
        &json!({ seed::ORDERS: "read:orders write:orders", seed::BILLING: "read:invoices" }),
    )
    .await
}

async fn service(issuer: &TestIssuer, id: &str, allowed: &Value) -> Actor {
    let admin = issuer.admin().await;
    let new = json!({
        "client_id": id, "name": id, "kind": "confidential", "grants": [GRANT, "client_credentials"],
        "allowed": allowed, "default_audience": seed::ORDERS,
    });
    let created = admin.post("/admin/v1/clients", &new).await.is(201);
    issuer
        .anonymous()
        .with_basic(id, &created.str("/client_secret"))
}

/// Everybody with this role may read invoices.
async fn billing_for(issuer: &TestIssuer, role: &str) {
    let grants =
        json!({ seed::ORDERS: "read:orders write:orders", seed::BILLING: "read:invoices" });
    let path = format!("/admin/v1/roles/{role}");
    let role = json!({ "grants": grants, "description": role });
    issuer.admin().await.put(&path, &role).await.is(200);
}

async fn exchange(client: &Actor, subject: &str, more: &[(&str, &str)]) -> Answer {
    let mut form = vec![
        ("grant_type", GRANT),
        ("subject_token", subject),
        ("subject_token_type", ACCESS_TOKEN),
    ];
    form.extend_from_slice(more);
    client.token(&form).await
}

async fn own_token(client: &Actor) -> String {
    let answer = client.token(&[("grant_type", "client_credentials")]).await;
    answer.is(200).str("/access_token")
}

on_both_engines! {
    async fn service_calls_the_next_api_for_the_same_person(issuer: TestIssuer) {
        billing_for(&issuer, "editor").await;
        let api = orders(&issuer).await;
        let bob = issuer.user("bob").await;
        let answer = exchange(&api, &bob.access_token, &[("audience", seed::BILLING)]).await.is(200);
        assert_eq!(answer.header("cache-control"), Some("no-store"));
        assert_eq!(answer.str("/issued_token_type"), ACCESS_TOKEN);
        assert_eq!((answer.str("/token_type"), answer.str("/scope")), ("Bearer".into(), "read:invoices".into()));
        assert_eq!(answer.json().get("refresh_token"), None);
        let (before, after) = (forge::claims(&bob.access_token), forge::claims(&answer.str("/access_token")));
        assert_eq!((&after["aud"], &after["client_id"]), (&json!(seed::BILLING), &json!("orders-api")));
        for same in ["sub", "sid", "status", "auth_time", "amr", "roles"] {
            assert_eq!(before[same], after[same], "{same}");
        }
        assert_eq!(after.get("act"), None);
    }

    async fn scope_narrows_and_never_widens(issuer: TestIssuer) {
        let api = orders(&issuer).await;
        let bob = issuer.user("bob").await;
        let narrow = exchange(&api, &bob.access_token, &[("scope", "read:orders")]).await.is(200);
        assert_eq!(narrow.str("/scope"), "read:orders");
        let narrow = narrow.str("/access_token");
        let wide = exchange(&api, &narrow, &[("scope", "read:orders write:orders")]).await.is(200);
        assert_eq!(wide.str("/scope"), "read:orders", "what was given up does not come back");
        refused(exchange(&api, &narrow, &[("scope", "write:orders")]).await, 400, "invalid_scope");
        refused(exchange(&api, &narrow, &[("scope", "read:mail")]).await, 400, "invalid_scope");
        let no_role = exchange(&api, &bob.access_token, &[("audience", seed::BILLING)]).await;
        refused(no_role, 400, "invalid_scope");
        for audience in ["https://unknown.example", "a b"] {
            refused(exchange(&api, &bob.access_token, &[("resource", audience)]).await, 400, "invalid_target");
        }
    }

    async fn token_lives_no_longer_than_the_one_it_came_from(issuer: TestIssuer) {
        let api = orders(&issuer).await;
        let bob = issuer.user("bob").await;
        issuer.pass(Period::secs(100));
        let answer = exchange(&api, &bob.access_token, &[]).await.is(200);
        let expires = |token: &str| forge::claims(token)["exp"].as_i64().unwrap();
        assert!(expires(&answer.str("/access_token")) <= expires(&bob.access_token));
        assert_eq!(answer.json()["expires_in"], 195, "200 s are left");
        issuer.pass(Period::secs(200));
        refused(exchange(&api, &bob.access_token, &[]).await, 400, "invalid_request");
    }

    async fn actors_stand_one_inside_the_other(issuer: TestIssuer) {
        billing_for(&issuer, "editor").await;
        let api = orders(&issuer).await;
        let bob = issuer.user("bob").await;
        let own = own_token(&api).await;
        let by = [("actor_token", &*own), ("actor_token_type", ACCESS_TOKEN), ("audience", seed::BILLING)];
        let first = exchange(&api, &bob.access_token, &by).await.is(200).str("/access_token");
        assert_eq!(forge::claims(&first)["act"], json!({ "sub": "orders-api" }));

        let billing = service(&issuer, "billing-api", &json!({ seed::ORDERS: "read:orders", seed::BILLING: "read:invoices" })).await;
        let own = own_token(&billing).await;
        let by = [("actor_token", &*own), ("actor_token_type", ACCESS_TOKEN)];
        let second = exchange(&billing, &first, &by).await.is(200).str("/access_token");
        let claims = forge::claims(&second);
        assert_eq!(claims["act"], json!({ "sub": "billing-api", "act": { "sub": "orders-api" } }));
        assert_eq!(claims["sub"], forge::claims(&bob.access_token)["sub"]);
        let kept = exchange(&billing, &second, &[]).await.is(200).str("/access_token");
        assert_eq!(forge::claims(&kept)["act"], claims["act"], "who acted before is not forgotten");
    }

    async fn actor_must_be_at_the_exchanging_client(issuer: TestIssuer) {
        let api = orders(&issuer).await;
        let (bob, ann) = (issuer.user("bob").await, issuer.user("ann").await);
        let other = own_token(&issuer.client("svc")).await;
        for actor in [&*ann.access_token, &*other, "eyJhbGciOiJub25lIn0.e30."] {
            let by = [("actor_token", actor), ("actor_token_type", ACCESS_TOKEN)];
            refused(exchange(&api, &bob.access_token, &by).await, 400, "invalid_request");
        }
    }

    async fn kill_reaches_the_token_that_came_of_it(issuer: TestIssuer) {
        let api = orders(&issuer).await;
        let bob = issuer.user("bob").await;
        let first = exchange(&api, &bob.access_token, &[]).await.is(200).str("/access_token");
        let entry = forge::claims(&first)["status"].clone();
        assert_eq!(entry, forge::claims(&bob.access_token)["status"], "one entry for both");
        bob.log_out().await.is(204);
        for dead in [&bob.access_token, &first] {
            refused(exchange(&api, dead, &[]).await, 400, "invalid_request");
        }
    }

    async fn stale_token_is_not_exchanged(issuer: TestIssuer) {
        let api = orders(&issuer).await;
        let bob = issuer.user("bob").await;
        let id = forge::claims(&bob.access_token)["sub"].as_str().unwrap().to_owned();
        let roles = json!({ "roles": ["viewer"] });
        issuer.admin().await.put(&format!("/admin/v1/users/{id}/roles"), &roles).await.is(204);
        refused(exchange(&api, &bob.access_token, &[]).await, 400, "invalid_request");
    }

    async fn services_token_is_exchanged_within_what_the_service_may(issuer: TestIssuer) {
        let api = orders(&issuer).await;
        let svc = issuer.client("svc");
        let token = own_token(&svc).await;
        let answer = exchange(&api, &token, &[("scope", "read:orders")]).await.is(200);
        let claims = forge::claims(&answer.str("/access_token"));
        assert_eq!((&claims["sub"], &claims["client_id"]), (&json!("svc"), &json!("orders-api")));
        assert_eq!(claims["status"], forge::claims(&token)["status"]);
        refused(exchange(&api, &token, &[("audience", seed::BILLING)]).await, 400, "invalid_scope");
        let off = json!({ "disabled": true });
        issuer.admin().await.patch("/admin/v1/clients/svc", &off).await.is(200);
        refused(exchange(&api, &token, &[]).await, 400, "invalid_request");
        let again = exchange(&api, &answer.str("/access_token"), &[]).await;
        refused(again, 400, "invalid_request");
    }

    async fn only_what_is_the_clients_business_is_exchanged(issuer: TestIssuer) {
        let billing = service(&issuer, "billing-api", &json!({ seed::BILLING: "read:invoices" })).await;
        let bob = issuer.user("bob").await;
        refused(exchange(&billing, &bob.access_token, &[]).await, 400, "invalid_request");
        let api = orders(&issuer).await;
        for wrong in ["", "x", "eyJhbGciOiJub25lIn0.e30.", &*bob.refresh_token] {
            refused(exchange(&api, wrong, &[]).await, 400, "invalid_request");
        }
    }

    async fn administration_is_not_passed_on(issuer: TestIssuer) {
        let all = json!({ seed::ORDERS: "read:orders", seed::ISSUER: "users:read" });
        let api = service(&issuer, "orders-api", &all).await;
        let root = issuer.user("root").await;
        refused(exchange(&api, &root.access_token, &[("audience", seed::ISSUER)]).await, 400, "invalid_scope");
    }

    async fn exchanged_token_does_not_act_on_the_account(issuer: TestIssuer) {
        let api = orders(&issuer).await;
        let bob = issuer.user("bob").await;
        bob.is_in().await;
        let token = exchange(&api, &bob.access_token, &[]).await.is(200).str("/access_token");
        for path in ["/v1/me", "/v1/sessions"] {
            let refused = issuer.anonymous().bearing(&token).get(path).await;
            refused.is_problem(403, "client_not_allowed");
        }
    }

    async fn detour_by_another_api_gives_no_more(issuer: TestIssuer) {
        billing_for(&issuer, "editor").await;
        let api = orders(&issuer).await;
        let all = json!({ seed::ORDERS: "read:orders write:orders", seed::BILLING: "read:invoices" });
        let billing = service(&issuer, "billing-api", &all).await;
        let asked = json!({ "username": "bob", "password": seed::PASSWORD, "scope": "read:orders" });
        let bob = issuer.anonymous().post("/v1/login", &asked).await.is(200).str("/access_token");
        let there = exchange(&api, &bob, &[("audience", seed::BILLING)]).await.is(200).str("/access_token");
        let back = exchange(&billing, &there, &[("audience", seed::ORDERS)]).await.is(200);
        assert_eq!(back.str("/scope"), "read:orders");
    }

    async fn grant_and_parameters_are_checked(issuer: TestIssuer) {
        let bob = issuer.user("bob").await;
        let svc = issuer.client("svc");
        refused(exchange(&svc, &bob.access_token, &[]).await, 400, "unauthorized_client");
        refused(exchange(&issuer.anonymous(), &bob.access_token, &[]).await, 401, "invalid_client");
        let api = orders(&issuer).await;
        let subject = &*bob.access_token;
        for form in [
            vec![("subject_token_type", ACCESS_TOKEN)],
            vec![("subject_token", subject)],
            vec![("subject_token", subject), ("subject_token_type", "urn:ietf:params:oauth:token-type:id_token")],
            vec![("subject_token", subject), ("subject_token_type", ACCESS_TOKEN), ("actor_token", subject)],
            vec![("subject_token", subject), ("subject_token_type", ACCESS_TOKEN), ("actor_token_type", ACCESS_TOKEN)],
            vec![
                ("subject_token", subject),
                ("subject_token_type", ACCESS_TOKEN),
                ("requested_token_type", "urn:ietf:params:oauth:token-type:refresh_token"),
            ],
        ] {
            let mut whole = vec![("grant_type", GRANT)];
            whole.extend(form);
            refused(api.token(&whole).await, 400, "invalid_request");
        }
        let public = json!({
            "client_id": "spa", "name": "SPA", "kind": "public", "grants": [GRANT], "allowed": { seed::ORDERS: "read:orders" },
        });
        issuer.admin().await.post("/admin/v1/clients", &public).await.is(201);
        let by_public = exchange(&issuer.anonymous(), subject, &[("client_id", "spa")]).await;
        refused(by_public, 400, "invalid_request");
    }

    async fn giving_an_exchanged_token_back_ends_nothing_of_others(issuer: TestIssuer) {
        let api = orders(&issuer).await;
        let bob = issuer.user("bob").await;
        let token = exchange(&api, &bob.access_token, &[]).await.is(200).str("/access_token");
        let own = exchange(&api, &own_token(&issuer.client("svc")).await, &[]).await.is(200);
        for token in [token, own.str("/access_token")] {
            let form = format!("token={token}");
            let call = api.call(http::Method::POST, "/oauth2/revoke");
            refused(call.form(&form).send().await, 400, "invalid_request");
        }
        bob.is_in().await;
        own_token(&issuer.client("svc")).await;
    }
}
