use http::header::USER_AGENT;
use keywright_domain::Period;
use keywright_tests::{Person, TestIssuer, on_both_engines, seed};
use serde_json::json;

on_both_engines! {
    async fn sessions_are_listed_with_device_address_and_times(issuer: TestIssuer) {
        let laptop = issuer.anonymous().from_address("198.51.100.3");
        let login = json!({ "username": "ann", "password": seed::PASSWORD });
        let call = laptop.call(http::Method::POST, "/v1/login").header(USER_AGENT, "Laptop/1.0");
        let ann = Person::of(&laptop, &call.json(&login).send().await.is(200));
        issuer.advance(Period::hours(1)).await;
        let phone = issuer.user("ann").await;
        let ann = ann.refreshed().await;

        let sessions = phone.get("/v1/sessions").await.is(200).json();
        let sessions = sessions["sessions"].as_array().unwrap();
        assert_eq!(sessions.len(), 2);
        let find = |id: &str| sessions.iter().find(|s| s["id"] == id).unwrap();
        let (mine, other) = (find(&phone.session_id), find(&ann.session_id));
        assert_eq!(mine["current"], true);
        assert_eq!(other["current"], false);
        assert_eq!(other["device"], "Laptop/1.0");
        assert_eq!(other["created_at"], json!(1_767_225_600));
        assert_eq!(other["last_used_at"], json!(1_767_225_600 + 3600));
    }

    async fn one_session_is_ended_by_its_id(issuer: TestIssuer) {
        let (here, there) = (issuer.user("ann").await, issuer.user("ann").await);
        here.delete(&format!("/v1/sessions/{}", there.session_id)).await.is(204);
        there.is_out().await;
        here.is_in().await;
        let again = here.delete(&format!("/v1/sessions/{}", there.session_id)).await;
        again.is_problem(404, "not_found");
    }

    async fn somebody_elses_session_is_as_unknown_as_none(issuer: TestIssuer) {
        let (ann, bob) = (issuer.user("ann").await, issuer.user("bob").await);
        let none = "/v1/sessions/018f0000-0000-7000-8000-000000000000";
        let of_bob = ann.delete(&format!("/v1/sessions/{}", bob.session_id)).await;
        let of_nobody = ann.delete(none).await;
        assert_eq!(of_bob.comparable(), of_nobody.comparable());
        of_bob.is_problem(404, "not_found");
        bob.is_in().await;
    }

    async fn all_sessions_end_at_once(issuer: TestIssuer) {
        let (here, there) = (issuer.user("ann").await, issuer.user("ann").await);
        let bob = issuer.user("bob").await;
        issuer.new_events().await;
        let answer = here.delete("/v1/sessions").await;
        assert!(answer.status.is_success(), "{answer}");
        assert_eq!(issuer.new_events().await, ["session.all_ended"]);
        here.is_out().await;
        there.is_out().await;
        bob.is_in().await;
    }
}
