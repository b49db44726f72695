use keywright_tests::{TestIssuer, on_both_engines};

on_both_engines! {
    async fn administrator_sees_and_ends_one_session(issuer: TestIssuer) {
        let admin = issuer.admin().await;
        let (ann, bob) = (issuer.user("ann").await, issuer.user("bob").await);
        let list = admin.get("/admin/v1/sessions").await.is(200);
        assert_eq!(list.json()["sessions"].as_array().unwrap().len(), 3);
        issuer.new_events().await;
        admin.delete(&format!("/admin/v1/sessions/{}", ann.session_id)).await.is(204);
        assert_eq!(issuer.new_events().await, ["session.ended"]);
        ann.is_out().await;
        bob.is_in().await;
        let again = admin.delete(&format!("/admin/v1/sessions/{}", ann.session_id)).await;
        again.is_problem(404, "not_found");
    }

    async fn administrator_ends_all_sessions_of_a_user(issuer: TestIssuer) {
        let admin = issuer.admin().await;
        let (one, two, bob) =
            (issuer.user("ann").await, issuer.user("ann").await, issuer.user("bob").await);
        let id = one.get("/v1/me").await.str("/id");
        let answer = admin.delete(&format!("/admin/v1/sessions?user={id}")).await;
        assert!(answer.status.is_success(), "{answer}");
        one.is_out().await;
        two.is_out().await;
        bob.is_in().await;
    }
}
