use keywright_tests::{TestIssuer, on_both_engines};

async fn is_intact(issuer: &TestIssuer) -> bool {
    issuer.issuer().verify_audit().await.is_ok()
}

/// A log with some events in it.
async fn fill(issuer: &TestIssuer) {
    for _ in 0..3 {
        issuer.user("ann").await.log_out().await.is(204);
    }
    assert!(
        is_intact(issuer).await,
        "it verifies before anybody meddles"
    );
}

on_both_engines! {
    async fn invariant_11_an_edited_entry_is_found(issuer: TestIssuer) {
        fill(&issuer).await;
        issuer.meddle("UPDATE audit_entries SET detail = 'nothing' WHERE seq = 5").await;
        assert!(!is_intact(&issuer).await);
    }

    async fn invariant_11_a_removed_entry_is_found(issuer: TestIssuer) {
        fill(&issuer).await;
        issuer.meddle("DELETE FROM audit_entries WHERE seq = 5").await;
        assert!(!is_intact(&issuer).await);
    }

    async fn invariant_11_swapped_entries_are_found(issuer: TestIssuer) {
        fill(&issuer).await;
        issuer
            .meddle(
                "UPDATE audit_entries SET seq = -5 WHERE seq = 5;
                 UPDATE audit_entries SET seq = 5 WHERE seq = 6;
                 UPDATE audit_entries SET seq = 6 WHERE seq = -5;",
            )
            .await;
        assert!(!is_intact(&issuer).await);
    }

    async fn invariant_11_a_cut_end_is_found(issuer: TestIssuer) {
        fill(&issuer).await;
        let last = issuer.issuer().audit_heads().await.unwrap()[0].seq;
        issuer.meddle(&format!("DELETE FROM audit_entries WHERE seq = {last}")).await;
        assert!(!is_intact(&issuer).await);
    }

    async fn invariant_11_a_cut_end_with_a_matching_head_is_found(issuer: TestIssuer) {
        fill(&issuer).await;
        let last = issuer.issuer().audit_heads().await.unwrap()[0].seq;
        issuer
            .meddle(&format!(
                "DELETE FROM audit_entries WHERE seq = {last};
                 UPDATE audit_heads SET seq = {last} - 1,
                     hash = (SELECT hash FROM audit_entries WHERE seq = {last} - 1);"
            ))
            .await;
        assert!(!is_intact(&issuer).await, "the head has a MAC of its own");
    }

    async fn invariant_11_a_dropped_chain_is_found(issuer: TestIssuer) {
        fill(&issuer).await;
        issuer.meddle("DELETE FROM audit_heads").await;
        assert!(!is_intact(&issuer).await);
    }
}
