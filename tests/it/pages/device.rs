//! `/device`, where a person lets a device in (RFC 8628 §3.3).

use http::Method;
use keywright_domain::Period;
use keywright_tests::{Answer, TestIssuer, Visitor, on_both_engines, seed};
use serde_json::json;

const GRANT: &str = "urn:ietf:params:oauth:grant-type:device_code";

async fn codes(issuer: &TestIssuer) -> Answer {
    let new = json!({
        "client_id": "tv", "name": "Television <3", "kind": "public", "grants": [GRANT],
        "allowed": { seed::ORDERS: "read:orders" }, "default_audience": seed::ORDERS,
    });
    issuer
        .admin()
        .await
        .post("/admin/v1/clients", &new)
        .await
        .is(201);
    let device = issuer.anonymous();
    let call = device.call(Method::POST, "/oauth2/device_authorization");
    call.form("client_id=tv").send().await.is(200)
}

async fn poll(issuer: &TestIssuer, codes: &Answer) -> Answer {
    let code = codes.str("/device_code");
    let form = [
        ("grant_type", GRANT),
        ("client_id", "tv"),
        ("device_code", &*code),
    ];
    issuer.anonymous().token(&form).await
}

fn shows(visitor: &Visitor, text: &str) {
    let page = visitor.page.as_ref().expect("a page").text();
    assert!(page.contains(text), "no {text} in {page}");
}

on_both_engines! {
    async fn person_who_is_logged_in_lets_a_device_in(issuer: TestIssuer) {
        let codes = codes(&issuer).await;
        let code = codes.str("/user_code");
        let mut ann = issuer.visitor_named("ann").await;
        ann.open(&format!("/device?user_code={code}")).await.is(200);
        shows(&ann, &format!("value=\"{code}\""));
        assert_eq!(poll(&issuer, &codes).await.str("/error"), "authorization_pending", "a link does nothing by itself");
        ann.submit("/device", &[("user_code", &code.to_lowercase())]).await.is(200);
        for text in ["Television &#60;3", "data-scope=\"read:orders\"", &code] {
            shows(&ann, text);
        }
        ann.submit("/device/decide", &[("user_code", &code), ("decision", "allow")]).await.is(200);
        shows(&ann, "The device is connected");
        poll(&issuer, &codes).await.is(200);
    }

    async fn person_who_is_not_logged_in_comes_back_to_the_device(issuer: TestIssuer) {
        let codes = codes(&issuer).await;
        let code = codes.str("/user_code");
        let mut ann = issuer.visitor();
        ann.open("/device").await.is(200);
        ann.submit("/device", &[("user_code", &code)]).await.is(200);
        shows(&ann, "id=\"login-form\"");
        let fields = [("username", "ann"), ("password", seed::PASSWORD), ("user_code", &*code)];
        ann.submit("/login", &fields).await.is(200);
        for text in ["id=\"device-decision-form\"", "Television", &code] {
            shows(&ann, text);
        }
        ann.submit("/device/decide", &[("user_code", &code), ("decision", "allow")]).await.is(200);
        poll(&issuer, &codes).await.is(200);
    }

    async fn code_that_is_over_by_the_time_of_the_login_is_told(issuer: TestIssuer) {
        let codes = codes(&issuer).await;
        let code = codes.str("/user_code");
        let mut ann = issuer.visitor();
        ann.open("/device").await.is(200);
        ann.submit("/device", &[("user_code", &code)]).await.is(200);
        issuer.pass(Period::minutes(10));
        let fields = [("username", "ann"), ("password", seed::PASSWORD), ("user_code", &*code)];
        ann.submit("/login", &fields).await.is(422);
        shows(&ann, "No device waits under this code");
        ann.is_in().await;
    }

    async fn nothing_but_a_code_says_where_a_login_leads(issuer: TestIssuer) {
        let mut ann = issuer.visitor();
        ann.open("/login?user_code=https%3A%2F%2Fevil.example").await.is(200);
        let fields = [("username", "ann"), ("password", seed::PASSWORD), ("user_code", "//evil.example")];
        let answer = ann.sending("/login", &fields).send().await.is(303);
        assert_eq!(answer.header("location"), Some("/account"));
    }

    async fn person_keeps_a_device_out(issuer: TestIssuer) {
        let codes = codes(&issuer).await;
        let code = codes.str("/user_code");
        let mut ann = issuer.visitor_named("ann").await;
        ann.open("/device").await;
        ann.submit("/device/decide", &[("user_code", &code), ("decision", "deny")]).await.is(200);
        shows(&ann, "The device stays out");
        assert_eq!(poll(&issuer, &codes).await.str("/error"), "access_denied");
        ann.open("/device").await;
        ann.submit("/device/decide", &[("user_code", &code), ("decision", "allow")]).await.is(422);
        shows(&ann, "device-error");
    }

    async fn wrong_and_old_codes_are_one(issuer: TestIssuer) {
        let codes = codes(&issuer).await;
        let mut ann = issuer.visitor_named("ann").await;
        ann.open("/device").await;
        for wrong in ["", "x", "BBBB-BBBB"] {
            ann.submit("/device", &[("user_code", wrong)]).await.is(422);
            shows(&ann, "No device waits under this code");
        }
        issuer.pass(Period::minutes(10));
        ann.submit("/device", &[("user_code", &codes.str("/user_code"))]).await.is(422);
    }

    async fn decision_is_one_of_two(issuer: TestIssuer) {
        let codes = codes(&issuer).await;
        let mut ann = issuer.visitor_named("ann").await;
        ann.open("/device").await;
        let code = codes.str("/user_code");
        for wrong in ["", "yes"] {
            ann.open("/device").await;
            ann.submit("/device/decide", &[("user_code", &code), ("decision", wrong)]).await.is(400);
        }
        assert_eq!(poll(&issuer, &codes).await.str("/error"), "authorization_pending");
    }
}
