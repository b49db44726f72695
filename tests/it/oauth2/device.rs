//! Devices without a browser (RFC 8628).

use http::Method;
use keywright_domain::Period;
use keywright_domain::audit::Origin;
use keywright_domain::grant::device::{DeviceDecision, UserCode};
use keywright_domain::login::Login;
use keywright_domain::secret::PlainSecret;
use keywright_jwt::{Algorithm, half_hash};
use keywright_tests::{Actor, Answer, TestIssuer, Visitor, escaped, forge, on_both_engines, seed};
use serde_json::json;

use super::refused;

const GRANT: &str = "urn:ietf:params:oauth:grant-type:device_code";

/// A television that was registered for this, and what it may ask for.
async fn television(issuer: &TestIssuer) -> Actor {
    let new = json!({
        "client_id": "tv", "name": "Television", "kind": "public", "grants": [GRANT, "refresh_token"],
        "allowed": { seed::ORDERS: "read:orders write:orders" }, "default_audience": seed::ORDERS,
        "registration": { "openid_scope": "openid email" },
    });
    issuer
        .admin()
        .await
        .post("/admin/v1/clients", &new)
        .await
        .is(201);
    issuer.new_events().await;
    issuer.anonymous()
}

async fn authorize(device: &Actor, parameters: &[(&str, &str)]) -> Answer {
    let form: Vec<String> = parameters
        .iter()
        .map(|(name, value)| format!("{name}={}", escaped(value)))
        .collect();
    let call = device.call(Method::POST, "/oauth2/device_authorization");
    call.form(&form.join("&")).send().await
}

async fn poll(device: &Actor, codes: &Answer) -> Answer {
    let code = codes.str("/device_code");
    let asked = [
        ("grant_type", GRANT),
        ("client_id", "tv"),
        ("device_code", &*code),
    ];
    device.token(&asked).await
}

/// A person who is logged in at the other screen, and was before the device asked.
async fn person(issuer: &TestIssuer, name: &str) -> Login {
    let browser = issuer.visitor_named(name).await;
    login_of(issuer, &browser).await
}

async fn login_of(issuer: &TestIssuer, browser: &Visitor) -> Login {
    let cookie = PlainSecret::new(browser.cookie("__Host-keywright").expect("a login"));
    let login = issuer.issuer().login_of_cookie(&cookie).await.unwrap();
    login.expect("it lives")
}

async fn decide(issuer: &TestIssuer, codes: &Answer, login: &Login, decision: DeviceDecision) {
    let code: UserCode = codes.str("/user_code").to_lowercase().parse().unwrap();
    let decided = issuer
        .issuer()
        .decide_device(&code, login, decision, &Origin::default())
        .await;
    decided.expect("the device waits");
}

on_both_engines! {
    async fn device_gets_a_session_when_a_person_allows_it(issuer: TestIssuer) {
        let tv = television(&issuer).await;
        let codes = authorize(&tv, &[("client_id", "tv"), ("scope", "openid read:orders")]).await.is(200);
        assert_eq!(codes.header("cache-control"), Some("no-store"));
        assert_eq!((codes.json()["expires_in"].clone(), codes.json()["interval"].clone()), (json!(600), json!(5)));
        assert_eq!(codes.str("/verification_uri"), format!("{}/device", seed::ISSUER));
        let complete = format!("{}/device?user_code={}", seed::ISSUER, codes.str("/user_code"));
        assert_eq!(codes.str("/verification_uri_complete"), complete);

        refused(poll(&tv, &codes).await, 400, "authorization_pending");
        let bob = person(&issuer, "bob").await;
        issuer.pass(Period::minutes(1));
        decide(&issuer, &codes, &bob, DeviceDecision::Allow).await;
        let tokens = poll(&tv, &codes).await.is(200);
        let claims = forge::claims(&tokens.str("/access_token"));
        assert_eq!((&claims["client_id"], &claims["aud"]), (&json!("tv"), &json!(seed::ORDERS)));
        assert_eq!(claims["sub"], bob.user.to_string());
        assert_eq!(claims["auth_time"], bob.authenticated_at.secs());
        assert_eq!(tokens.str("/scope"), "openid read:orders");
        let told = forge::claims(&tokens.str("/id_token"));
        assert_eq!((&told["aud"], &told["sub"], &told["auth_time"]), (&json!("tv"), &claims["sub"], &claims["auth_time"]));
        assert_eq!(told["at_hash"], half_hash(Algorithm::Rs256, &tokens.str("/access_token")));
        assert_eq!(told.get("nonce"), None, "a device sends none");
        let refresh = tokens.str("/refresh_token");
        let again = [("grant_type", "refresh_token"), ("client_id", "tv"), ("refresh_token", &*refresh)];
        tv.token(&again).await.is(200);
        let events = issuer.new_events().await;
        for kind in ["device.request.allowed", "session.opened"] {
            assert!(events.contains(&kind.to_owned()), "{events:?}");
        }
        refused(poll(&tv, &codes).await, 400, "invalid_grant");
    }

    async fn device_that_asks_too_often_has_to_slow_down(issuer: TestIssuer) {
        let tv = television(&issuer).await;
        let codes = authorize(&tv, &[("client_id", "tv")]).await.is(200);
        refused(poll(&tv, &codes).await, 400, "authorization_pending");
        refused(poll(&tv, &codes).await, 400, "slow_down");
        issuer.pass(Period::secs(5));
        refused(poll(&tv, &codes).await, 400, "slow_down");
        issuer.pass(Period::secs(15));
        refused(poll(&tv, &codes).await, 400, "authorization_pending");
    }

    async fn denied_device_stays_out(issuer: TestIssuer) {
        let tv = television(&issuer).await;
        let codes = authorize(&tv, &[("client_id", "tv")]).await.is(200);
        let ann = person(&issuer, "ann").await;
        decide(&issuer, &codes, &ann, DeviceDecision::Deny).await;
        refused(poll(&tv, &codes).await, 400, "access_denied");
        let code: UserCode = codes.str("/user_code").parse().unwrap();
        let origin = Origin::default();
        let late = issuer.issuer().decide_device(&code, &ann, DeviceDecision::Allow, &origin);
        late.await.expect_err("it was decided");
        refused(poll(&tv, &codes).await, 400, "access_denied");
    }

    async fn codes_expire(issuer: TestIssuer) {
        let tv = television(&issuer).await;
        let codes = authorize(&tv, &[("client_id", "tv")]).await.is(200);
        let ann = person(&issuer, "ann").await;
        decide(&issuer, &codes, &ann, DeviceDecision::Allow).await;
        issuer.pass(Period::secs(600));
        refused(poll(&tv, &codes).await, 400, "expired_token");
    }

    async fn code_is_its_own_clients(issuer: TestIssuer) {
        let tv = television(&issuer).await;
        let codes = authorize(&tv, &[("client_id", "tv")]).await.is(200);
        let admin = issuer.admin().await;
        let other = json!({ "client_id": "radio", "name": "Radio", "kind": "public", "grants": [GRANT], "allowed": {} });
        admin.post("/admin/v1/clients", &other).await.is(201);
        let code = codes.str("/device_code");
        let by_other = [("grant_type", GRANT), ("client_id", "radio"), ("device_code", &*code)];
        refused(tv.token(&by_other).await, 400, "invalid_grant");
        let forged = format!("{}A", &code[..code.len() - 1]);
        let forged = [("grant_type", GRANT), ("client_id", "tv"), ("device_code", &*forged)];
        refused(tv.token(&forged).await, 400, "invalid_grant");
        let nothing = [("grant_type", GRANT), ("client_id", "tv")];
        refused(tv.token(&nothing).await, 400, "invalid_request");
    }

    async fn changed_account_takes_the_permission_back(issuer: TestIssuer) {
        let tv = television(&issuer).await;
        let codes = authorize(&tv, &[("client_id", "tv")]).await.is(200);
        let ann = person(&issuer, "ann").await;
        decide(&issuer, &codes, &ann, DeviceDecision::Allow).await;
        let path = format!("/admin/v1/users/{}/password", ann.user);
        let new = json!({ "password": "nine herons paint fences" });
        issuer.admin().await.put(&path, &new).await.is(204);
        refused(poll(&tv, &codes).await, 400, "invalid_grant");
    }

    async fn logout_takes_back_what_no_device_has_fetched(issuer: TestIssuer) {
        let tv = television(&issuer).await;
        let mut browser = issuer.visitor_named("ann").await;
        let login = login_of(&issuer, &browser).await;
        let (one, other) = (authorize(&tv, &[("client_id", "tv")]).await, authorize(&tv, &[("client_id", "tv")]).await);
        decide(&issuer, &one, &login, DeviceDecision::Allow).await;
        decide(&issuer, &other, &login, DeviceDecision::Allow).await;
        let tokens = poll(&tv, &one).await.is(200);
        browser.open("/account").await.is(200);
        browser.submit("/logout", &[]).await.is(200);
        refused(poll(&tv, &other).await, 400, "invalid_grant");
        let refresh = tokens.str("/refresh_token");
        let again = [("grant_type", "refresh_token"), ("client_id", "tv"), ("refresh_token", &*refresh)];
        tv.token(&again).await.is(200);
    }

    async fn device_without_the_right_to_openid_is_told_so(issuer: TestIssuer) {
        let tv = television(&issuer).await;
        let off = json!({ "registration": { "openid_scope": "" } });
        issuer.admin().await.patch("/admin/v1/clients/tv", &off).await.is(200);
        let asked = [("client_id", "tv"), ("scope", "openid read:orders")];
        refused(authorize(&tv, &asked).await, 400, "invalid_scope");
    }

    async fn only_clients_for_devices_get_codes(issuer: TestIssuer) {
        let tv = television(&issuer).await;
        refused(authorize(&tv, &[]).await, 401, "invalid_client");
        refused(authorize(&tv, &[("client_id", "nobody")]).await, 401, "invalid_client");
        refused(authorize(&tv, &[("client_id", "web")]).await, 400, "unauthorized_client");
        for (name, value, error) in [
            ("scope", "read:mail", "invalid_scope"),
            ("scope", "a\"b", "invalid_scope"),
            ("audience", "https://unknown.example", "invalid_target"),
            ("resource", "https://unknown.example", "invalid_target"),
        ] {
            refused(authorize(&tv, &[("client_id", "tv"), (name, value)]).await, 400, error);
        }
        let web = [("grant_type", GRANT), ("client_id", "web"), ("device_code", "kwd_AAAA")];
        refused(tv.token(&web).await, 400, "unauthorized_client");
    }

    async fn asking_for_codes_is_limited_by_network(issuer: TestIssuer) {
        let tv = television(&issuer).await;
        for _ in 0..issuer.issuer().policy().limits.address_burst {
            authorize(&tv, &[("client_id", "tv")]).await.is(200);
        }
        refused(authorize(&tv, &[("client_id", "tv")]).await, 429, "temporarily_unavailable");
        let elsewhere = tv.from_address("198.51.100.3");
        authorize(&elsewhere, &[("client_id", "tv")]).await.is(200);
    }

    async fn guessing_user_codes_is_limited_by_network(issuer: TestIssuer) {
        let tv = television(&issuer).await;
        let codes = authorize(&tv, &[("client_id", "tv")]).await.is(200);
        let shown: UserCode = codes.str("/user_code").parse().unwrap();
        let origin = Origin { address: Some([192, 0, 2, 9].into()), ..Origin::default() };
        let ann = person(&issuer, "ann").await;
        let guess: UserCode = "BBBB-BBBB".parse().unwrap();
        for _ in 0..issuer.issuer().policy().limits.address_burst {
            let refused = issuer.issuer().device_request(&guess, &ann, &origin).await;
            assert!(matches!(refused, Err(keywright_domain::grant::device::DecideDeviceError::Unknown)));
        }
        let limited = issuer.issuer().device_request(&shown, &ann, &origin).await;
        assert!(matches!(limited, Err(keywright_domain::grant::device::DecideDeviceError::Limited(_))));
        let asks = issuer.issuer().device_request(&shown, &ann, &Origin::default()).await.unwrap();
        assert_eq!((asks.client_name.as_str(), asks.account.as_str()), ("Television", "ann"));
        assert!(asks.scopes.iter().any(|(scope, _)| scope == "read:orders"));
    }
}
