//! RP-Initiated Logout: what ends, who is asked first, and where nobody is sent.

use http::Method;
use keywright_domain::Period;
use keywright_tests::flow::{Changes, pairs_of};
use keywright_tests::{Answer, FlowClient, TestIssuer, Visitor, escaped, forge, on_both_engines};
use serde_json::json;

const OPENID: Changes<'_> = &[("scope", Some("openid"))];
const BYE: &str = "https://app.example/bye";
const LOGIN: &str = "__Host-keywright";

/// A client that may take people back to [`BYE`].
async fn app(issuer: &TestIssuer) -> FlowClient {
    let more = json!({ "post_logout_redirect_uris": [BYE] });
    issuer.openid_client("app", more).await
}

/// Somebody logged in in a browser and at the client, with the ID token that the client has of them.
async fn at_app(issuer: &TestIssuer, name: &str, app: &FlowClient) -> (Visitor, Answer) {
    let mut visitor = issuer.visitor_named(name).await;
    let tokens = app.tokens(&mut visitor, OPENID).await;
    issuer.new_events().await;
    (visitor, tokens)
}

fn request(pairs: &[(&str, &str)]) -> String {
    format!("/oauth2/logout?{}", form(pairs))
}

fn form(pairs: &[(&str, &str)]) -> String {
    let pair = |(name, value): &(&str, &str)| format!("{name}={}", escaped(value));
    pairs.iter().map(pair).collect::<Vec<_>>().join("&")
}

/// Arrived at the client with this `state`.
#[track_caller]
fn arrived(answer: &Answer, state: &str) {
    assert_eq!(answer.status, 303, "{answer}");
    let location = answer.header("location").unwrap();
    let rest = location.strip_prefix(BYE).expect(location);
    assert_eq!(pairs_of(&rest[1..])["state"], state, "{location}");
}

/// An error page that names `parameter`, and no way to anywhere.
#[track_caller]
fn refused(answer: &Answer, code: &str, parameter: &str) {
    assert_eq!(answer.status, 400, "{answer}");
    assert_eq!(answer.header("location"), None);
    let page = answer.text();
    assert!(
        page.contains(&format!("id=\"error-code\">{code}<")),
        "{answer}"
    );
    assert!(
        page.contains(&format!("<code>{parameter}</code>")),
        "{answer}"
    );
}

on_both_engines! {
    async fn hint_of_the_person_logs_them_out_and_takes_them_back(issuer: TestIssuer) {
        let app = app(&issuer).await;
        let (mut ann, tokens) = at_app(&issuer, "ann", &app).await;
        let mut copied = ann.clone();
        let asked = request(&[
            ("id_token_hint", &tokens.str("/id_token")),
            ("post_logout_redirect_uri", BYE),
            ("state", "fare well&good=bye"),
            ("logout_hint", "ann"),
            ("ui_locales", "fr"),
        ]);
        let answer = ann.open(&asked).await;
        arrived(&answer, "fare well&good=bye");
        assert_eq!(ann.cookie(LOGIN), None);
        assert_eq!(issuer.new_events().await, ["account.login.ended"]);
        copied.is_out().await;
        app.refresh(&tokens.str("/refresh_token")).await.is(400);
        app.bearing(&tokens).get("/oauth2/userinfo").await.is(401);
        let audit = issuer.admin().await.get("/admin/v1/audit?limit=20").await.json();
        let ended = audit["entries"].as_array().unwrap().iter().find(|entry| entry["event"] == "account.login.ended");
        assert_eq!(ended.unwrap()["client_id"], "app", "who asked is on record: {audit}");
    }

    async fn session_with_offline_access_goes_on(issuer: TestIssuer) {
        let app = app(&issuer).await;
        let mut ann = issuer.visitor_named("ann").await;
        let tokens = app.tokens(&mut ann, &[("scope", Some("openid offline_access"))]).await;
        ann.open(&request(&[("id_token_hint", &tokens.str("/id_token"))])).await.is(200);
        ann.is_out().await;
        app.refresh(&tokens.str("/refresh_token")).await.is(200);
    }

    async fn hint_counts_however_old_and_without_an_address_the_page_says_so(issuer: TestIssuer) {
        let app = app(&issuer).await;
        let (_, tokens) = at_app(&issuer, "ann", &app).await;
        issuer.advance(Period::days(20)).await;
        let mut later = issuer.visitor_named("ann").await;
        let page = later.open(&request(&[("id_token_hint", &tokens.str("/id_token"))])).await.is(200);
        assert!(page.text().contains("id=\"logged-out\""), "{page}");
        later.is_out().await;
    }

    /// Whoever finds an ID token in a log must not end a session with it.
    async fn hint_ends_nothing_but_what_belongs_to_this_browser(issuer: TestIssuer) {
        let app = app(&issuer).await;
        let (mut ann, tokens) = at_app(&issuer, "ann", &app).await;
        let asked = request(&[
            ("id_token_hint", &tokens.str("/id_token")),
            ("post_logout_redirect_uri", BYE),
            ("state", "s"),
        ]);
        let mut thief = issuer.visitor();
        arrived(&thief.open(&asked).await, "s");
        assert!(issuer.new_events().await.is_empty());
        ann.is_in().await;
        app.refresh(&tokens.str("/refresh_token")).await.is(200);

        let mut bob = issuer.visitor_named("bob").await;
        let page = bob.open(&asked).await.is(200);
        assert!(page.text().contains("id=\"logout-form\""), "{page}");
        bob.is_in().await;
        ann.is_in().await;
    }

    async fn post_takes_the_request_through_the_browser_unread(issuer: TestIssuer) {
        let app = app(&issuer).await;
        let (mut ann, tokens) = at_app(&issuer, "ann", &app).await;
        let hint = tokens.str("/id_token");
        let body = form(&[("id_token_hint", &hint), ("post_logout_redirect_uri", BYE), ("state", "s")]);
        // As another site's form comes: without cookies.
        let call = issuer.visitor().call(Method::POST, "/oauth2/logout").form(&body).send().await.is(303);
        let location = call.header("location").unwrap().to_owned();
        assert!(location.starts_with("/oauth2/logout?ticket="), "{location}");
        assert!(!location.contains(&hint[..20]), "the ID token stays out of the address");
        arrived(&ann.open(&location).await, "s");
        ann.is_out().await;
        issuer.advance(Period::minutes(30)).await;
        let late = ann.open(&location).await.is(400);
        assert!(late.text().contains("page_expired"), "{late}");
    }

    async fn without_a_hint_the_person_is_asked_and_then_taken_back(issuer: TestIssuer) {
        let app = app(&issuer).await;
        let (mut ann, tokens) = at_app(&issuer, "ann", &app).await;
        let asked = request(&[("client_id", "app"), ("post_logout_redirect_uri", BYE), ("state", "s")]);
        let page = ann.open(&asked).await.is(200);
        assert!(page.text().contains("id=\"client-name\">The app app<"), "{page}");
        assert!(issuer.new_events().await.is_empty(), "nothing ends before the person says so");
        app.refresh(&tokens.str("/refresh_token")).await.is(200);
        let ticket = ann.ticket();
        let answer = ann.submit("/logout/confirm", &[("ticket", &ticket)]).await;
        arrived(&answer, "s");
        assert_eq!(ann.cookie(LOGIN), None);
        ann.is_out().await;
        app.refresh(&tokens.str("/refresh_token")).await.is(400);
    }

    async fn nobody_is_asked_where_nobody_is_logged_in(issuer: TestIssuer) {
        app(&issuer).await;
        let mut visitor = issuer.visitor();
        let asked = request(&[("client_id", "app"), ("post_logout_redirect_uri", BYE), ("state", "s")]);
        let answer = visitor.open(&asked).await;
        arrived(&answer, "s");
        assert_eq!(answer.header("set-cookie"), None, "a request without the cookie takes none away");
        let page = visitor.open("/oauth2/logout").await.is(200);
        assert!(page.text().contains("id=\"logged-out\""), "{page}");
    }

    async fn nobody_is_sent_to_an_address_that_is_not_registered(issuer: TestIssuer) {
        let app = app(&issuer).await;
        let more = json!({ "post_logout_redirect_uris": ["https://shop.example/bye"] });
        issuer.openid_client("shop", more).await;
        let (mut ann, tokens) = at_app(&issuer, "ann", &app).await;
        let hint = tokens.str("/id_token");
        for address in [
            "https://evil.example/bye",
            "https://app.example/by",
            "https://app.example/bye/more",
            "https://app.example/bye?x=1",
            "https://app.example/%62ye",
            "https://app.example/cb",
            "https://shop.example/bye",
            "http://app.example/bye",
            "https://app.example@evil.example/bye",
            "//app.example/bye",
            "javascript:alert(1)//app.example/bye",
            "https://app.example/bye\r\nset-cookie: a=b",
        ] {
            let with_hint = request(&[("id_token_hint", &hint), ("post_logout_redirect_uri", address)]);
            let by_name = request(&[("client_id", "app"), ("post_logout_redirect_uri", address)]);
            for asked in [with_hint, by_name] {
                let answer = ann.open(&asked).await;
                refused(&answer, "invalid_redirect_uri", "post_logout_redirect_uri");
            }
            // Limits would answer in place of the page.
            issuer.advance(Period::minutes(10)).await;
        }
        let nobodys = ann.open(&request(&[("post_logout_redirect_uri", BYE)])).await;
        refused(&nobodys, "invalid_redirect_uri", "post_logout_redirect_uri");
        ann.is_in().await;
    }

    async fn what_contradicts_itself_is_refused_by_name(issuer: TestIssuer) {
        let app = app(&issuer).await;
        issuer.openid_client("shop", json!({ "post_logout_redirect_uris": [BYE] })).await;
        let (mut ann, tokens) = at_app(&issuer, "ann", &app).await;
        let hint = tokens.str("/id_token");
        let forged = forge::tampered(&hint);
        let access = tokens.str("/access_token");
        let bye = ("post_logout_redirect_uri", BYE);
        for (pairs, code, parameter) in [
            (vec![("id_token_hint", hint.as_str()), ("client_id", "shop"), bye], "invalid_field", "client_id"),
            (vec![("id_token_hint", &forged), bye], "invalid_field", "id_token_hint"),
            (vec![("id_token_hint", &access), bye], "invalid_field", "id_token_hint"),
            (vec![("id_token_hint", "x"), ("client_id", "app"), bye], "invalid_field", "id_token_hint"),
            (vec![("client_id", "nobody"), bye], "invalid_client", "client_id"),
            (vec![("client_id", "app"), ("client_id", "shop"), bye], "invalid_field", "client_id"),
            (vec![("client_id", "app"), bye, bye], "invalid_field", "post_logout_redirect_uri"),
        ] {
            refused(&ann.open(&request(&pairs)).await, code, parameter);
        }
        ann.is_in().await;
    }

    async fn ticket_of_one_page_is_none_of_another(issuer: TestIssuer) {
        let app = app(&issuer).await;
        let mut visitor = issuer.visitor();
        visitor.open(&app.request(&[])).await.is(200);
        let ticket = visitor.ticket();
        for ticket in [ticket.as_str(), "", "AAAA"] {
            let answer = visitor.clone().submit("/logout/confirm", &[("ticket", ticket)]).await.is(400);
            assert!(answer.text().contains("page_expired"), "{answer}");
        }
    }

    async fn client_that_is_disabled_takes_nobody_anywhere(issuer: TestIssuer) {
        let app = app(&issuer).await;
        let (mut ann, tokens) = at_app(&issuer, "ann", &app).await;
        let disabled = json!({ "disabled": true });
        let admin = issuer.admin().await;
        admin.call(Method::PATCH, "/admin/v1/clients/app").json(&disabled).send().await.is(200);
        let asked = request(&[("id_token_hint", &tokens.str("/id_token")), ("post_logout_redirect_uri", BYE)]);
        refused(&ann.open(&asked).await, "invalid_client", "client_id");
    }

    async fn pairwise_person_is_known_by_the_name_that_the_client_has(issuer: TestIssuer) {
        let more = json!({ "post_logout_redirect_uris": [BYE], "subject_type": "pairwise" });
        let app = issuer.openid_client("app", more).await;
        let (mut ann, tokens) = at_app(&issuer, "ann", &app).await;
        let asked = request(&[("id_token_hint", &tokens.str("/id_token")), ("post_logout_redirect_uri", BYE), ("state", "s")]);
        arrived(&ann.open(&asked).await, "s");
        ann.is_out().await;
    }
}
