use http::Method;
use http::header::USER_AGENT;
use keywright_domain::Period;
use keywright_domain::session::AnomalyResponse;
use keywright_tests::{Answer, Person, TestIssuer, assert_answer, forge, on_both_engines, seed};
use serde_json::json;

const PHONE: &str = "Mozilla/5.0 (iPhone; CPU iPhone OS 26_0 like Mac OS X) AppleWebKit/605.1.15 Version/26.0 Mobile/15E148 Safari/604.1";
const LAPTOP: &str = "Mozilla/5.0 (X11; Linux x86_64; rv:143.0) Gecko/20100101 Firefox/143.0";
const HOME: &str = "203.0.113.7";
const ELSEWHERE: &str = "198.51.100.7";

/// Ann, who has logged in with a phone at home, at an issuer that answers an anomaly so.
async fn ann_with_a_phone(issuer: &TestIssuer, response: AnomalyResponse) -> Person {
    let mut policy = (*issuer.issuer().policy()).clone();
    policy.sessions.refresh.anomaly.response = response;
    issuer.issuer().reload(policy);
    let body = json!({ "username": "ann", "password": seed::PASSWORD });
    let call = issuer.anonymous();
    let login = call
        .call(Method::POST, "/v1/login")
        .header(USER_AGENT, PHONE)
        .json(&body);
    let ann = Person::of(&issuer.anonymous(), &login.send().await.is(200));
    issuer.advance(Period::minutes(4)).await;
    issuer.new_events().await;
    ann
}

async fn refresh_from(ann: &Person, address: &str, agent: &str) -> Answer {
    let body = json!({ "refresh_token": ann.refresh_token });
    let actor = ann.issuer.anonymous().from_address(address);
    let call = actor.call(Method::POST, "/v1/refresh");
    call.header(USER_AGENT, agent).json(&body).send().await
}

on_both_engines! {
    async fn refresh_rotates_and_mints_again(issuer: TestIssuer) {
        let ann = issuer.user("ann").await;
        issuer.advance(Period::minutes(4)).await;
        let answer = ann.refresh().await;
        assert_answer!(answer, @r#"
        200 OK
        {
          "access_token": "[access token]",
          "expires_in": 300,
          "refresh_token": "[refresh token]",
          "scope": "read:orders",
          "session_id": "[id]",
          "token_type": "Bearer"
        }
        "#);
        assert_eq!(answer.header("cache-control"), Some("no-store"));
        assert_eq!(answer.str("/session_id"), ann.session_id);
        assert_ne!(answer.str("/refresh_token"), ann.refresh_token);
        let (old, new) =
            (forge::claims(&ann.access_token), forge::claims(&answer.str("/access_token")));
        assert_eq!(new["iat"].as_i64().unwrap() - old["iat"].as_i64().unwrap(), 240);
        assert_eq!(new["auth_time"], old["auth_time"], "a refresh is no login");
        assert_ne!(new["jti"], old["jti"]);
    }

    async fn lost_answer_is_forgiven_within_the_grace_time(issuer: TestIssuer) {
        let ann = issuer.user("ann").await;
        let lost = ann.refreshed().await;
        issuer.advance(Period::secs(10)).await;
        let again = ann.refreshed().await;
        assert_eq!(again.refresh_token, lost.refresh_token, "one branch, always");
        issuer.advance(Period::hours(1)).await;
        again.refreshed().await.is_in().await;
    }

    async fn reused_refresh_token_ends_the_session(issuer: TestIssuer) {
        let ann = issuer.user("ann").await;
        let thief = ann.refreshed().await;
        issuer.advance(Period::millis(10_001)).await;
        issuer.letters().await;
        issuer.new_events().await;

        ann.refresh().await.is_problem(401, "refresh_token_reused");
        assert_eq!(issuer.new_events().await, ["session.refresh.reused"]);
        let letters = issuer.letters().await;
        let told: Vec<_> = letters.iter().map(|l| (l.to.as_str(), l.kind)).collect();
        assert_eq!(told, [("ann@people.example", "theft_detected")]);

        thief.is_out().await;
        ann.refresh().await.is_problem(401, "invalid_refresh_token");
        assert!(issuer.new_events().await.is_empty(), "a dead session is not killed again");
        assert!(issuer.letters().await.is_empty());
    }

    async fn grace_ends_with_the_next_rotation_too_far_behind(issuer: TestIssuer) {
        let first = issuer.user("ann").await;
        let second = first.refreshed().await;
        let third = second.refreshed().await;
        assert_eq!(first.refreshed().await.refresh_token, third.refresh_token, "two tabs behind");
        issuer.advance(Period::secs(11)).await;
        first.refresh().await.is_problem(401, "refresh_token_reused");
        third.is_out().await;
    }

    async fn token_of_a_rotation_that_the_database_lost_is_taken(issuer: TestIssuer) {
        let ann = issuer.user("ann").await;
        let ahead = issuer.refresh_token_ahead(&ann.session_id, 2).await;
        issuer.new_events().await;
        let body = json!({ "refresh_token": ahead });
        let answer = issuer.anonymous().post("/v1/refresh", &body).await.is(200);
        assert_eq!(issuer.new_events().await, ["session.refresh.recovered"]);
        let recovered = Person::of(&issuer.anonymous(), &answer);
        recovered.refreshed().await.is_in().await;
    }

    async fn refresh_sees_changed_roles(issuer: TestIssuer) {
        let admin = issuer.admin().await;
        let ann = issuer.user("ann").await;
        let id = ann.get("/v1/me").await.str("/id");
        let path = format!("/admin/v1/users/{id}/roles");

        admin.put(&path, &json!({ "roles": ["editor"] })).await.is(204);
        let promoted = ann.refreshed().await;
        assert_eq!(promoted.scope, "read:orders write:orders");
        assert_eq!(forge::claims(&promoted.access_token)["roles"], json!(["editor"]));

        admin.put(&path, &json!({ "roles": [] })).await.is(204);
        let demoted = promoted.refreshed().await;
        assert_eq!(demoted.scope, "");
        assert_eq!(forge::claims(&demoted.access_token)["scope"], json!(null));
    }

    async fn scope_narrows_one_token_and_never_widens(issuer: TestIssuer) {
        let login = json!({ "username": "bob", "password": seed::PASSWORD, "scope": "read:orders" });
        let reader = issuer.log_in(&login).await;
        let wider = json!({ "refresh_token": reader.refresh_token, "scope": "read:orders write:orders" });
        let refused = issuer.anonymous().post("/v1/refresh", &wider).await;
        refused.is_problem(400, "invalid_scope");
        let reader = reader.refreshed().await;

        let bob = issuer.user("bob").await;
        let narrow = json!({ "refresh_token": bob.refresh_token, "scope": "read:orders" });
        let answer = issuer.anonymous().post("/v1/refresh", &narrow).await.is(200);
        assert_eq!(answer.str("/scope"), "read:orders");
        let next = Person::of(&issuer.anonymous(), &answer).refreshed().await;
        assert_eq!(next.scope, "read:orders write:orders", "narrowing was for one token");
        assert_eq!(reader.scope, "read:orders");
    }

    async fn forged_and_foreign_tokens_are_refused_and_leave_the_session(issuer: TestIssuer) {
        let ann = issuer.user("ann").await;
        let token = ann.refresh_token.clone();
        let flipped = format!("{}{}", &token[..token.len() - 2], if token.ends_with("AA") { "BB" } else { "AA" });
        for forged in [flipped.as_str(), "kwr_", "kwr_AAAA", "", &ann.access_token, &token[..40]] {
            let body = json!({ "refresh_token": forged });
            let answer = issuer.anonymous().post("/v1/refresh", &body).await;
            assert!(matches!(answer.status.as_u16(), 400 | 401), "{answer}");
        }
        ann.refreshed().await.is_in().await;
    }

    async fn guessing_refresh_tokens_is_limited(issuer: TestIssuer) {
        let guess = json!({ "refresh_token": format!("kwr_{}", "A".repeat(72)) });
        let mut last = 0;
        for _ in 0..60 {
            last = issuer.anonymous().post("/v1/refresh", &guess).await.status.as_u16();
        }
        assert_eq!(last, 429);
    }

    async fn idle_session_ends_and_a_used_one_ends_at_last(issuer: TestIssuer) {
        let idle = issuer.user("ann").await;
        let mut used = issuer.user("ann").await;
        for day in (0..85).step_by(5) {
            issuer.advance(Period::days(5)).await;
            used = used.refreshed().await;
            if day == 10 {
                idle.refresh().await.is_problem(401, "invalid_refresh_token");
            }
        }
        issuer.advance(Period::days(5)).await;
        used.refresh().await.is_problem(401, "invalid_refresh_token");
    }

    async fn disabled_person_cannot_refresh(issuer: TestIssuer) {
        let admin = issuer.admin().await;
        let ann = issuer.user("ann").await;
        let id = ann.get("/v1/me").await.str("/id");
        admin.post(&format!("/admin/v1/users/{id}/disable"), &json!({})).await.is(204);
        ann.is_out().await;
        admin.post(&format!("/admin/v1/users/{id}/enable"), &json!({})).await.is(204);
        ann.is_out().await;
        issuer.user("ann").await.is_in().await;
    }

    async fn unlike_refresh_is_on_record_with_its_reasons_and_goes_on(issuer: TestIssuer) {
        let ann = ann_with_a_phone(&issuer, AnomalyResponse::Record).await;
        let answer = refresh_from(&ann, ELSEWHERE, LAPTOP).await.is(200);
        let entries = issuer.new_entries().await;
        let told: Vec<_> =
            entries.iter().map(|e| (e.kind.as_str(), e.detail.as_deref().unwrap())).collect();
        let reasons = "score 105: network +25, agent +40, system +40";
        assert_eq!(told, [("session.refresh.anomalous", reasons)]);

        issuer.advance(Period::minutes(4)).await;
        let next = Person::of(&issuer.anonymous(), &answer);
        refresh_from(&next, ELSEWHERE, LAPTOP).await.is(200);
        assert!(issuer.new_events().await.is_empty(), "this is how it is used now");
    }

    /// A session is never bound to an address.
    async fn change_of_address_alone_does_nothing(issuer: TestIssuer) {
        for response in [AnomalyResponse::Record, AnomalyResponse::StepUp, AnomalyResponse::End] {
            let ann = ann_with_a_phone(&issuer, response).await;
            let answer = refresh_from(&ann, ELSEWHERE, PHONE).await.is(200);
            assert!(issuer.new_events().await.is_empty());
            Person::of(&issuer.anonymous(), &answer).is_in().await;
        }
    }

    async fn unlike_refresh_asks_for_step_up_and_leaves_the_session(issuer: TestIssuer) {
        let ann = ann_with_a_phone(&issuer, AnomalyResponse::StepUp).await;
        let refused = refresh_from(&ann, ELSEWHERE, LAPTOP).await;
        refused.is_problem(401, "step_up_required");
        assert_eq!(issuer.new_events().await, ["session.refresh.step_up_required"]);
        let answer = refresh_from(&ann, HOME, PHONE).await.is(200);
        Person::of(&issuer.anonymous(), &answer).is_in().await;
    }

    async fn unlike_refresh_ends_the_session_where_the_policy_says_so(issuer: TestIssuer) {
        let ann = ann_with_a_phone(&issuer, AnomalyResponse::End).await;
        refresh_from(&ann, ELSEWHERE, LAPTOP).await.is_problem(401, "step_up_required");
        assert_eq!(issuer.new_events().await, ["session.refresh.ended_as_anomalous"]);
        ann.is_out().await;
    }

    /// Who follows the owner within the grace time looks like a second tab to the token, and unlike one to the score.
    async fn shadow_inside_the_grace_time_is_noticed(issuer: TestIssuer) {
        let ann = ann_with_a_phone(&issuer, AnomalyResponse::StepUp).await;
        refresh_from(&ann, HOME, PHONE).await.is(200);
        issuer.new_events().await;
        refresh_from(&ann, ELSEWHERE, LAPTOP).await.is_problem(401, "step_up_required");
        assert_eq!(issuer.new_events().await, ["session.refresh.step_up_required"]);
    }

    async fn repeated_step_ups_are_counted_and_on_record_once(issuer: TestIssuer) {
        let ann = ann_with_a_phone(&issuer, AnomalyResponse::StepUp).await;
        for _ in 0..5 {
            refresh_from(&ann, ELSEWHERE, LAPTOP).await.is_problem(401, "step_up_required");
        }
        assert_eq!(issuer.new_events().await, ["session.refresh.step_up_required"]);
        let ann = ann_with_a_phone(&issuer, AnomalyResponse::End).await;
        refresh_from(&ann, ELSEWHERE, LAPTOP).await.is_problem(401, "step_up_required");
        let ann = ann_with_a_phone(&issuer, AnomalyResponse::Record).await;
        refresh_from(&ann, ELSEWHERE, LAPTOP).await.is(200);
        ann_with_a_phone(&issuer, AnomalyResponse::Record).await.refresh().await.is(200);
        let answer = issuer.anonymous().get("/metrics").await;
        let metrics = answer.text();
        for (decision, count) in [("none", 1), ("record", 1), ("step_up", 5), ("end", 1)] {
            let line = format!(
                "keywright_refresh_anomaly_decisions_total{{decision=\"{decision}\"}} {count}\n"
            );
            assert!(metrics.contains(&line), "no {line} in {metrics}");
        }
    }

    /// Impossible travel included: a provider that takes an address to another city logs nobody out.
    async fn place_alone_does_nothing_and_is_explained_with_another_program(issuer: TestIssuer) {
        issuer.world().has(HOME, "DE", (52.52, 13.40));
        issuer.world().has(ELSEWHERE, "US", (40.71, -74.01));
        for response in [AnomalyResponse::Record, AnomalyResponse::StepUp, AnomalyResponse::End] {
            let ann = ann_with_a_phone(&issuer, response).await;
            let ann = Person::of(&issuer.anonymous(), &refresh_from(&ann, HOME, PHONE).await.is(200));
            issuer.advance(Period::minutes(4)).await;
            let answer = refresh_from(&ann, ELSEWHERE, PHONE).await.is(200);
            assert!(issuer.new_events().await.is_empty());
            Person::of(&issuer.anonymous(), &answer).is_in().await;
        }
        let ann = ann_with_a_phone(&issuer, AnomalyResponse::End).await;
        let ann = Person::of(&issuer.anonymous(), &refresh_from(&ann, HOME, PHONE).await.is(200));
        issuer.advance(Period::hours(1)).await;
        refresh_from(&ann, ELSEWHERE, LAPTOP).await.is_problem(401, "step_up_required");
        let entries = issuer.new_entries().await;
        let why = entries[0].detail.as_deref().unwrap();
        let expected = "score 135: network +25, travel +30 (DE to US, 6400 km/h), agent +40, system +40";
        assert_eq!(why, expected);
    }
}
