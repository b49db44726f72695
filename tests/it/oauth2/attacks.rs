//! Attacks of RFC 9700 on the browser flow, one test each. Those that belong to one grant or one page stand with it.

use http::header::ORIGIN;
use http::{HeaderName, Method};
use keywright_domain::client::ClientKind;
use keywright_tests::flow::decide;
use keywright_tests::{Answer, TestIssuer, attribute, escaped, forge, on_both_engines, seed};
use serde_json::{Value, json};

const SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// A page that stays here: no way to the address that the request named.
#[track_caller]
fn leads_nowhere(answer: Answer, what: &str) {
    let answer = answer.is(400);
    assert_eq!(answer.header("location"), None, "{what}");
    assert!(
        answer.text().contains("invalid_redirect_uri"),
        "{what}: {answer}"
    );
    assert!(!answer.text().contains("href=\"http"), "{what}: {answer}");
}

on_both_engines! {
    /// Mix-up (§4.4): a client of several issuers sees whose answer it has, whatever the answer is and however it travels.
    async fn every_answer_names_the_issuer_however_it_travels(issuer: TestIssuer) {
        let app = issuer.openid_client("app", json!({})).await;
        let mut ann = issuer.visitor_named("ann").await;
        for mode in ["query", "fragment"] {
            for (scope, member) in [("openid", "code"), ("fly", "error")] {
                let changes = [("response_mode", Some(mode)), ("scope", Some(scope))];
                let response = app.response(&ann.open(&app.request(&changes)).await);
                assert!(response.contains_key(member), "{response:?}");
                assert_eq!(response["iss"], seed::ISSUER, "{mode} {scope}");
            }
        }
        for scope in ["openid", "fly"] {
            let changes = [("response_mode", Some("form_post")), ("scope", Some(scope))];
            let page = ann.open(&app.request(&changes)).await.is(200);
            let named = attribute(page.text(), "name=\"iss\" value=\"");
            assert_eq!(named.as_deref(), Some(seed::ISSUER), "{scope}: {page}");
        }
    }

    /// Variations of a redirect URI (§4.1), asked for silently by somebody who is logged in and needs no consent.
    async fn address_that_is_almost_the_registered_one_gets_nothing(issuer: TestIssuer) {
        let own = json!({ "first_party": true });
        let app = issuer.flow_client_with("shop", ClientKind::Public, own).await;
        let mut ann = issuer.visitor_named("ann").await;
        for uri in [
            "https://shop.example:8443/cb",
            "https://shop.example:443/cb",
            "https://shop.example:/cb",
            "HTTPS://shop.example/cb",
            "https://shop.example/CB",
            "https://shop.example/Cb",
            "https://shop.example//cb",
            "https://shop.example/./cb",
            "https://shop.example/cb/../evil",
            "https://shop.example/cb/evil",
            "https://shop.example/c",
            "https://shop.example",
            "https://shop.example/cb?",
            "https://shop.example/cb;x",
            "https://shop.example/cb#",
            "https://evil.example#@shop.example/cb",
            "https://shop.example:443@evil.example/cb",
            "https://shop.example\\@evil.example/cb",
            "https://shop.example%40evil.example/cb",
            "https://evil.example/?https://shop.example/cb",
            "https://shop.example.evil.example/cb",
            "https://www.shop.example/cb",
            "https://shop.example./cb",
            "https://shop.example%2Fcb",
            "https://shop.example/c%62",
            "https://shop.example/cb%00",
            "https://shop.example/cb%0d%0aLocation:%20https://evil.example",
            "https://shop.example/cb ",
            " https://shop.example/cb",
            "//shop.example/cb",
            "data:text/html,x",
        ] {
            let changes = [("redirect_uri", Some(uri)), ("prompt", Some("none"))];
            leads_nowhere(ann.open(&app.request(&changes)).await, uri);
        }
        app.code(&mut ann, &[("prompt", Some("none"))]).await;
    }

    /// RFC 8252 §7.3, §8.3: of a loopback address the port is free, and nothing else.
    async fn loopback_address_is_free_in_its_port_alone(issuer: TestIssuer) {
        let native = json!({ "redirect_uris": ["http://127.0.0.1/cb"] });
        let app = issuer.flow_client_with("cli", ClientKind::Public, native).await;
        for uri in [
            "http://127.0.0.1:49152/other",
            "http://127.0.0.1:49152/CB",
            "http://127.0.0.1:49152/cb?x=1",
            "http://127.0.0.1:49152/cb#x",
            "http://127.0.0.1:99999/cb",
            "http://127.0.0.1:+80/cb",
            "http://127.0.0.1:49152@evil.example/cb",
            "http://127.0.0.1.evil.example/cb",
            "http://127.0.0.2:49152/cb",
            "http://localhost:49152/cb",
            "http://[::1]:49152/cb",
            "https://127.0.0.1:49152/cb",
        ] {
            let changes = [("redirect_uri", Some(uri))];
            leads_nowhere(issuer.visitor().open(&app.request(&changes)).await, uri);
        }
    }

    /// CSRF (§4.7), on consent: not even the ticket of the page lets another site decide in the person's browser.
    async fn consent_that_another_site_sends_allows_nothing(issuer: TestIssuer) {
        let app = issuer.flow_client("shop").await;
        let mut ann = issuer.visitor_named("ann").await;
        let mut thief = issuer.visitor_named("bob").await;
        ann.open(&app.request(&[])).await.is(200);
        thief.open(&app.request(&[])).await.is(200);
        issuer.new_events().await;
        let ticket = ann.ticket();
        let fields = [("ticket", ticket.as_str()), ("decision", "allow")];
        let (own, foreign) = (ann.form(&fields), thief.form(&fields));
        let bare = format!("ticket={}&decision=allow", escaped(&ticket));
        let post = |form: &str| ann.call(Method::POST, "/consent").form(form);
        for call in [
            post(&own).header(SEC_FETCH_SITE, "cross-site"),
            post(&own).header(SEC_FETCH_SITE, "same-site"),
            post(&own).header(ORIGIN, "https://evil.example"),
            post(&own).header(ORIGIN, "null"),
            post(&foreign),
            post(&bare),
        ] {
            let answer = call.send().await.is(403);
            assert!(answer.text().contains("foreign_form"), "{answer}");
            assert_eq!(answer.header("location"), None);
        }
        ann.call(Method::GET, &format!("/consent?{own}")).send().await.is(405);
        assert_eq!(issuer.new_events().await, Vec::<String>::new());
        let consents = issuer.user("ann").await.get("/v1/consents").await.is(200).json();
        assert_eq!(consents, json!({ "consents": [] }));
        let answer = decide(&mut ann, "allow").await;
        assert!(app.response(&answer).contains_key("code"), "she herself decides");
    }

    /// Clickjacking (§4.16) and referrer leakage (§4.2), on every page that a client's request leads to.
    async fn no_page_of_a_flow_is_framed_or_tells_another_site_its_address(issuer: TestIssuer) {
        let links = json!({ "policy_uri": "https://shop.example/privacy", "tos_uri": "https://shop.example/terms" });
        let app = issuer.flow_client_with("shop", ClientKind::Public, links).await;
        let mut ann = issuer.visitor();
        let mut pages = vec![ann.open(&app.request(&[])).await.is(200)];
        pages.push(ann.type_in("ann", "wrong").await.is(422));
        pages.push(ann.type_in("ann", seed::PASSWORD).await.is(200));
        assert!(pages[2].text().contains("id=\"client-policy\""), "{}", pages[2]);
        decide(&mut ann, "allow").await.is(303);
        pages.push(ann.open(&app.request(&[("response_mode", Some("form_post"))])).await.is(200));
        pages.push(ann.open(&app.request(&[("client_id", Some("nobody"))])).await.is(400));
        for path in ["/device", "/account", "/oauth2/logout"] {
            pages.push(ann.open(path).await.is(200));
        }
        for page in &pages {
            let policy = page.header("content-security-policy").unwrap();
            assert!(policy.starts_with("default-src 'none'; "), "{policy}");
            assert!(policy.contains("frame-ancestors 'none'"), "{policy}");
            assert_eq!(page.header("x-frame-options"), Some("DENY"), "for browsers without it");
            let referrer = page.header("referrer-policy");
            assert!(matches!(referrer, Some("no-referrer" | "same-origin")), "{referrer:?}");
            assert_eq!(page.header("cache-control"), Some("no-store"));
            assert!(!page.text().contains("src=\"http"), "nothing is loaded from elsewhere: {page}");
            for link in page.text().split("<a ").skip(1) {
                let (tag, _) = link.split_once('>').unwrap();
                assert!(!tag.contains("href=\"http") || tag.contains("rel=\"noreferrer\""), "{tag}");
            }
        }
    }

    /// 307 (§4.12): where a login leads straight to the client, the password stays here.
    async fn password_is_not_sent_on_to_the_client(issuer: TestIssuer) {
        let own = json!({ "first_party": true });
        let app = issuer.flow_client_with("shop", ClientKind::Public, own).await;
        let mut ann = issuer.visitor();
        ann.open(&app.request(&[])).await.is(200);
        let ticket = ann.ticket();
        let fields = [("username", "ann"), ("password", seed::PASSWORD), ("ticket", ticket.as_str())];
        let answer = ann.sending("/login", &fields).send().await.is(303);
        assert!(answer.body.is_empty(), "{answer}");
        let response = app.response(&answer);
        let names: Vec<&str> = response.keys().map(String::as_str).collect();
        assert_eq!(names, ["code", "iss", "state"]);
    }

    /// A client that poses as another (RFC 8252 §8.6): what comes back to this device may be any program on it, so what was allowed
    /// before is asked again.
    async fn program_that_may_be_another_is_asked_about_each_time(issuer: TestIssuer) {
        let mut ann = issuer.visitor_named("ann").await;
        for (id, uri) in [("cli", "http://127.0.0.1/cb"), ("phone-app", "com.example.app:/cb")] {
            let native = json!({ "redirect_uris": [uri] });
            let app = issuer.flow_client_with(id, ClientKind::Public, native).await;
            app.code(&mut ann, &[]).await;
            let silent = app.authorize(&mut ann, &[("prompt", Some("none"))]).await;
            assert_eq!(silent["error"], "consent_required", "{uri}");
            let page = ann.open(&app.request(&[])).await.is(200);
            assert!(page.text().contains("id=\"consent-form\""), "{uri}: {page}");
        }
    }

    /// A client that poses as a person (§4.15): none can be named like one, and a service's token is nobody's session.
    async fn client_is_never_named_like_a_person(issuer: TestIssuer) {
        let id = issuer.user("ann").await.get("/v1/me").await.is(200).str("/id");
        let posing = json!({
            "client_id": id, "name": "Ann", "kind": "confidential", "grants": ["client_credentials"],
            "allowed": { seed::ORDERS: "read:orders" }, "default_audience": seed::ORDERS,
        });
        let answer = issuer.admin().await.post("/admin/v1/clients", &posing).await;
        assert_eq!(answer.is_problem(400, "invalid_field").blamed(), ["client_id"]);
        let posing = json!({ "client_id": id, "redirect_uris": ["https://app.example/cb"] });
        let registered = issuer.anonymous().post("/oauth2/register", &posing).await.is(201);
        assert_ne!(registered.str("/client_id"), id, "the server draws the names of strangers");
        let tokens = issuer.client("svc").token(&[("grant_type", "client_credentials")]).await.is(200);
        let claims = forge::claims(&tokens.str("/access_token"));
        assert_eq!((&claims["sub"], &claims["client_id"]), (&json!("svc"), &json!("svc")));
        assert_eq!(claims["sid"], Value::Null);
    }
}
