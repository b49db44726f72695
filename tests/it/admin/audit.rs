use keywright_tests::{TestIssuer, on_both_engines};

on_both_engines! {
    async fn log_shows_who_did_what_and_verifies(issuer: TestIssuer) {
        let admin = issuer.admin().await;
        let ann = issuer.user("ann").await;
        ann.log_out().await.is(204);
        let newest = admin.get("/admin/v1/audit?limit=2").await.is(200);
        let entries = newest.json()["entries"].as_array().unwrap().clone();
        assert_eq!(entries.len(), 2);
        let ended = entries.iter().find(|entry| entry["event"] == "session.ended").unwrap();
        assert_eq!(ended["session_id"], ann.session_id);
        assert_eq!(ended["address"], "203.0.113.7");
        assert!(!newest.text().contains("people.example"), "no personal data in the log: {newest}");

        let chains = admin.get("/admin/v1/audit/chains").await.is(200).json();
        let report = admin.get("/admin/v1/audit/verify").await.is(200).json();
        assert_eq!(report["intact"], true, "{report}");
        assert_eq!(report["chains"], chains["chains"], "nothing happened in between");
    }
}
