//! The authorization endpoint, up to the answer that the browser carries to the client.

use http::Method;
use keywright_domain::Period;
use keywright_domain::client::ClientKind;
use keywright_tests::flow::{Changes, decide, pairs_of};
use keywright_tests::{FlowClient, TestIssuer, on_both_engines, seed};
use serde_json::json;

/// The error that goes back to the client, with its state and `iss`.
async fn objection(issuer: &TestIssuer, app: &FlowClient, changes: Changes<'_>) -> String {
    let answer = issuer.visitor().open(&app.request(changes)).await;
    let response = app.response(&answer);
    assert_eq!(response["iss"], seed::ISSUER, "RFC 9207");
    assert!(!response.contains_key("code"));
    if !changes.iter().any(|(name, _)| *name == "state") {
        assert_eq!(response["state"], "af0if jsl&dkj", "as it was sent");
    }
    response["error"].clone()
}

on_both_engines! {
    async fn person_logs_in_consents_and_comes_back_with_a_code(issuer: TestIssuer) {
        let app = issuer.flow_client("shop").await;
        let mut ann = issuer.visitor();
        let page = ann.open(&app.request(&[("login_hint", Some("ann"))])).await.is(200);
        assert!(page.text().contains("id=\"login-form\""), "{page}");
        assert!(page.text().contains("The shop app"), "who asks");
        let page = ann.type_in("ann", seed::PASSWORD).await.is(200);
        assert!(page.text().contains("id=\"consent-form\""), "{page}");
        assert!(page.text().contains("read:orders") && page.text().contains("https://shop.example"), "{page}");
        issuer.new_events().await;
        let answer = decide(&mut ann, "allow").await;
        let events = issuer.new_events().await;
        assert_eq!(events, ["authorization.consent.given", "authorization.granted"]);
        let response = app.response(&answer);
        assert_eq!(response["state"], "af0if jsl&dkj");
        assert_eq!(response["iss"], seed::ISSUER);
        assert_eq!(response.len(), 3, "{response:?}");
        app.exchange(&response["code"], &[]).await.is(200);

        // Logged in and asked before: straight back.
        let answer = ann.open(&app.request(&[])).await;
        assert!(app.response(&answer).contains_key("code"));
        assert_eq!(issuer.new_events().await.last().unwrap(), "authorization.granted");
    }

    async fn every_objection_travels_with_state_and_issuer(issuer: TestIssuer) {
        let app = issuer.flow_client("shop").await;
        let table: &[(&str, Changes<'_>)] = &[
            ("invalid_request", &[("response_type", None)]),
            ("unsupported_response_type", &[("response_type", Some("id_token"))]),
            ("invalid_request", &[("response_mode", Some("jwt.cookie"))]),
            ("invalid_request_object", &[("request", Some("eyJhbGciOiJub25lIn0.e30."))]),
            ("request_uri_not_supported", &[("request_uri", Some("https://shop.example/r"))]),
            ("registration_not_supported", &[("registration", Some("{}"))]),
            ("invalid_scope", &[("scope", Some("fly"))]),
            ("invalid_target", &[("resource", Some("https://nowhere.example"))]),
            ("invalid_request", &[("code_challenge", None), ("code_challenge_method", None)]),
            ("invalid_request", &[("code_challenge_method", Some("plain"))]),
            ("invalid_request", &[("prompt", Some("none login"))]),
            ("invalid_request", &[("max_age", Some("soon"))]),
            ("invalid_request", &[("nonce", Some("a")), ("nonce", Some("b"))]),
            ("invalid_request", &[("state", Some("a")), ("state", Some("b"))]),
            ("invalid_authorization_details", &[("authorization_details", Some("[]"))]),
            ("login_required", &[("prompt", Some("none"))]),
        ];
        for (error, changes) in table {
            assert_eq!(objection(&issuer, &app, changes).await, *error, "{changes:?}");
        }
        let admin = issuer.admin().await;
        let other = json!({ "grants": ["refresh_token"] });
        admin.patch("/admin/v1/clients/shop", &other).await.is(200);
        assert_eq!(objection(&issuer, &app, &[]).await, "unauthorized_client");
    }

    async fn stranger_is_never_redirected(issuer: TestIssuer) {
        let app = issuer.flow_client("shop").await;
        let (good, evil) = (app.redirect_uri.clone(), "https://evil.example/cb");
        let bad = [
            evil.to_owned(),
            format!("{good}/"),
            format!("{good}?x=1"),
            format!("{good}#x"),
            good.replace("/cb", "/%63b"),
            good.replace("/cb", "/x/../cb"),
            good.replace("shop.example", "shop.example:443"),
            good.replace("shop.example", "SHOP.example"),
            good.replace("shop.example", "shop.example@evil.example"),
            good.replace("shop.example", "user@shop.example"),
            good.replace("https", "http"),
            "javascript:alert(1)".to_owned(),
        ];
        for uri in &bad {
            let changes = [("redirect_uri", Some(uri.as_str()))];
            let answer = issuer.visitor().open(&app.request(&changes)).await.is(400);
            assert_eq!(answer.header("location"), None);
            assert!(answer.text().contains("invalid_redirect_uri"), "{uri}: {answer}");
        }
        for id in [None, Some("nobody"), Some(""), Some("no such id")] {
            let changes = [("client_id", id), ("redirect_uri", Some(evil))];
            let answer = issuer.visitor().open(&app.request(&changes)).await.is(400);
            assert_eq!(answer.header("location"), None);
        }
        let twice = [("redirect_uri", Some(good.as_str())), ("redirect_uri", Some(evil))];
        issuer.visitor().open(&app.request(&twice)).await.is(400);
        let admin = issuer.admin().await;
        admin.patch("/admin/v1/clients/shop", &json!({ "disabled": true })).await.is(200);
        issuer.visitor().open(&app.request(&[])).await.is(400);
    }

    async fn guessing_clients_is_limited(issuer: TestIssuer) {
        let app = issuer.flow_client("shop").await;
        let unknown = app.request(&[("client_id", Some("nobody"))]);
        let mut last = 0;
        for _ in 0..=issuer.issuer().policy().limits.address_burst {
            last = issuer.anonymous().get(&unknown).await.status.as_u16();
        }
        assert_eq!(last, 429);
    }

    async fn loopback_client_comes_back_to_the_port_that_it_took(issuer: TestIssuer) {
        let native = json!({ "redirect_uris": ["http://127.0.0.1/cb"], "first_party": true });
        let mut app = issuer.flow_client_with("cli", ClientKind::Public, native).await;
        app.redirect_uri = "http://127.0.0.1:49152/cb".to_owned();
        let mut ann = issuer.visitor_named("ann").await;
        app.tokens(&mut ann, &[]).await;
    }

    async fn answers_travel_as_the_client_asked(issuer: TestIssuer) {
        let own = json!({ "first_party": true });
        let app = issuer.flow_client_with("shop", ClientKind::Public, own).await;
        let mut ann = issuer.visitor_named("ann").await;
        let fragment = ann.open(&app.request(&[("response_mode", Some("fragment"))])).await;
        let location = fragment.is(303).header("location").unwrap().to_owned();
        assert!(location.starts_with("https://shop.example/cb#code=kwc_"), "{location}");
        let query = ann.open(&app.request(&[("response_mode", Some("query"))])).await;
        assert!(query.is(303).header("location").unwrap().starts_with("https://shop.example/cb?code=kwc_"));
        let form = ann.open(&app.request(&[("response_mode", Some("form_post"))])).await.is(200);
        assert!(form.text().contains("action=\"https://shop.example/cb\""), "{form}");
        assert!(form.text().contains("name=\"code\" value=\"kwc_"), "{form}");
        assert_eq!(form.header("cache-control"), Some("no-store"));
        // An error travels in the same way, and what the client sent is no markup here.
        let scripted = [("response_mode", Some("form_post")), ("state", Some("\"><script>")), ("prompt", Some("none")), ("max_age", Some("0"))];
        issuer.pass(Period::secs(1));
        let form = ann.open(&app.request(&scripted)).await.is(200);
        assert!(form.text().contains("value=\"login_required\""), "{form}");
        assert!(!form.text().contains("\"><script>"), "{form}");
    }

    async fn code_does_not_leak_by_the_way(issuer: TestIssuer) {
        let own = json!({ "first_party": true });
        let app = issuer.flow_client_with("shop", ClientKind::Public, own).await;
        let mut ann = issuer.visitor_named("ann").await;
        let answer = ann.open(&app.request(&[])).await.is(303);
        assert_eq!(answer.header("cache-control"), Some("no-store"));
        let policy = answer.header("referrer-policy");
        assert!(matches!(policy, Some("no-referrer" | "same-origin")), "{policy:?}");
        assert!(answer.body.is_empty());
    }

    async fn request_may_come_by_a_form(issuer: TestIssuer) {
        let own = json!({ "first_party": true });
        let app = issuer.flow_client_with("shop", ClientKind::Public, own).await;
        let mut ann = issuer.visitor_named("ann").await;
        let call = issuer.anonymous();
        let call = call.call(Method::POST, "/oauth2/authorize").form(&app.parameters(&[]));
        let answer = call.send().await.is(303);
        let location = answer.header("location").unwrap();
        assert_eq!(location.split('?').next(), Some("/oauth2/authorize"));
        let code = app.response(&ann.open(location).await)["code"].clone();
        app.exchange(&code, &[]).await.is(200);
    }

    async fn person_may_say_no(issuer: TestIssuer) {
        let app = issuer.flow_client("shop").await;
        let mut ann = issuer.visitor_named("ann").await;
        ann.open(&app.request(&[])).await.is(200);
        issuer.new_events().await;
        let response = app.response(&decide(&mut ann, "deny").await);
        assert_eq!((&*response["error"], &*response["state"]), ("access_denied", "af0if jsl&dkj"));
        assert_eq!(issuer.new_events().await, ["authorization.denied"]);
        let page = ann.open(&app.request(&[])).await.is(200);
        assert!(page.text().contains("id=\"consent-form\""), "asked again");
    }

    async fn consent_is_remembered_and_asked_for_what_is_new(issuer: TestIssuer) {
        let app = issuer.flow_client("shop").await;
        let mut ann = issuer.visitor_named("ann").await;
        app.code(&mut ann, &[]).await;
        let silent = [("prompt", Some("none"))];
        assert!(app.authorize(&mut ann, &silent).await.contains_key("code"));
        let more = [("prompt", Some("none")), ("scope", Some("read:orders write:orders"))];
        assert_eq!(app.authorize(&mut ann, &more).await["error"], "consent_required");
        let page = ann.open(&app.request(&more[1..])).await.is(200);
        assert!(page.text().contains("write:orders"), "{page}");
        assert!(!page.text().contains("read:orders"), "granted before: {page}");
        decide(&mut ann, "allow").await.is(303);
        assert!(app.authorize(&mut ann, &more).await.contains_key("code"));
        let page = ann.open(&app.request(&[("prompt", Some("consent"))])).await.is(200);
        assert!(page.text().contains("id=\"consent-form\""), "the client insists");
    }

    async fn consents_are_seen_and_withdrawn(issuer: TestIssuer) {
        let app = issuer.flow_client("shop").await;
        let mut browser = issuer.visitor_named("ann").await;
        let tokens = app.tokens(&mut browser, &[("scope", Some("openid email read:orders"))]).await;
        let (ann, bob) = (issuer.user("ann").await, issuer.user("bob").await);
        let consents = ann.get("/v1/consents").await.is(200).json();
        assert_eq!(consents["consents"][0]["client_id"], "shop");
        assert_eq!(consents["consents"][0]["client_name"], "The shop app");
        assert_eq!(consents["consents"][0]["scopes"], json!({ seed::ORDERS: "read:orders" }));
        assert_eq!(consents["consents"][0]["openid_scope"], "email openid");
        assert_eq!(bob.get("/v1/consents").await.is(200).json(), json!({ "consents": [] }));
        bob.delete("/v1/consents/shop").await.is_problem(404, "not_found");

        let code = app.code(&mut browser, &[("scope", Some("openid"))]).await;
        issuer.new_events().await;
        ann.delete("/v1/consents/shop").await.is(204);
        assert_eq!(issuer.new_events().await, ["authorization.consent.withdrawn"]);
        app.bearing(&tokens).get("/v1/me").await.is(401);
        app.refresh(&tokens.str("/refresh_token")).await.is(400);
        app.exchange(&code, &[]).await.is(400);
        ann.is_in().await;
        let silent = [("prompt", Some("none"))];
        assert_eq!(app.authorize(&mut browser, &silent).await["error"], "consent_required");
        ann.delete("/v1/consents/shop").await.is_problem(404, "not_found");
    }

    async fn client_may_want_a_fresh_login(issuer: TestIssuer) {
        let own = json!({ "first_party": true });
        let app = issuer.flow_client_with("shop", ClientKind::Public, own).await;
        let mut ann = issuer.visitor_named("ann").await;
        issuer.pass(Period::minutes(2));
        for changes in [("prompt", Some("login")), ("prompt", Some("select_account")), ("max_age", Some("60"))] {
            let page = ann.open(&app.request(&[changes])).await.is(200);
            assert!(page.text().contains("id=\"login-form\""), "{changes:?}: {page}");
            let answer = ann.type_in("ann", seed::PASSWORD).await;
            assert!(app.response(&answer).contains_key("code"), "{changes:?}: once is enough");
            issuer.pass(Period::minutes(2));
        }
        let in_time = app.authorize(&mut ann, &[("max_age", Some("120"))]).await;
        assert!(in_time.contains_key("code"));
        let silent = [("max_age", Some("60")), ("prompt", Some("none"))];
        assert_eq!(app.authorize(&mut ann, &silent).await["error"], "login_required");
    }

    async fn page_that_waited_too_long_goes_nowhere(issuer: TestIssuer) {
        let app = issuer.flow_client("shop").await;
        let mut ann = issuer.visitor_named("ann").await;
        ann.open(&app.request(&[])).await.is(200);
        issuer.pass(Period::minutes(30));
        let late = decide(&mut ann, "allow").await.is(400);
        assert!(late.text().contains("page_expired"), "{late}");
    }

    async fn decision_counts_for_the_person_who_was_asked(issuer: TestIssuer) {
        let app = issuer.flow_client("shop").await;
        let mut browser = issuer.visitor_named("ann").await;
        browser.open(&app.request(&[])).await.is(200);
        let ticket = browser.ticket();
        browser.log_in("bob", seed::PASSWORD).await;
        browser.open("/account").await.is(200);
        let fields = [("ticket", ticket.as_str()), ("decision", "allow")];
        let page = browser.submit("/consent", &fields).await.is(200);
        assert!(page.text().contains("id=\"consent-form\""), "bob is asked himself: {page}");
        let answer = decide(&mut browser, "allow").await;
        assert!(app.response(&answer).contains_key("code"));
        assert_eq!(issuer.user("ann").await.get("/v1/consents").await.json(), json!({ "consents": [] }));
    }

    async fn ticket_of_another_kind_decides_nothing(issuer: TestIssuer) {
        let app = issuer.flow_client("shop").await;
        let mut ann = issuer.visitor();
        ann.open(&app.request(&[])).await.is(200);
        let of_login_page = ann.ticket();
        ann.log_in("ann", seed::PASSWORD).await;
        ann.open("/account").await.is(200);
        let fields = [("ticket", of_login_page.as_str()), ("decision", "allow")];
        let page = ann.submit("/consent", &fields).await.is(200);
        assert!(page.text().contains("id=\"consent-form\""), "nobody had been asked: {page}");
    }

    async fn parameters_of_a_registered_address_stay(issuer: TestIssuer) {
        let with_query = json!({ "redirect_uris": ["https://shop.example/cb?tenant=1"], "first_party": true });
        let app = issuer.flow_client_with("shop", ClientKind::Public, with_query).await;
        let mut ann = issuer.visitor_named("ann").await;
        let answer = ann.open(&app.request(&[])).await.is(303);
        let (_, query) = answer.header("location").unwrap().split_once('?').unwrap();
        let pairs = pairs_of(query);
        assert_eq!(pairs["tenant"], "1");
        assert!(pairs.contains_key("code"));
    }
}
