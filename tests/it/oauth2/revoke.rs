use http::Method;
use keywright_domain::Period;
use keywright_tests::{Actor, Answer, TestIssuer, escaped, on_both_engines};
use serde_json::json;

async fn revoke(actor: &Actor, form: &str) -> Answer {
    let call = actor.call(Method::POST, "/oauth2/revoke");
    call.form(form).send().await
}

on_both_engines! {
    async fn refresh_token_that_is_given_back_ends_its_session(issuer: TestIssuer) {
        let ann = issuer.user("ann").await;
        let form = format!("client_id=web&token_type_hint=access_token&token={}", ann.refresh_token);
        let answer = revoke(&issuer.anonymous(), &form).await.is(200);
        assert_eq!(answer.text(), "");
        ann.is_out().await;
        assert!(issuer.new_events().await.contains(&"session.ended".to_owned()));
        revoke(&issuer.anonymous(), &form).await.is(200);
    }

    async fn superseded_refresh_token_will_do(issuer: TestIssuer) {
        let ann = issuer.user("ann").await;
        let now = ann.refreshed().await;
        issuer.advance(Period::minutes(1)).await;
        let form = format!("client_id=web&token={}", ann.refresh_token);
        revoke(&issuer.anonymous(), &form).await.is(200);
        now.is_out().await;
    }

    async fn access_token_that_is_given_back_ends_its_session(issuer: TestIssuer) {
        let ann = issuer.user("ann").await;
        let form = format!("client_id=web&token={}", ann.access_token);
        revoke(&issuer.anonymous(), &form).await.is(200);
        ann.is_out().await;
    }

    async fn token_of_a_service_takes_the_other_tokens_of_the_service_along(issuer: TestIssuer) {
        let svc = issuer.client("svc");
        let grant = [("grant_type", "client_credentials")];
        let one = svc.token(&grant).await.is(200).str("/access_token");
        let two = svc.token(&grant).await.is(200).str("/access_token");
        let is_active = async |token: &str| {
            let call = svc.call(Method::POST, "/oauth2/introspect");
            let answer = call.form(&format!("token={token}")).send().await.is(200);
            answer.json()["active"] == json!(true)
        };
        assert!(is_active(&one).await && is_active(&two).await);
        revoke(&svc, &format!("token={one}")).await.is(200);
        assert!(!is_active(&one).await && !is_active(&two).await);
        let next = svc.token(&grant).await.is(200).str("/access_token");
        assert!(is_active(&next).await, "the client can ask for the next");
    }

    async fn nobody_gives_back_what_is_somebody_elses(issuer: TestIssuer) {
        let ann = issuer.user("ann").await;
        let svc = issuer.client("svc");
        for token in [&ann.refresh_token, &ann.access_token] {
            for actor in [&*svc, &issuer.anonymous()] {
                let name = if std::ptr::eq(actor, &*svc) { "" } else { "client_id=phone&" };
                let answer = revoke(actor, &format!("{name}token={}", escaped(token))).await.is(400);
                assert_eq!(answer.str("/error"), "invalid_request");
            }
        }
        ann.is_in().await;
    }

    async fn what_is_no_token_is_gone_already(issuer: TestIssuer) {
        let svc = issuer.client("svc");
        for token in ["rubbish", "kwr_rubbish", "a.b.c"] {
            revoke(&svc, &format!("token={token}")).await.is(200);
        }
        revoke(&svc, "").await.is(400);
        let stranger = revoke(&issuer.anonymous(), "token=rubbish").await.is(401);
        assert_eq!(stranger.str("/error"), "invalid_client");
    }
}
