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
