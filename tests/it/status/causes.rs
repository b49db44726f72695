use keywright_domain::Period;
use keywright_domain::feed::StatusValue::{Invalid, Stale, Valid};
use keywright_tests::{Person, TestIssuer, on_both_engines, seed};
use keywright_verify::Refusal;
use serde_json::json;

use super::watch::{entry, status, verdict};

async fn id_of(person: &Person) -> String {
    person.get("/v1/me").await.str("/id")
}

on_both_engines! {
    async fn token_names_an_entry_that_is_valid_until_logout(issuer: TestIssuer) {
        let ann = issuer.user("ann").await;
        assert_eq!(verdict(&issuer, &ann.access_token).await, Ok(()));
        ann.log_out().await.is(204);
        assert_eq!(verdict(&issuer, &ann.access_token).await, Err(Refusal::Revoked));
    }

    async fn logout_everywhere_kills_every_token_and_nobody_elses(issuer: TestIssuer) {
        let (here, there) = (issuer.user("ann").await, issuer.user("ann").await);
        let bob = issuer.user("bob").await;
        here.delete("/v1/sessions").await.is(200);
        for dead in [&here, &there] {
            assert_eq!(status(&issuer, &dead.access_token).await, Invalid);
        }
        assert_eq!(status(&issuer, &bob.access_token).await, Valid);
    }

    async fn ending_one_session_kills_its_tokens_alone(issuer: TestIssuer) {
        let (here, there) = (issuer.user("ann").await, issuer.user("ann").await);
        here.delete(&format!("/v1/sessions/{}", there.session_id)).await.is(204);
        assert_eq!(status(&issuer, &there.access_token).await, Invalid);
        assert_eq!(status(&issuer, &here.access_token).await, Valid);
        let admin = issuer.admin().await;
        admin.delete(&format!("/admin/v1/sessions/{}", here.session_id)).await.is(204);
        assert_eq!(status(&issuer, &here.access_token).await, Invalid);
    }

    async fn reused_refresh_token_kills_the_tokens_of_thief_and_owner(issuer: TestIssuer) {
        let ann = issuer.user("ann").await;
        let owner = ann.refreshed().await;
        issuer.pass(Period::secs(11));
        ann.refresh().await.is(401);
        assert_eq!(status(&issuer, &owner.access_token).await, Invalid);
    }

    async fn disabling_and_deleting_a_user_kill_every_token(issuer: TestIssuer) {
        let admin = issuer.admin().await;
        let (ann, bob) = (issuer.user("ann").await, issuer.user("bob").await);
        let path = |id: String| format!("/admin/v1/users/{id}");
        let (of_ann, of_bob) = (path(id_of(&ann).await), path(id_of(&bob).await));
        admin.post(&format!("{of_ann}/disable"), &json!({})).await.is(204);
        admin.delete(&of_bob).await.is(204);
        for dead in [ann, bob] {
            assert_eq!(status(&issuer, &dead.access_token).await, Invalid);
        }
        assert_eq!(status(&issuer, &admin.access_token).await, Valid);
    }

    async fn changed_password_kills_the_tokens_of_the_other_sessions(issuer: TestIssuer) {
        let (here, there) = (issuer.user("ann").await, issuer.user("ann").await);
        let change = json!({ "current_password": seed::PASSWORD, "new_password": "nine badgers hum an anthem" });
        here.post("/v1/password", &change).await.is(204);
        assert_eq!(status(&issuer, &there.access_token).await, Invalid);
        assert_eq!(status(&issuer, &here.access_token).await, Valid);
        let admin = issuer.admin().await;
        let path = format!("/admin/v1/users/{}/password", id_of(&here).await);
        admin.put(&path, &json!({ "password": "ten herons hush the harbour" })).await.is(204);
        assert_eq!(status(&issuer, &here.access_token).await, Invalid);
    }

    async fn changed_roles_make_tokens_stale_until_the_next_refresh(issuer: TestIssuer) {
        let admin = issuer.admin().await;
        let bob = issuer.user("bob").await;
        let path = format!("/admin/v1/users/{}/roles", id_of(&bob).await);
        admin.put(&path, &json!({ "roles": ["editor"] })).await.is(204);
        assert_eq!(status(&issuer, &bob.access_token).await, Valid, "they are the same roles");
        admin.put(&path, &json!({ "roles": ["viewer"] })).await.is(204);
        assert_eq!(verdict(&issuer, &bob.access_token).await, Err(Refusal::Stale));

        let fresh = bob.refreshed().await;
        assert_eq!(verdict(&issuer, &fresh.access_token).await, Ok(()));
        assert_ne!(entry(&fresh.access_token), entry(&bob.access_token));
        assert_eq!(status(&issuer, &bob.access_token).await, Stale, "the old one stays so");
        let again = fresh.refreshed().await;
        assert_eq!(entry(&again.access_token), entry(&fresh.access_token));
    }

    async fn narrowed_role_makes_those_stale_who_lose_by_it(issuer: TestIssuer) {
        let admin = issuer.admin().await;
        let (ann, bob) = (issuer.user("ann").await, issuer.user("bob").await);
        let editor = |scopes: &str| json!({ "description": "", "grants": { (seed::ORDERS): scopes } });
        admin.put("/admin/v1/roles/editor", &editor("read:orders")).await.is(200);
        assert_eq!(status(&issuer, &bob.access_token).await, Stale);
        assert_eq!(status(&issuer, &ann.access_token).await, Valid);
        let bob = bob.refreshed().await;
        admin.put("/admin/v1/roles/editor", &editor("read:orders write:orders")).await.is(200);
        assert_eq!(status(&issuer, &bob.access_token).await, Valid, "nothing was taken");
        admin.delete("/admin/v1/roles/editor").await.is(204);
        assert_eq!(status(&issuer, &bob.access_token).await, Stale);
        assert_eq!(status(&issuer, &ann.access_token).await, Valid);
    }

    async fn deleted_api_makes_its_tokens_stale(issuer: TestIssuer) {
        let admin = issuer.admin().await;
        let ann = issuer.user("ann").await;
        let orders = keywright_tests::escaped(seed::ORDERS);
        admin.delete(&format!("/admin/v1/apis/{orders}")).await.is(204);
        assert_eq!(status(&issuer, &ann.access_token).await, Stale);
    }
}
