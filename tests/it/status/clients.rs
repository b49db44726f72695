use keywright_domain::feed::StatusValue::{Invalid, Stale, Suspended, Valid};
use keywright_tests::{Person, TestIssuer, on_both_engines, seed};
use serde_json::json;

use super::watch::{entry, status, verdict};

const SVC: &str = "/admin/v1/clients/svc";

async fn service_token(issuer: &TestIssuer) -> String {
    let grant = [("grant_type", "client_credentials")];
    let answer = issuer.client("svc").token(&grant).await;
    answer.is(200).str("/access_token")
}

async fn set_disabled(admin: &Person, disabled: bool) {
    let change = json!({ "disabled": disabled });
    admin.patch(SVC, &change).await.is(200);
}

on_both_engines! {
    async fn tokens_of_a_client_share_an_entry_and_are_suspended_with_it(issuer: TestIssuer) {
        let admin = issuer.admin().await;
        let (one, two) = (service_token(&issuer).await, service_token(&issuer).await);
        assert_eq!(entry(&one), entry(&two));
        assert_eq!(verdict(&issuer, &one).await, Ok(()));
        set_disabled(&admin, true).await;
        assert_eq!(status(&issuer, &one).await, Suspended);
        set_disabled(&admin, false).await;
        assert_eq!(status(&issuer, &one).await, Valid);
        assert_eq!(entry(&service_token(&issuer).await), entry(&one));
        admin.delete(SVC).await.is(204);
        assert_eq!(status(&issuer, &one).await, Invalid);
    }

    async fn client_that_may_do_less_gets_another_entry_and_its_old_tokens_are_stale(issuer: TestIssuer) {
        let admin = issuer.admin().await;
        let old = service_token(&issuer).await;
        let less = json!({ "allowed": { (seed::ORDERS): "read:orders" } });
        admin.patch(SVC, &less).await.is(200);
        let new = service_token(&issuer).await;
        assert_ne!(entry(&new), entry(&old));
        assert_eq!(status(&issuer, &old).await, Stale);
        assert_eq!(verdict(&issuer, &new).await, Ok(()));
    }

    async fn disabled_first_party_client_ends_its_sessions_for_verifiers_too(issuer: TestIssuer) {
        let admin = issuer.admin().await;
        let phone = json!({ "username": "ann", "password": seed::PASSWORD, "client_id": "phone" });
        let (ann, web) = (issuer.log_in(&phone).await, issuer.user("ann").await);
        admin.patch("/admin/v1/clients/phone", &json!({ "disabled": true })).await.is(200);
        assert_eq!(status(&issuer, &ann.access_token).await, Invalid);
        assert_eq!(status(&issuer, &web.access_token).await, Valid);
    }

    async fn client_that_may_ask_for_less_makes_its_sessions_stale(issuer: TestIssuer) {
        let admin = issuer.admin().await;
        let phone = json!({ "username": "bob", "password": seed::PASSWORD, "client_id": "phone" });
        let (bob, web) = (issuer.log_in(&phone).await, issuer.user("bob").await);
        let less = json!({ "allowed": { (seed::ORDERS): "read:orders" } });
        admin.patch("/admin/v1/clients/phone", &less).await.is(200);
        assert_eq!(status(&issuer, &bob.access_token).await, Stale);
        assert_eq!(status(&issuer, &web.access_token).await, Valid);
    }

    async fn scope_that_an_api_drops_makes_those_stale_who_have_it(issuer: TestIssuer) {
        let (svc, bob, ann) =
            (service_token(&issuer).await, issuer.user("bob").await, issuer.user("ann").await);
        let api = seed::api(seed::ORDERS, &["read:orders"], keywright_jwt::Algorithm::Es256);
        let operator = keywright_domain::audit::Actor::Operator;
        issuer.issuer().put_api(&api, &operator).await.unwrap();
        assert_eq!(status(&issuer, &svc).await, Stale);
        assert_eq!(status(&issuer, &bob.access_token).await, Stale);
        assert_eq!(status(&issuer, &ann.access_token).await, Valid);
        assert_eq!(verdict(&issuer, &service_token(&issuer).await).await, Ok(()));
    }

    async fn client_of_an_older_release_is_given_an_entry_with_its_next_token(issuer: TestIssuer) {
        issuer.meddle("UPDATE clients SET status_list = NULL, status_index = NULL").await;
        let (one, two) = (service_token(&issuer).await, service_token(&issuer).await);
        assert_eq!(entry(&one), entry(&two));
        assert_eq!(verdict(&issuer, &one).await, Ok(()));
    }

    async fn session_of_an_older_release_is_given_an_entry_with_its_next_refresh(issuer: TestIssuer) {
        let ann = issuer.user("ann").await;
        issuer.meddle("UPDATE sessions SET status_list = NULL, status_index = NULL").await;
        let fresh = ann.refreshed().await;
        assert_eq!(verdict(&issuer, &fresh.access_token).await, Ok(()));
        let again = fresh.refreshed().await;
        assert_eq!(entry(&again.access_token), entry(&fresh.access_token));
        again.log_out().await.is(204);
        assert_eq!(status(&issuer, &fresh.access_token).await, Invalid);
    }
}
