//! Rich authorization requests (RFC 9396): one payment instead of payments.

use http::Method;
use keywright_domain::client::ClientKind;
use keywright_domain::feed::StatusValue;
use keywright_tests::flow::decide;
use keywright_tests::{FlowClient, TestIssuer, escaped, forge, on_both_engines, seed};
use serde_json::{Value, json};

use super::refused;
use crate::status::watch::status;

const INVALID: &str = "invalid_authorization_details";

fn api() -> String {
    format!("/admin/v1/apis/{}", escaped(seed::ORDERS))
}

/// The orders API, with a type of details for payments.
async fn orders_with(issuer: &TestIssuer, types: Value) {
    let admin = issuer.admin().await;
    let known = admin.get(&api()).await.is(200).json();
    let body = json!({
        "name": known["name"], "scopes": known["scopes"], "authorization_details_types": types,
    });
    admin.put(&api(), &body).await.is(200);
}

async fn orders_take_payments(issuer: &TestIssuer) {
    let schema = json!({
        "properties": {
            "amount": { "type": "string", "maxLength": 20 },
            "creditor": { "type": "string" },
        },
        "required": ["amount"],
    });
    let types = json!({ "payment": { "description": "Pay from your account", "schema": schema } });
    orders_with(issuer, types).await;
}

/// A client that may ask for payments.
async fn shop(issuer: &TestIssuer, first_party: bool) -> FlowClient {
    orders_take_payments(issuer).await;
    let members = json!({
        "authorization_details_types": ["payment"], "first_party": first_party,
    });
    issuer
        .flow_client_with("shop", ClientKind::Confidential, members)
        .await
}

fn payment() -> Value {
    json!([{ "type": "payment", "amount": "12.50 EUR", "creditor": "<b>Bob & co</b>" }])
}

on_both_engines! {
    async fn person_sees_the_payment_and_the_token_carries_it(issuer: TestIssuer) {
        let app = shop(&issuer, false).await;
        let mut ann = issuer.visitor_named("ann").await;
        let asked = payment().to_string();
        let request = app.request(&[("authorization_details", Some(&asked))]);
        let page = ann.open(&request).await.is(200);
        for shown in ["Pay from your account", "payment", "amount", "12.50 EUR", "creditor", "Bob"] {
            assert!(page.text().contains(shown), "{shown}: {page}");
        }
        assert!(!page.text().contains("<b>"), "escaped: {page}");
        let response = app.response(&decide(&mut ann, "allow").await);
        let tokens = app.exchange(&response["code"], &[]).await.is(200);
        assert_eq!(tokens.json()["authorization_details"], payment());
        let claims = forge::claims(&tokens.str("/access_token"));
        assert_eq!(claims["authorization_details"], payment());

        let refreshed = app.refresh(&tokens.str("/refresh_token")).await.is(200);
        assert_eq!(refreshed.json()["authorization_details"], payment());
        let claims = forge::claims(&refreshed.str("/access_token"));
        assert_eq!(claims["authorization_details"], payment());
        let form = format!("token={}", refreshed.str("/access_token"));
        let svc = issuer.client("svc");
        let told = svc.call(Method::POST, "/oauth2/introspect").form(&form).send().await.is(200);
        assert_eq!(told.json()["authorization_details"], payment());
    }

    async fn token_carries_some_of_them_if_the_client_says_which(issuer: TestIssuer) {
        let app = shop(&issuer, false).await;
        let mut ann = issuer.visitor_named("ann").await;
        let (one, two) = (json!({ "type": "payment", "amount": "1 EUR" }), json!({ "type": "payment", "amount": "2 EUR" }));
        let (first, both) = (json!([one]).to_string(), json!([one, two]));
        let more = json!([one, { "type": "payment", "amount": "20 EUR" }]).to_string();
        let code = app.code(&mut ann, &[("authorization_details", Some(&both.to_string()))]).await;
        for exceeding in [&*more, "[]", "payment"] {
            let asked = [("authorization_details", Some(exceeding))];
            refused(app.exchange(&code, &asked).await, 400, INVALID);
        }
        let asked = [("authorization_details", Some(&*first))];
        let tokens = app.exchange(&code, &asked).await.is(200);
        assert_eq!(tokens.json()["authorization_details"], json!([one]), "the code was not spent before");
        let claims = forge::claims(&tokens.str("/access_token"));
        assert_eq!(claims["authorization_details"], json!([one]));

        let shop = app.with_credentials();
        let refresh = async |token: &str, details: &str| {
            let form = [("grant_type", "refresh_token"), ("refresh_token", token), ("authorization_details", details)];
            shop.token(&form).await
        };
        let token = tokens.str("/refresh_token");
        refused(refresh(&token, &more).await, 400, INVALID);
        let second = json!([two]).to_string();
        let refreshed = refresh(&token, &second).await.is(200);
        let claims = forge::claims(&refreshed.str("/access_token"));
        assert_eq!(claims["authorization_details"], json!([two]), "the token was not spent before");
        let whole = app.refresh(&refreshed.str("/refresh_token")).await.is(200);
        assert_eq!(whole.json()["authorization_details"], both);
    }

    async fn device_asks_for_a_payment_and_the_person_sees_it(issuer: TestIssuer) {
        orders_take_payments(&issuer).await;
        let grant = "urn:ietf:params:oauth:grant-type:device_code";
        let till = json!({
            "client_id": "till", "name": "Till", "kind": "public", "grants": [grant],
            "allowed": { seed::ORDERS: "read:orders" }, "default_audience": seed::ORDERS,
            "registration": { "authorization_details_types": ["payment"] },
        });
        issuer.admin().await.post("/admin/v1/clients", &till).await.is(201);
        let device = issuer.anonymous();
        let ask = async |details: &str| {
            let form = format!("client_id=till&authorization_details={}", escaped(details));
            device.call(Method::POST, "/oauth2/device_authorization").form(&form).send().await
        };
        refused(ask("[{\"type\":\"fly\"}]").await, 400, INVALID);
        let codes = ask(&payment().to_string()).await.is(200);
        let code = codes.str("/user_code");
        let mut ann = issuer.visitor_named("ann").await;
        ann.open("/device").await.is(200);
        let page = ann.submit("/device", &[("user_code", &code)]).await.is(200);
        for shown in ["Pay from your account", "12.50 EUR", "data-scope=\"read:orders\""] {
            assert!(page.text().contains(shown), "{shown}: {page}");
        }
        ann.submit("/device/decide", &[("user_code", &code), ("decision", "allow")]).await.is(200);
        let device_code = codes.str("/device_code");
        let form = [("grant_type", grant), ("client_id", "till"), ("device_code", &*device_code)];
        let tokens = device.token(&form).await.is(200);
        assert_eq!(tokens.json()["authorization_details"], payment());
        let claims = forge::claims(&tokens.str("/access_token"));
        assert_eq!(claims["authorization_details"], payment());
    }

    async fn each_payment_is_consented_to(issuer: TestIssuer) {
        for first_party in [false, true] {
            let app = if first_party {
                let members = json!({ "authorization_details_types": ["payment"], "first_party": true });
                issuer.flow_client_with("house", ClientKind::Confidential, members).await
            } else {
                shop(&issuer, false).await
            };
            let mut ann = issuer.visitor_named("ann").await;
            let asked = payment().to_string();
            let details = ("authorization_details", Some(asked.as_str()));
            app.tokens(&mut ann, &[details]).await;
            let again = ann.open(&app.request(&[details])).await.is(200);
            assert!(again.text().contains("id=\"consent-form\""), "{again}");
            let silent = ann.open(&app.request(&[details, ("prompt", Some("none"))])).await;
            assert_eq!(app.response(&silent)["error"], "consent_required");
            let plain = ann.open(&app.request(&[])).await;
            assert!(app.response(&plain).contains_key("code"), "scopes are remembered");
        }
    }

    async fn what_may_not_be_asked_for_is_refused(issuer: TestIssuer) {
        let app = shop(&issuer, true).await;
        let mut ann = issuer.visitor_named("ann").await;
        let long = "x".repeat(5000);
        for asked in [
            json!("payment"),
            json!([]),
            json!([{ "type": "fly" }]),
            json!([{ "type": "payment" }]),
            json!([{ "type": "payment", "amount": 1 }]),
            json!([{ "type": "payment", "amount": "1", "fee": "1" }]),
            json!([{ "type": "payment", "amount": "1", "locations": ["https://mail.example"] }]),
            json!([{ "type": "payment", "amount": "1", "creditor": long }]),
        ] {
            let asked = asked.to_string();
            let answer = ann.open(&app.request(&[("authorization_details", Some(&asked))])).await;
            assert_eq!(app.response(&answer)["error"], INVALID, "{asked}");
        }
        let other = issuer.flow_client("other").await;
        let asked = payment().to_string();
        let answer = ann.open(&other.request(&[("authorization_details", Some(&asked))])).await;
        assert_eq!(other.response(&answer)["error"], INVALID, "registered for no type");
    }

    async fn pushed_payment_is_checked_at_once(issuer: TestIssuer) {
        let app = shop(&issuer, true).await;
        let shop = app.with_credentials();
        let push = async |asked: &Value| {
            let asked = asked.to_string();
            let form = app.parameters(&[("authorization_details", Some(&asked))]);
            shop.call(Method::POST, "/oauth2/par").form(&form).send().await
        };
        refused(push(&json!([{ "type": "fly" }])).await, 400, INVALID);
        let uri = push(&payment()).await.is(201).str("/request_uri");
        let mut ann = issuer.visitor_named("ann").await;
        let request = format!("/oauth2/authorize?client_id=shop&request_uri={}", escaped(&uri));
        ann.open(&request).await.is(200);
        let response = app.response(&decide(&mut ann, "allow").await);
        let tokens = app.exchange(&response["code"], &[]).await.is(200);
        assert_eq!(tokens.json()["authorization_details"], payment());
    }

    async fn service_gets_what_it_is_registered_for(issuer: TestIssuer) {
        orders_take_payments(&issuer).await;
        let svc = issuer.client("svc");
        let asked = payment().to_string();
        let form = [("grant_type", "client_credentials"), ("authorization_details", &*asked)];
        refused(svc.token(&form).await, 400, INVALID);
        let registered = json!({ "registration": { "authorization_details_types": ["payment"] } });
        issuer.admin().await.patch("/admin/v1/clients/svc", &registered).await.is(200);
        let tokens = svc.token(&form).await.is(200);
        assert_eq!(tokens.json()["authorization_details"], payment());
        let claims = forge::claims(&tokens.str("/access_token"));
        assert_eq!(claims["authorization_details"], payment());
        let wrong = [("grant_type", "client_credentials"), ("authorization_details", "[{\"type\":\"payment\"}]")];
        refused(svc.token(&wrong).await, 400, INVALID);
    }

    async fn nothing_is_added_where_nobody_is_asked(issuer: TestIssuer) {
        let app = shop(&issuer, true).await;
        let mut ann = issuer.visitor_named("ann").await;
        let code = app.code(&mut ann, &[]).await;
        let asked = payment().to_string();
        let answer = app.exchange(&code, &[("authorization_details", Some(&asked))]).await;
        refused(answer, 400, INVALID);
        let tokens = app.exchange(&code, &[]).await.is(200);
        let refresh = tokens.str("/refresh_token");
        let form = [("grant_type", "refresh_token"), ("refresh_token", &*refresh), ("authorization_details", &*asked)];
        refused(app.with_credentials().token(&form).await, 400, INVALID);
        app.refresh(&refresh).await.is(200);
    }

    async fn a_type_that_the_api_has_lost_is_in_no_new_token(issuer: TestIssuer) {
        let app = shop(&issuer, false).await;
        let mut ann = issuer.visitor_named("ann").await;
        let asked = payment().to_string();
        let tokens = app.tokens(&mut ann, &[("authorization_details", Some(&asked))]).await;
        let discovery = "/.well-known/openid-configuration";
        let told = issuer.anonymous().get(discovery).await.json();
        assert_eq!(told["authorization_details_types_supported"], json!(["payment"]));
        let plain = app.tokens(&mut ann, &[]).await.str("/access_token");
        orders_with(&issuer, json!({})).await;
        assert_eq!(status(&issuer, &tokens.str("/access_token")).await, StatusValue::Stale);
        assert_eq!(status(&issuer, &plain).await, StatusValue::Valid);
        let refreshed = app.refresh(&tokens.str("/refresh_token")).await.is(200);
        assert_eq!(refreshed.json()["authorization_details"], Value::Null);
        let claims = forge::claims(&refreshed.str("/access_token"));
        assert_eq!(claims["authorization_details"], Value::Null);
        let told = issuer.anonymous().get(discovery).await.json();
        assert_eq!(told["authorization_details_types_supported"], Value::Null);
    }

    async fn a_schema_that_nobody_keeps_is_not_registered(issuer: TestIssuer) {
        let admin = issuer.admin().await;
        let put = async |schema: Value| {
            let types = json!({ "payment": { "description": "Pay", "schema": schema } });
            let body = json!({ "name": "Bank", "scopes": {}, "authorization_details_types": types });
            admin.put("/admin/v1/apis/bank", &body).await
        };
        put(json!({ "properties": { "a": { "type": "string", "pattern": "^x" } } })).await.is(400);
        let undeclared = json!({ "properties": {}, "required": ["a"] });
        let answer = put(undeclared).await.is_problem(400, "invalid_field");
        assert_eq!(answer.blamed(), ["authorization_details_types"]);
        let schema = json!({ "properties": { "a": { "type": "string", "maxLength": 3 } } });
        put(schema.clone()).await.is(200);
        let shown = admin.get("/admin/v1/apis/bank").await.is(200).json();
        assert_eq!(shown["authorization_details_types"]["payment"]["schema"], schema);
    }
}
