use keywright_tests::{TestIssuer, on_both_engines};

const LOGIN: &str = "__Host-keywright";

on_both_engines! {
    async fn button_logs_this_browser_out_and_no_other(issuer: TestIssuer) {
        let mut ann = issuer.visitor_named("ann").await;
        let mut copied = ann.clone();
        let mut elsewhere = issuer.visitor_named("ann").await;
        let session = issuer.user("ann").await;
        issuer.new_events().await;
        let page = ann.submit("/logout", &[]).await.is(200);
        assert!(page.text().contains("id=\"logged-out\""), "{page}");
        assert_eq!(ann.cookie(LOGIN), None);
        assert_eq!(issuer.new_events().await, ["account.login.ended"]);
        ann.is_out().await;
        copied.is_out().await;
        elsewhere.is_in().await;
        session.is_in().await;
    }

    async fn page_asks_by_name_and_leaves_who_stays(issuer: TestIssuer) {
        let mut ann = issuer.visitor_named("ann").await;
        let page = ann.open("/oauth2/logout").await.is(200);
        for part in ["id=\"logout-form\"", "action=\"/logout/confirm\"", "id=\"logout-submit\"", "id=\"account-name\">ann<"] {
            assert!(page.text().contains(part), "{part} is not on {page}");
        }
        assert!(!page.text().contains("client-name"), "nobody asks");
        let policy = page.header("content-security-policy").unwrap();
        assert!(policy.contains("frame-ancestors 'none'"), "{policy}");
        ann.is_in().await;
        ann.open("/oauth2/logout").await.is(200);
        let ticket = ann.ticket();
        let over = ann.submit("/logout/confirm", &[("ticket", &ticket)]).await.is(200);
        assert!(over.text().contains("id=\"logged-out\""), "{over}");
        ann.is_out().await;
    }

    async fn second_logout_leads_to_the_login_page(issuer: TestIssuer) {
        let mut ann = issuer.visitor_named("ann").await;
        let mut other_tab = ann.clone();
        ann.submit("/logout", &[]).await.is(200);
        issuer.new_events().await;
        let page = other_tab.submit("/logout", &[]).await.is(200);
        assert!(page.text().contains("id=\"login-form\""), "{page}");
        assert!(issuer.new_events().await.is_empty());
    }
}
