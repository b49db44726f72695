//! Forms that other sites make a browser send (CSRF), among them the login form (RFC 9700 §4.7).

use http::{HeaderName, Method};
use keywright_tests::{Answer, TestIssuer, Visitor, on_both_engines, seed};

const SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");
const LOGIN: &str = "__Host-keywright";

fn login_form(token: &str) -> String {
    let password = seed::PASSWORD.replace(' ', "+");
    format!("csrf={token}&username=ann&password={password}")
}

#[track_caller]
fn is_foreign(answer: Answer) {
    let answer = answer.is(403);
    assert_eq!(
        answer.header("content-type"),
        Some("text/html; charset=utf-8")
    );
    assert!(
        answer
            .text()
            .contains("<code id=\"error-code\">foreign_form</code>"),
        "{answer}"
    );
    assert_eq!(answer.header("set-cookie"), None);
}

async fn send(visitor: &Visitor, headers: &[(HeaderName, &str)], form: &str) -> Answer {
    let call = visitor.call(Method::POST, "/login").form(form);
    let call = headers
        .iter()
        .fold(call, |call, (name, value)| call.header(name.clone(), value));
    call.send().await
}

on_both_engines! {
    async fn form_without_the_token_of_this_browser_is_refused(issuer: TestIssuer) {
        let mut victim = issuer.visitor();
        victim.open("/login").await;
        let mut attacker = issuer.visitor();
        attacker.open("/login").await;
        for token in [attacker.token(), String::new(), "AAAA".to_owned(), format!("{}A", victim.token())] {
            is_foreign(send(&victim, &[], &login_form(&token)).await);
        }
        let without = login_form("").replacen("csrf=&", "", 1);
        is_foreign(send(&victim, &[], &without).await);
        let no_cookie = issuer.visitor();
        is_foreign(send(&no_cookie, &[], &login_form(&victim.token())).await);
        assert!(issuer.new_events().await.is_empty(), "no password was looked at");
        send(&victim, &[], &login_form(&victim.token())).await.is(303);
    }

    async fn form_that_another_site_sends_is_refused_whatever_it_carries(issuer: TestIssuer) {
        let mut victim = issuer.visitor();
        victim.open("/login").await;
        let form = login_form(&victim.token());
        let origin = http::header::ORIGIN;
        for headers in [
            &[(SEC_FETCH_SITE, "cross-site")][..],
            &[(SEC_FETCH_SITE, "same-site")],
            &[(SEC_FETCH_SITE, "none")],
            &[(SEC_FETCH_SITE, "cross-site"), (origin.clone(), seed::ISSUER)],
            &[(origin.clone(), "https://evil.example")],
            &[(origin.clone(), "https://id.example.evil.example")],
            &[(origin.clone(), "http://id.example")],
            &[(origin.clone(), "null")],
        ] {
            is_foreign(send(&victim, headers, &form).await);
        }
        for headers in [
            &[(SEC_FETCH_SITE, "same-origin"), (origin.clone(), "null")][..],
            &[(origin.clone(), seed::ISSUER)],
        ] {
            send(&victim, headers, &form).await.is(303);
        }
    }

    async fn token_twice_is_refused(issuer: TestIssuer) {
        let mut victim = issuer.visitor();
        victim.open("/login").await;
        let token = victim.token();
        let answer = send(&victim, &[], &format!("{}&csrf={token}", login_form(&token))).await.is(400);
        assert!(answer.text().contains("malformed_request"), "{answer}");
    }

    async fn bearer_opens_no_page_and_cookie_opens_no_api(issuer: TestIssuer) {
        let ann = issuer.visitor_named("ann").await;
        let cookie = ann.cookie(LOGIN).unwrap();
        ann.call(Method::GET, "/v1/me").send().await.is_problem(401, "token_required");
        issuer.anonymous().bearing(cookie).get("/v1/me").await.is_problem(401, "invalid_token");
        let answer = issuer.user("ann").await.get("/account").await.is(303);
        assert_eq!(answer.header("location"), Some("/login"));
    }

    async fn pages_are_framed_by_nobody_and_run_nothing(issuer: TestIssuer) {
        let mut ann = issuer.visitor_named("ann").await;
        for (path, leads_away) in [("/account", false), ("/account/sessions/x/end", false), ("/login", true)] {
            if leads_away {
                ann = issuer.visitor();
            }
            let page = if path.ends_with("/end") {
                ann.submit(path, &[]).await.is(400)
            } else {
                ann.open(path).await.is(200)
            };
            let policy = page.header("content-security-policy").unwrap();
            assert!(policy.starts_with("default-src 'none'; "), "{policy}");
            assert!(policy.contains("frame-ancestors 'none'") && policy.contains("base-uri 'none'"), "{policy}");
            assert!(!policy.contains("unsafe") && !policy.contains("script-src"), "{policy}");
            assert_eq!(policy.contains("form-action 'self'"), !leads_away, "{path}: {policy}");
            assert_eq!(page.header("referrer-policy"), Some("same-origin"));
            assert_eq!(page.header("cache-control"), Some("no-store"));
            assert!(!page.text().contains("<script") && !page.text().contains("style=\""), "{page}");
        }
    }

    async fn with_the_database_down_a_page_says_so(issuer: TestIssuer) {
        let mut ann = issuer.visitor_named("ann").await;
        let mut stranger = issuer.visitor();
        issuer.store().set_down(true);
        let page = ann.open("/account").await.is(503);
        assert_eq!(page.header("retry-after"), Some("1"));
        assert_eq!(page.header("content-type"), Some("text/html; charset=utf-8"));
        stranger.open("/login").await.is(200);
        stranger.type_in("ann", seed::PASSWORD).await.is(503);
        issuer.store().set_down(false);
        ann.is_in().await;
    }
}
