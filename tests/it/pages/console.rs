use keywright_domain::Period;
use keywright_tests::{Answer, TestIssuer, Visitor, attribute, forge, on_both_engines, seed};
use serde_json::json;

const ALL: &str =
    "tokens:read tokens:write users:read keys:read keys:write verifiers:read audit:read";

/// The text of the element with this id, without the tags in it.
fn text_of(page: &Answer, id: &str) -> String {
    let behind = page.text().split_once(&format!("id=\"{id}\""));
    let (_, behind) = behind.unwrap_or_else(|| panic!("no #{id} in {page}"));
    let (_, inner) = behind.split_once('>').unwrap();
    inner[..inner.find("</").unwrap()].trim().to_owned()
}

fn has(page: &Answer, id: &str) -> bool {
    page.text().contains(&format!("id=\"{id}\""))
}

/// The ids of the tokens on a page.
fn listed(page: &Answer) -> Vec<String> {
    let ids = page.text().split("<code class=\"id\" title=\"").skip(1);
    ids.map(|rest| rest[..rest.find('"').unwrap()].to_owned())
        .collect()
}

fn jti(token: &str) -> String {
    forge::claims(token)["jti"].as_str().unwrap().to_owned()
}

async fn service_token(issuer: &TestIssuer) -> String {
    let answer = issuer
        .client("svc")
        .token(&[("grant_type", "client_credentials")])
        .await;
    answer.is(200).str("/access_token")
}

async fn password_for_console(visitor: &mut Visitor, name: &str, password: &str) -> Answer {
    let fields = [
        ("username", name),
        ("password", password),
        ("to", "console"),
    ];
    visitor.submit("/login", &fields).await
}

on_both_engines! {
    async fn console_is_open_to_whom_a_role_grants_it_and_shows_no_more(issuer: TestIssuer) {
        let mut stranger = issuer.visitor();
        let page = stranger.open("/admin").await.is(200);
        assert!(has(&page, "login-form") && page.text().contains("name=\"to\" value=\"console\""), "{page}");
        let refused = password_for_console(&mut stranger, "ann", seed::PASSWORD).await;
        assert_eq!(text_of(&refused.is(403), "error-code"), "not_granted");
        assert!(!has(&stranger.open("/account").await, "to-console"));

        let mut auditor = issuer.visitor_granted("audit:read").await;
        assert!(has(&auditor.open("/account").await, "to-console"));
        let page = auditor.open("/admin").await.is(200);
        assert!(has(&page, "audit"), "{page}");
        assert_eq!(page.text().matches("aria-current=\"page\"").count(), 1);
        for closed in ["tokens", "keys", "verifiers"] {
            assert!(!page.text().contains(&format!("href=\"/admin/{closed}\"")), "{page}");
            auditor.open(&format!("/admin/{closed}")).await.is(403);
        }
        let mut without_a_section = issuer.visitor_granted("roles:read").await;
        without_a_section.open("/admin").await.is(403);
    }

    async fn console_closes_at_once_with_the_role(issuer: TestIssuer) {
        let mut visitor = issuer.visitor_granted("audit:read").await;
        visitor.open("/admin/audit").await.is(200);
        issuer.visitor_granted("users:read").await;
        visitor.open("/admin/audit").await.is(403);
    }

    async fn console_asks_for_the_password_again_and_the_account_does_not(issuer: TestIssuer) {
        let mut visitor = issuer.visitor_granted(ALL).await;
        issuer.pass(Period::minutes(60));
        visitor.open("/admin").await.is(200);
        issuer.pass(Period::millis(1));
        let page = visitor.open("/admin/keys").await.is(200);
        assert!(has(&page, "login-again"), "{page}");
        visitor.is_in().await;
        visitor.open("/login?to=console").await.is(200);
        password_for_console(&mut visitor, "bob", "wrong").await.is(422);
        let page = password_for_console(&mut visitor, "bob", seed::PASSWORD).await.is(200);
        assert!(has(&page, "search-form"), "{page}");
        // Who has just typed it is not asked again.
        assert!(has(&visitor.open("/login?to=console").await, "search-form"));
    }

    async fn tokens_are_found_by_what_is_typed_and_come_in_pages(issuer: TestIssuer) {
        let mut visitor = issuer.visitor_granted(ALL).await;
        let ann = issuer.user("ann").await;
        let page = visitor.open("/admin/tokens?client=web&scope=read:orders&user=").await.is(200);
        assert_eq!(listed(&page), [jti(&ann.access_token)]);
        assert_eq!(text_of(&page, "token-count"), "1");
        let page = visitor.open(&format!("/admin/tokens?session={}&grant=login", ann.session_id)).await.is(200);
        assert_eq!(listed(&page), [jti(&ann.access_token)]);
        let page = visitor.open("/admin/tokens?client=web&grant=client_credentials").await.is(200);
        assert!(has(&page, "no-tokens") && !has(&page, "revoke-form"), "{page}");

        let mut minted = Vec::new();
        for _ in 0..53 {
            minted.push(jti(&service_token(&issuer).await));
            issuer.pass(Period::millis(1));
        }
        minted.reverse();
        let page = visitor.open("/admin/tokens?client=svc").await.is(200);
        assert_eq!(listed(&page), minted[..50]);
        let after = attribute(page.text(), "name=\"after\" value=\"").unwrap();
        let page = visitor.open(&format!("/admin/tokens?client=svc&after={after}")).await.is(200);
        assert_eq!(listed(&page), minted[50..]);
        assert!(!has(&page, "older-form"), "{page}");
    }

    async fn what_cannot_be_read_is_named_finds_nothing_and_ends_nothing(issuer: TestIssuer) {
        let mut visitor = issuer.visitor_granted(ALL).await;
        let ann = issuer.user("ann").await;
        let page = visitor.open("/admin/tokens?client=web&user=ann&since=%22%3E%3Cscript%3E").await.is(422);
        assert_eq!(text_of(&page, "search-error"), "This cannot be read: user, since.");
        assert!(!page.text().contains("<script") && !has(&page, "tokens") && !has(&page, "revoke-form"), "{page}");
        for (fields, status) in [(&[("client", "web"), ("user", "ann")][..], 400), (&[], 400)] {
            visitor.open("/admin/tokens").await.is(200);
            visitor.submit("/admin/tokens/revoke", fields).await.is(status);
        }
        ann.is_in().await;
    }

    async fn what_matches_is_revoked_in_the_name_of_who_did_it(issuer: TestIssuer) {
        let mut visitor = issuer.visitor_granted(ALL).await;
        let (ann, other) = (issuer.user("ann").await, issuer.user("root").await);
        service_token(&issuer).await;
        let user = ann.get("/v1/me").await.str("/id");
        let page = visitor.open(&format!("/admin/tokens?user={user}")).await.is(200);
        assert!(has(&page, "revoke-form"), "{page}");
        issuer.new_events().await;
        let page = visitor.submit("/admin/tokens/revoke", &[("user", &user)]).await.is(200);
        assert_eq!(text_of(&page, "revoked"), "1 session ended; the own tokens of 0 clients revoked.");
        assert_eq!(issuer.new_events().await, ["token.query.revoked", "session.ended"]);
        ann.is_out().await;
        other.is_in().await;
        let page = visitor.open(&format!("/admin/tokens?user={user}")).await.is(200);
        assert!(page.text().contains("<span class=\"tag\">revoked</span>"), "{page}");
        let page = visitor.submit("/admin/tokens/revoke", &[("client", "svc")]).await.is(200);
        assert_eq!(text_of(&page, "revoked"), "0 sessions ended; the own tokens of 1 client revoked.");
        let page = visitor.open("/admin/audit").await.is(200);
        let bob = issuer.user("bob").await.get("/v1/me").await.str("/id");
        assert!(page.text().contains(&format!(">user:{bob}</code>")), "{page}");
    }

    async fn a_person_is_found_by_name_or_address_and_the_address_stays_out_of_urls(issuer: TestIssuer) {
        let mut visitor = issuer.visitor_granted(ALL).await;
        let ann = issuer.user("ann").await;
        let id = ann.get("/v1/me").await.str("/id");
        for typed in ["ann", " ann@people.example "] {
            visitor.open("/admin/tokens").await.is(200);
            let answer = visitor.sending("/admin/tokens/person", &[("person", typed)]).send().await.is(303);
            assert_eq!(answer.header("location"), Some(&*format!("/admin/tokens?user={id}")));
        }
        visitor.submit("/admin/tokens/person", &[("person", "nobody")]).await.is(404);
        let mut blind = issuer.visitor_granted("tokens:read tokens:write").await;
        assert!(!has(&blind.open("/admin/tokens").await, "person-form"));
        blind.submit("/admin/tokens/person", &[("person", "ann")]).await.is(403);
    }

    async fn who_may_only_look_is_offered_nothing_else(issuer: TestIssuer) {
        let mut visitor = issuer.visitor_granted("tokens:read keys:read").await;
        service_token(&issuer).await;
        let page = visitor.open("/admin/tokens?client=svc").await.is(200);
        assert!(has(&page, "tokens") && !has(&page, "revoke-form"), "{page}");
        visitor.submit("/admin/tokens/revoke", &[("client", "svc")]).await.is(403);
        let page = visitor.open(&format!("/admin/keys/{}", signer(&issuer).await)).await.is(200);
        assert!(has(&page, "dying") && !has(&page, "revoke-form") && !has(&page, "rollback-form"), "{page}");
    }

    async fn a_key_shows_what_its_end_would_cost_and_is_changed_by_its_state(issuer: TestIssuer) {
        let mut visitor = issuer.visitor_granted(ALL).await;
        let active = signer(&issuer).await;
        let page = visitor.open(&format!("/admin/keys/{active}")).await.is(200);
        assert_eq!((&*text_of(&page, "key-state"), &*text_of(&page, "surviving")), ("active", "0"));
        assert!(text_of(&page, "dying").parse::<u64>().unwrap() > 0, "{page}");
        assert!(has(&page, "rollback-form") && !has(&page, "rotate-form"), "{page}");
        let ring = [("algorithm", "ES256")];
        // The successor is too young, and nothing was before.
        for act in ["rotate", "rollback"] {
            visitor.open("/admin/tokens").await.is(200);
            let page = visitor.submit(&format!("/admin/keys/{act}"), &ring).await.is(409);
            assert!(text_of(&page, "error-detail").len() > 20, "{page}");
        }
        issuer.advance(Period::secs(310)).await;
        visitor.open("/admin/keys").await.is(200);
        let page = visitor.submit("/admin/keys/rotate", &ring).await.is(200);
        assert!(has(&page, "keys"), "{page}");
        let successor = signer(&issuer).await;
        assert_ne!(successor, active);
        visitor.open("/admin/keys").await.is(200);
        visitor.submit("/admin/keys/rollback", &ring).await.is(200);
        assert_eq!(signer(&issuer).await, active);
        visitor.open(&format!("/admin/keys/{active}")).await.is(200);
        visitor.submit(&format!("/admin/keys/{active}/revoke"), &[]).await.is(200);
        assert_eq!(signer(&issuer).await, successor);
        let page = visitor.open(&format!("/admin/keys/{active}")).await.is(200);
        assert_eq!(text_of(&page, "key-state"), "revoked");
        assert!(!has(&page, "revoke-form"), "{page}");
        visitor.open("/admin/keys/none").await.is(404);
        visitor.open("/admin/keys").await.is(200);
        visitor.submit("/admin/keys/rotate", &[("algorithm", "none")]).await.is(400);
    }

    async fn the_fleet_is_seen_as_it_reports(issuer: TestIssuer) {
        let mut visitor = issuer.visitor_granted(ALL).await;
        assert!(has(&visitor.open("/admin/verifiers").await, "no-verifiers"));
        let report = json!({
            "instance": "one", "software": "<b>shop</b>", "position": 0, "kids": [signer(&issuer).await], "accepted": 123,
            "refused": { "expired": 3 }, "verification_micros": [], "revocation_age": 1,
        });
        issuer.client("watcher").post("/feed/report", &report).await.is(204);
        let page = visitor.open("/admin/verifiers").await.is(200);
        for shown in ["one, &#60;b&#62;shop", ">123<", "3 <code>expired</code>", ">connected<", "lacks key"] {
            assert!(page.text().contains(shown), "{shown} in {page}");
        }
        issuer.pass(Period::secs(61));
        assert!(visitor.open("/admin/verifiers").await.text().contains(">silent<"));
    }
}

async fn signer(issuer: &TestIssuer) -> String {
    let token = service_token(issuer).await;
    forge::header(&token)["kid"].as_str().unwrap().to_owned()
}
