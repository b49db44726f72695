use http::Method;
use keywright_domain::Period;
use keywright_tests::{TestIssuer, Visitor, attribute, on_both_engines, seed};
use serde_json::json;

const LOGIN: &str = "__Host-keywright";
const VISIT: &str = "__Host-keywright-visit";

/// The text of the alert on the page.
fn alert(visitor: &Visitor) -> String {
    let page = visitor.page.as_ref().unwrap().text();
    let (_, rest) = page.split_once("id=\"login-error\"").expect("an alert");
    let (_, rest) = rest.split_once('>').unwrap();
    rest.split_once("</p>").unwrap().0.to_owned()
}

on_both_engines! {
    async fn right_password_logs_the_browser_in(issuer: TestIssuer) {
        let mut ann = issuer.visitor();
        ann.open("/login").await.is(200);
        let answer = ann.sending("/login", &[("username", "ann"), ("password", seed::PASSWORD)]).send().await.is(303);
        assert_eq!(answer.header("location"), Some("/account"));
        let set = answer.header("set-cookie").unwrap();
        assert!(set.starts_with("__Host-keywright=kwb_"), "{set}");
        assert!(set.ends_with("; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=2592000"), "{set}");
        assert_eq!(issuer.new_events().await, ["account.login.succeeded"]);

        ann.type_in("ann", seed::PASSWORD).await.is(200);
        ann.is_in().await;
        assert!(ann.page.as_ref().unwrap().text().contains("ann@people.example"));
        let again = ann.call(Method::GET, "/login").send().await.is(303);
        assert_eq!(again.header("location"), Some("/account"), "who is logged in is not asked again");
    }

    async fn nobody_learns_from_the_page_why_a_login_was_refused(issuer: TestIssuer) {
        let admin = issuer.admin().await;
        let bob = issuer.user("bob").await.get("/v1/me").await.str("/id");
        admin.post(&format!("/admin/v1/users/{bob}/disable"), &json!({})).await.is(204);
        let fresh = json!({ "username": "cleo", "email": seed::email("cleo"), "password": seed::PASSWORD });
        issuer.anonymous().post("/v1/register", &fresh).await.is(201);
        issuer.new_events().await;

        let mut visitor = issuer.visitor();
        visitor.open("/login").await;
        let mut seen = Vec::new();
        for (name, password) in [
            ("ann", "not the right one"),
            ("nobody", "not the right one"),
            ("bob", seed::PASSWORD),
            ("cleo", seed::PASSWORD),
        ] {
            let (writes, hashes) = (issuer.store().writes(), issuer.hashes());
            let answer = visitor.type_in(name, password).await.is(422);
            assert_eq!(visitor.cookie(LOGIN), None);
            // What was typed is shown again; nothing else may differ, not even by its length.
            let page = answer.comparable().replace(name, "NAME");
            let page = page.replace(&format!("content-length: {}", answer.body.len()), "");
            seen.push((page, issuer.store().writes() - writes, issuer.hashes() - hashes));
        }
        assert!(seen.iter().all(|one| *one == seen[0]), "{seen:#?}");
        assert_eq!(issuer.new_events().await, ["account.login.failed"; 4]);
        assert!(alert(&visitor).starts_with("That name and password do not fit together"));
    }

    async fn guesses_at_the_page_and_at_the_api_are_one_account(issuer: TestIssuer) {
        let mut visitor = issuer.visitor();
        visitor.open("/login").await;
        for _ in 1..seed::FORGIVEN {
            visitor.type_in("ann", "wrong").await.is(422);
        }
        let wrong = json!({ "username": "ann", "password": "wrong" });
        issuer.anonymous().post("/v1/login", &wrong).await.is(401);
        let answer = visitor.type_in("ann", seed::PASSWORD).await.is(429);
        assert_eq!(answer.header("retry-after"), Some("60"));
        assert_eq!(alert(&visitor), "Too many attempts. Try again in 60 s.");
        issuer.advance(Period::secs(60)).await;
        visitor.type_in("ann", seed::PASSWORD).await.is(200);
        visitor.is_in().await;
    }

    async fn fields_left_empty_are_no_attempt(issuer: TestIssuer) {
        let hashes = issuer.hashes();
        let mut visitor = issuer.visitor();
        visitor.open("/login").await;
        for (name, password) in [("", seed::PASSWORD), ("ann", ""), ("", "")] {
            visitor.type_in(name, password).await.is(422);
            assert_eq!(alert(&visitor), "Enter your name and your password.");
        }
        assert_eq!(issuer.hashes(), hashes);
        assert!(issuer.new_events().await.is_empty());
    }

    async fn what_was_typed_is_shown_again_as_text(issuer: TestIssuer) {
        let mut visitor = issuer.visitor();
        visitor.open("/login").await;
        let name = "\"><script>alert(1)</script>";
        let page = visitor.type_in(name, "wrong").await.is(422);
        assert!(!page.text().contains("<script"), "{page}");
        let shown = attribute(page.text(), "type=\"text\" value=\"").unwrap();
        assert!(shown.starts_with("&#34;&#62;&#60;script"), "{shown}");
        assert!(!page.text().contains("wrong"), "a password is not shown again");
    }

    /// Session fixation: whatever cookie the browser had before, the login has another, and the old one is worth nothing.
    async fn login_never_goes_on_under_the_cookie_that_was_there_before(issuer: TestIssuer) {
        let mut ann = issuer.visitor_named("ann").await;
        let before = ann.clone();
        let first = ann.cookie(LOGIN).unwrap().to_owned();
        let fields = [("username", "ann"), ("password", seed::PASSWORD)];
        ann.submit("/login", &fields).await.is(200);
        assert_ne!(ann.cookie(LOGIN), Some(first.as_str()));
        before.clone().is_out().await;
        ann.is_in().await;

        let mut planted = issuer.visitor();
        planted.set_cookie(LOGIN, &first);
        planted.log_in("bob", seed::PASSWORD).await.is(200);
        assert_ne!(planted.cookie(LOGIN), Some(first.as_str()));
    }

    async fn login_ends_by_idleness_and_by_age(issuer: TestIssuer) {
        let mut idle = issuer.visitor_named("ann").await;
        let mut busy = issuer.visitor_named("bob").await;
        for _ in 0..4 {
            issuer.advance(Period::days(6)).await;
            busy.is_in().await;
        }
        idle.is_out().await;
        issuer.advance(Period::days(6)).await;
        busy.is_out().await;
    }

    async fn forged_cookies_are_nobody(issuer: TestIssuer) {
        let ann = issuer.visitor_named("ann").await;
        let genuine = ann.cookie(LOGIN).unwrap().to_owned();
        let last = if genuine.ends_with('A') { "B" } else { "A" };
        let edited = format!("{}{last}", &genuine[..genuine.len() - 1]);
        for forged in [edited.as_str(), "", "kwb_", "kwb_AAAA", &genuine[4..], "\u{e9}"] {
            let mut thief = issuer.visitor();
            thief.set_cookie(LOGIN, forged);
            thief.is_out().await;
        }
        let mut bearer = issuer.visitor();
        bearer.set_cookie(LOGIN, &issuer.user("ann").await.access_token);
        bearer.is_out().await;
    }

    async fn page_sets_one_cookie_for_its_forms_and_keeps_it(issuer: TestIssuer) {
        let mut visitor = issuer.visitor();
        let first = visitor.open("/login").await;
        assert!(first.header("set-cookie").unwrap().starts_with("__Host-keywright-visit="));
        let visit = visitor.cookie(VISIT).unwrap().to_owned();
        let second = visitor.open("/login").await;
        assert_eq!(second.header("set-cookie"), None);
        visitor.type_in("ann", seed::PASSWORD).await.is(200);
        assert_eq!(visitor.cookie(VISIT), Some(visit.as_str()), "other tabs' forms stay good");
    }

    async fn nothing_is_written_for_a_visitor_who_only_looks(issuer: TestIssuer) {
        let before = issuer.store().writes();
        let mut visitor = issuer.visitor();
        visitor.open("/login").await.is(200);
        visitor.open("/account").await.is(200);
        assert_eq!(issuer.store().writes(), before);
    }
}
