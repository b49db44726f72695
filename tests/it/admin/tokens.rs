use keywright_domain::Period;
use keywright_domain::feed::StatusValue;
use keywright_domain::ports::{Ledger, StatusLists};
use keywright_tests::{Answer, Person, TestIssuer, forge, on_both_engines, seed};
use serde_json::{Value, json};

const CLIENT_CREDENTIALS: (&str, &str) = ("grant_type", "client_credentials");

async fn listed(admin: &Person, query: &str) -> Vec<Value> {
    let answer = admin
        .get(&format!("/admin/v1/tokens?{query}"))
        .await
        .is(200);
    answer.json()["tokens"].as_array().unwrap().clone()
}

/// The ids of the tokens that a query finds.
async fn found(admin: &Person, query: &str) -> Vec<String> {
    let tokens = listed(admin, query).await;
    tokens
        .iter()
        .map(|token| token["jti"].as_str().unwrap().to_owned())
        .collect()
}

fn jti(token: &str) -> String {
    forge::claims(token)["jti"].as_str().unwrap().to_owned()
}

async fn service_token(issuer: &TestIssuer) -> String {
    let svc = issuer.client("svc");
    svc.token(&[CLIENT_CREDENTIALS])
        .await
        .is(200)
        .str("/access_token")
}

/// What the ledger must say of a token, by the token itself.
fn told_by(token: &str, grant: &str) -> Value {
    let claims = forge::claims(token);
    let header = forge::header(token);
    let session = &claims["sid"];
    json!({
        "jti": claims["jti"],
        "client_id": claims["client_id"],
        "audience": claims["aud"],
        "scope": claims["scope"],
        "key": header["kid"],
        "grant": grant,
        "kind": "access_token",
        "user_id": if session.is_null() { &Value::Null } else { &claims["sub"] },
        "session_id": session,
        "issued_at": claims["iat"],
        "expires_at": claims["exp"],
        "status": if session.is_null() { Value::Null } else { json!("valid") },
    })
}

async fn revoke(admin: &Person, criteria: &Value) -> Answer {
    admin.post("/admin/v1/tokens/revoke", criteria).await
}

on_both_engines! {
    async fn every_grant_is_on_record_as_the_token_says(issuer: TestIssuer) {
        let admin = issuer.admin().await;
        issuer.pass(Period::secs(1));
        let ann = issuer.user("ann").await;
        issuer.pass(Period::secs(1));
        let again = ann.refreshed().await;
        issuer.pass(Period::secs(1));
        let repeated = ann.refreshed().await;
        issuer.pass(Period::secs(1));
        let service = service_token(&issuer).await;
        let expected = [
            told_by(&service, "client_credentials"),
            told_by(&repeated.access_token, "refresh_token"),
            told_by(&again.access_token, "refresh_token"),
            told_by(&ann.access_token, "login"),
            told_by(&admin.access_token, "login"),
        ];
        assert_eq!(listed(&admin, "").await, expected);
    }

    async fn each_criterion_finds_its_tokens(issuer: TestIssuer) {
        let admin = issuer.admin().await;
        let (ann, bob) = (issuer.user("ann").await, issuer.user("bob").await);
        let service = service_token(&issuer).await;
        let me = ann.get("/v1/me").await.str("/id");
        let [of_admin, of_ann, of_bob, of_service] =
            [&admin.access_token, &ann.access_token, &bob.access_token, &service].map(|token| jti(token));
        for (query, expected) in [
            (format!("user={me}"), vec![&of_ann]),
            (format!("session={}", bob.session_id), vec![&of_bob]),
            (format!("user={me}&session={}", bob.session_id), vec![]),
            ("client=svc".to_owned(), vec![&of_service]),
            ("client=nobody".to_owned(), vec![]),
            (format!("audience={}", seed::ISSUER), vec![&of_admin]),
            ("grant=client_credentials".to_owned(), vec![&of_service]),
            ("scope=write:orders&client=web".to_owned(), vec![&of_bob]),
            ("scope=users:read".to_owned(), vec![&of_admin]),
            ("key=unknown".to_owned(), vec![]),
        ] {
            let found = found(&admin, &query).await;
            assert_eq!(found.iter().collect::<Vec<_>>(), expected, "{query}");
            let count = admin.get(&format!("/admin/v1/tokens/count?{query}")).await.is(200);
            assert_eq!(count.json(), json!({ "tokens": expected.len(), "more": false }), "{query}");
        }
        let kid = forge::header(&service)["kid"].as_str().unwrap().to_owned();
        assert_eq!(found(&admin, &format!("key={kid}")).await.len(), 4);
    }

    async fn time_bounds_and_death_count(issuer: TestIssuer) {
        let early = jti(&service_token(&issuer).await);
        issuer.pass(Period::secs(100));
        let late = service_token(&issuer).await;
        let (at, late) = (forge::claims(&late)["iat"].as_i64().unwrap(), jti(&late));
        let admin = issuer.admin().await;
        let of = async |criteria: String| found(&admin, &format!("client=svc&{criteria}")).await;
        assert_eq!(of(format!("since={at}")).await, std::slice::from_ref(&late));
        assert_eq!(of(format!("until={at}")).await, std::slice::from_ref(&early));
        assert_eq!(of(format!("since={}&until={}", at - 100, at + 1)).await, [late.clone(), early]);
        issuer.pass(Period::secs(200));
        assert_eq!(found(&issuer.admin().await, "client=svc").await, [late]);
    }

    async fn pages_are_complete(issuer: TestIssuer) {
        let admin = issuer.admin().await;
        let mut minted = Vec::new();
        for _ in 0..7 {
            minted.push(jti(&service_token(&issuer).await));
            issuer.pass(Period::millis(1));
        }
        minted.reverse();
        let (mut seen, mut after) = (Vec::new(), String::new());
        loop {
            let page = admin.get(&format!("/admin/v1/tokens?client=svc&limit=3{after}")).await.is(200);
            let tokens = page.json()["tokens"].as_array().unwrap().clone();
            seen.extend(tokens.iter().map(|token| token["jti"].as_str().unwrap().to_owned()));
            let Some(next) = page.json()["next"].as_str().map(str::to_owned) else { break };
            after = format!("&after={next}");
        }
        assert_eq!(seen, minted);
    }

    async fn kill_by_query_ends_whom_it_names_and_nobody_else(issuer: TestIssuer) {
        let admin = issuer.admin().await;
        let (one, two, bob) = (issuer.user("ann").await, issuer.user("ann").await, issuer.user("bob").await);
        let me = one.get("/v1/me").await.str("/id");
        issuer.new_events().await;
        let answer = revoke(&admin, &json!({ "user": me, "audience": seed::ORDERS })).await.is(200);
        assert_eq!(answer.json(), json!({ "sessions": 2, "clients": 0, "more": false }));
        assert_eq!(issuer.new_events().await, ["token.query.revoked", "session.ended", "session.ended"]);
        one.is_out().await;
        two.is_out().await;
        bob.is_in().await;
        let states: Vec<Value> = listed(&admin, &format!("user={me}")).await.iter().map(|t| t["status"].clone()).collect();
        assert_eq!(states, ["revoked", "revoked"]);
        let again = revoke(&admin, &json!({ "user": me })).await.is(200);
        assert_eq!(again.json()["sessions"], 0, "what has ended is not ended again");
    }

    async fn kill_by_query_ends_more_than_one_write_does(issuer: TestIssuer) {
        let admin = issuer.admin().await;
        let mut anns = Vec::new();
        for _ in 0..120 {
            anns.push(issuer.user("ann").await);
        }
        let me = anns[0].get("/v1/me").await.str("/id");
        let answer = revoke(&admin, &json!({ "user": me })).await.is(200);
        assert_eq!(answer.json(), json!({ "sessions": 120, "clients": 0, "more": false }));
        for ann in &anns {
            ann.get("/v1/me").await.is_problem(401, "session_over");
        }
    }

    async fn service_loses_its_tokens_and_gets_new_ones(issuer: TestIssuer) {
        let admin = issuer.admin().await;
        let entry = |token: &str| forge::claims(token)["status"]["status_list"].clone();
        let before = entry(&service_token(&issuer).await);
        let answer = revoke(&admin, &json!({ "client": "svc" })).await.is(200);
        assert_eq!(answer.json(), json!({ "sessions": 0, "clients": 1, "more": false }));
        assert_ne!(entry(&service_token(&issuer).await), before);
        let marks = issuer.store().read_status().await.unwrap().marks;
        let marked = marks.iter().find(|mark| json!(mark.index) == before["idx"]).unwrap();
        assert_eq!(marked.value, StatusValue::Invalid);
        admin.is_in().await;
    }

    async fn kill_by_scope_spares_who_never_had_it(issuer: TestIssuer) {
        let admin = issuer.admin().await;
        let (ann, bob) = (issuer.user("ann").await, issuer.user("bob").await);
        let answer = revoke(&admin, &json!({ "scope": "write:orders" })).await.is(200);
        assert_eq!(answer.json()["sessions"], 1);
        bob.is_out().await;
        ann.is_in().await;
        admin.is_in().await;
    }

    async fn kill_without_a_criterion_is_refused(issuer: TestIssuer) {
        let admin = issuer.admin().await;
        revoke(&admin, &json!({})).await.is(400);
        admin.is_in().await;
    }

    async fn kill_is_on_record_with_its_criteria(issuer: TestIssuer) {
        let admin = issuer.admin().await;
        issuer.new_events().await;
        revoke(&admin, &json!({ "client": "phone", "since": 7 })).await.is(200);
        let entries = issuer.new_entries().await;
        let detail: Vec<_> = entries.iter().map(|entry| entry.detail.as_deref()).collect();
        assert_eq!(detail, [Some("client=phone since=7")]);
    }

    async fn impact_of_a_key_is_told_before_it_is_revoked(issuer: TestIssuer) {
        let admin = issuer.admin().await;
        let ann = issuer.user("ann").await;
        service_token(&issuer).await;
        let kid = forge::header(&ann.access_token)["kid"].as_str().unwrap().to_owned();
        let impact = admin.get(&format!("/admin/v1/keys/{kid}/impact")).await.is(200).json();
        let number = |tokens: u64| json!({ "tokens": tokens, "more": false });
        assert_eq!((&impact["dying"], &impact["surviving"]), (&number(3), &number(0)));
        let affected = impact["affected"].as_array().unwrap();
        let of_svc = affected.iter().find(|one| one["client_id"] == "svc").unwrap();
        assert_eq!((&of_svc["audience"], &of_svc["dying"]), (&json!(seed::ORDERS), &number(1)));
        admin.get("/admin/v1/keys/unknown/impact").await.is_problem(404, "not_found");
    }

    async fn no_token_leaves_that_cannot_be_recorded(issuer: TestIssuer) {
        let ann = issuer.user("ann").await;
        let before = found(&issuer.admin().await, "").await.len();
        issuer.meddle("ALTER TABLE ledger RENAME TO ledger_away").await;
        let login = json!({ "username": "ann", "password": seed::PASSWORD });
        for refused in [
            issuer.anonymous().post("/v1/login", &login).await,
            ann.refresh().await,
            issuer.client("svc").token(&[CLIENT_CREDENTIALS]).await,
        ] {
            assert_eq!(refused.status.as_u16(), 503, "{refused}");
            assert!(!refused.text().contains("access_token"), "{refused}");
        }
        issuer.meddle("ALTER TABLE ledger_away RENAME TO ledger").await;
        let admin = issuer.admin().await;
        assert_eq!(found(&admin, "").await.len(), before + 1, "nothing but the administrator's login");
        assert_eq!(admin.get("/admin/v1/sessions").await.json()["sessions"].as_array().unwrap().len(), 3, "and no session without a token");
        ann.refreshed().await.is_in().await;
    }

    async fn dead_tokens_are_forgotten(issuer: TestIssuer) {
        service_token(&issuer).await;
        issuer.pass(Period::hours(2));
        let admin = issuer.admin().await;
        let now = issuer.issuer().now();
        assert_eq!(issuer.store().purge_tokens(now, 10).await, Ok(1));
        assert_eq!(found(&admin, "").await, [jti(&admin.access_token)]);
    }
}
