use keywright_tests::flow::decide;
use keywright_tests::{TestIssuer, attribute, on_both_engines, seed};
use serde_json::json;

const NEW_PASSWORD: &str = "nine herons carve soap";

on_both_engines! {
    async fn account_page_shows_who_and_what_is_logged_in(issuer: TestIssuer) {
        let mut ann = issuer.visitor_named("ann").await;
        let page = ann.open("/account").await.is(200);
        assert!(page.text().contains("id=\"no-sessions\""), "{page}");
        issuer.user("ann").await;
        issuer.user("bob").await;
        issuer.visitor_named("bob").await;
        let page = ann.open("/account").await.is(200);
        let text = page.text();
        assert!(text.contains("<dd id=\"account-username\">ann</dd>"), "{page}");
        assert!(!text.contains("bob"));
        assert_eq!(text.matches("/account/sessions/").count(), 1, "{page}");
        assert_eq!(text.matches("this browser").count(), 1, "{page}");
        assert!(!text.contains("/account/logins/"), "one does not end the login that one sits at from the list");
    }

    async fn person_ends_one_of_their_sessions(issuer: TestIssuer) {
        let mut ann = issuer.visitor_named("ann").await;
        let (first, second) = (issuer.user("ann").await, issuer.user("ann").await);
        ann.open("/account").await;
        issuer.new_events().await;
        ann.submit(&format!("/account/sessions/{}/end", first.session_id), &[]).await.is(200);
        assert_eq!(issuer.new_events().await, ["session.ended"]);
        first.is_out().await;
        second.is_in().await;
        ann.is_in().await;
    }

    async fn person_takes_back_what_a_client_was_allowed(issuer: TestIssuer) {
        let app = issuer.flow_client("shop").await;
        let mut ann = issuer.visitor_named("ann").await;
        ann.open(&app.request(&[])).await.is(200);
        let answer = decide(&mut ann, "allow").await;
        let code = app.response(&answer)["code"].clone();
        app.exchange(&code, &[]).await.is(200);
        let page = ann.open("/account").await.is(200);
        assert!(page.text().contains("<strong>The shop app</strong>"), "{page}");
        assert!(page.text().contains("<code>read:orders</code> at https://orders.example"), "{page}");
        issuer.new_events().await;
        let page = ann.submit("/account/consents/shop/withdraw", &[]).await.is(200);
        assert!(!page.text().contains("id=\"consents\""), "{page}");
        assert!(page.text().contains("id=\"no-sessions\""), "{page}");
        assert_eq!(issuer.new_events().await, ["authorization.consent.withdrawn"]);
        ann.submit("/account/consents/shop/withdraw", &[]).await.is(404);
        let page = ann.open(&app.request(&[])).await.is(200);
        assert!(page.text().contains("id=\"consent-form\""), "{page}");
    }

    async fn somebody_elses_session_and_login_are_as_unknown_as_none(issuer: TestIssuer) {
        let mut ann = issuer.visitor_named("ann").await;
        let bob = issuer.user("bob").await;
        let mut bobs = issuer.visitor_named("bob").await;
        let login = login_of(&issuer).await;
        let none = "018f0000-0000-7000-8000-000000000000";
        for (kind, id) in [("sessions", bob.session_id.as_str()), ("logins", login.as_str())] {
            ann.open("/account").await;
            let of_bob = ann.submit(&format!("/account/{kind}/{id}/end"), &[]).await.is(404);
            ann.open("/account").await;
            let of_nobody = ann.submit(&format!("/account/{kind}/{none}/end"), &[]).await;
            assert_eq!(of_bob.comparable(), of_nobody.comparable());
        }
        bob.is_in().await;
        bobs.is_in().await;
    }

    async fn person_logs_another_browser_out(issuer: TestIssuer) {
        let mut lost = issuer.visitor_named("ann").await;
        let mut ann = issuer.visitor_named("ann").await;
        let page = ann.open("/account").await;
        let action = attribute(page.text(), "action=\"/account/logins/").unwrap();
        ann.submit(&format!("/account/logins/{action}"), &[]).await.is(200);
        lost.is_out().await;
        ann.is_in().await;
    }

    async fn logging_out_everywhere_ends_every_session_and_every_login(issuer: TestIssuer) {
        let mut ann = issuer.visitor_named("ann").await;
        let mut elsewhere = issuer.visitor_named("ann").await;
        let session = issuer.user("ann").await;
        let mut bob = issuer.visitor_named("bob").await;
        ann.open("/account").await;
        let page = ann.submit("/account/logout", &[]).await.is(200);
        assert!(page.text().contains("id=\"logged-out\""), "{page}");
        ann.is_out().await;
        elsewhere.is_out().await;
        session.is_out().await;
        bob.is_in().await;
    }

    async fn password_change_ends_all_else_and_renews_the_cookie(issuer: TestIssuer) {
        let mut ann = issuer.visitor_named("ann").await;
        let mut copied = ann.clone();
        let mut elsewhere = issuer.visitor_named("ann").await;
        let session = issuer.user("ann").await;
        ann.open("/account").await;
        issuer.new_events().await;
        let fields = [("current_password", seed::PASSWORD), ("new_password", NEW_PASSWORD)];
        ann.submit("/account/password", &fields).await.is(200);
        assert_eq!(issuer.new_events().await, ["account.password.changed", "account.login.succeeded"]);
        ann.is_in().await;
        copied.is_out().await;
        elsewhere.is_out().await;
        session.is_out().await;
        issuer.visitor().log_in("ann", NEW_PASSWORD).await.is(200);
    }

    async fn password_form_says_what_is_wrong(issuer: TestIssuer) {
        let mut ann = issuer.visitor_named("ann").await;
        for (current, new, says) in [
            ("not the right one", NEW_PASSWORD, "The current password is wrong."),
            (seed::PASSWORD, "password", "password"),
        ] {
            ann.open("/account").await;
            let fields = [("current_password", current), ("new_password", new)];
            let page = ann.submit("/account/password", &fields).await.is(422);
            let (_, rest) = page.text().split_once("id=\"password-error\"").unwrap();
            assert!(rest.split_once("</p>").unwrap().0.contains(says), "{page}");
        }
        for _ in 1..seed::FORGIVEN {
            ann.open("/account").await;
            ann.submit("/account/password", &[("current_password", "guess"), ("new_password", NEW_PASSWORD)]).await.is(422);
        }
        ann.open("/account").await;
        let fields = [("current_password", seed::PASSWORD), ("new_password", NEW_PASSWORD)];
        ann.submit("/account/password", &fields).await.is(429);
    }

    /// Whatever ends all sessions of a person ends their logins: a browser that stayed logged in would open the next session.
    async fn what_ends_all_sessions_ends_all_logins(issuer: TestIssuer) {
        let admin = issuer.admin().await;
        let id = issuer.user("ann").await.get("/v1/me").await.str("/id");
        let user = format!("/admin/v1/users/{id}");

        let mut browser = issuer.visitor_named("ann").await;
        issuer.user("ann").await.delete("/v1/sessions").await.is(200);
        browser.is_out().await;

        let mut browser = issuer.visitor_named("ann").await;
        admin.delete(&format!("/admin/v1/sessions?user={id}")).await.is(200);
        browser.is_out().await;

        let mut browser = issuer.visitor_named("ann").await;
        let change = json!({ "current_password": seed::PASSWORD, "new_password": NEW_PASSWORD });
        issuer.user("ann").await.post("/v1/password", &change).await.is(204);
        browser.is_out().await;

        let mut browser = issuer.visitor();
        browser.log_in("ann", NEW_PASSWORD).await;
        admin.put(&format!("{user}/password"), &json!({ "password": seed::PASSWORD })).await.is(204);
        browser.is_out().await;

        let mut browser = issuer.visitor_named("ann").await;
        admin.post(&format!("{user}/disable"), &json!({})).await.is(204);
        browser.is_out().await;
        admin.post(&format!("{user}/enable"), &json!({})).await.is(204);
        browser.is_out().await;

        let mut browser = issuer.visitor_named("ann").await;
        admin.delete(&user).await.is(204);
        browser.is_out().await;
    }
}

/// The login that the audit log named last.
async fn login_of(issuer: &TestIssuer) -> String {
    let entries = issuer.new_entries().await;
    let last = entries.last().expect("an entry");
    last.detail.clone().expect("a login's id")
}
