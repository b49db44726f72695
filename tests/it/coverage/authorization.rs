use http::header::ORIGIN;
use http::{HeaderName, Method};
use keywright_http::{Required, Route, routes};
use keywright_tests::{Actor, Answer, Engine, TestIssuer, Visitor};

use super::schema::path_of;

const SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

async fn knock(actor: &Actor, route: &Route) -> Answer {
    let call = actor.call(route.method.clone(), &path_of(route));
    match route.method {
        Method::POST | Method::PUT | Method::PATCH => {
            call.json(&serde_json::json!({})).send().await
        }
        _ => call.send().await,
    }
}

/// Callers who must not pass, whatever the row.
struct Intruders {
    nobody: Actor,
    rubbish: Actor,
    logged_out: Actor,
    service: Actor,
    other_api: Actor,
}

impl Intruders {
    async fn of(issuer: &TestIssuer) -> Self {
        let gone = issuer.admin().await;
        gone.log_out().await.is(204);
        let answer = issuer
            .client("svc")
            .token(&[("grant_type", "client_credentials")])
            .await;
        Self {
            nobody: issuer.anonymous(),
            rubbish: issuer.anonymous().bearing("eyJhbGciOiJub25lIn0.e30."),
            logged_out: issuer.anonymous().bearing(&gone.access_token),
            service: issuer
                .anonymous()
                .bearing(&answer.is(200).str("/access_token")),
            other_api: (*issuer.user("root").await).clone(),
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_row_refuses_who_lacks_its_authority() {
    let issuer = TestIssuer::new(Engine::Sqlite).await;
    let intruders = Intruders::of(&issuer).await;
    for route in routes() {
        let row = format!("{} {}", route.method, route.path);
        match route.required {
            Required::Public | Required::Browser => {}
            Required::OwnForm => needs_an_own_form(&issuer.visitor(), &route).await,
            Required::Login => needs_a_login(&intruders, &route).await,
            Required::LoginAndOwnForm => {
                needs_a_login(&intruders, &route).await;
                needs_an_own_form(&issuer.visitor_named("ann").await, &route).await;
            }
            Required::Client => {
                let answer = knock(&intruders.nobody, &route).await;
                assert!(
                    matches!(answer.status.as_u16(), 400 | 401),
                    "{row}: {answer}"
                );
            }
            Required::Registrant => {}
            Required::ManagingClient => needs_a_registration_token(&intruders, &route).await,
            Required::Follower => needs_a_follower(&issuer, &intruders, &route).await,
            Required::Caller | Required::CallerOrRefreshToken | Required::OpenIdCaller => {
                needs_a_session(&intruders, &route).await;
            }
            Required::Console(scope) => {
                needs_a_login_for_the_console(&intruders, &route).await;
                needs_the_scope_at_the_console(&issuer, &route, scope).await;
            }
            Required::ConsoleForm(scope) => {
                needs_a_login_for_the_console(&intruders, &route).await;
                needs_the_scope_at_the_console(&issuer, &route, Some(scope)).await;
                needs_an_own_form(&issuer.visitor_granted(scope).await, &route).await;
            }
            Required::Scope(scope) => {
                needs_a_session_or_client(&intruders, &route).await;
                needs_the_scope(&issuer, &route, scope).await;
            }
        }
    }
}

async fn needs_a_session(intruders: &Intruders, route: &Route) {
    knock(&intruders.nobody, route)
        .await
        .is_problem(401, "token_required");
    knock(&intruders.rubbish, route)
        .await
        .is_problem(401, "invalid_token");
    knock(&intruders.logged_out, route)
        .await
        .is_problem(401, "session_over");
    knock(&intruders.service, route)
        .await
        .is_problem(403, "session_required");
}

async fn needs_a_registration_token(intruders: &Intruders, route: &Route) {
    for intruder in [
        &intruders.nobody,
        &intruders.rubbish,
        &intruders.service,
        &intruders.other_api,
    ] {
        let answer = knock(intruder, route).await.is(401);
        assert_eq!(answer.str("/error"), "invalid_token", "{answer}");
        let challenge = answer.header("www-authenticate").expect("RFC 6750 §3");
        assert!(challenge.starts_with("Bearer "), "{challenge}");
    }
}

/// Whatever else it bears, without the cookie of a login it is sent to the login page.
async fn needs_a_login(intruders: &Intruders, route: &Route) {
    for intruder in [&intruders.nobody, &intruders.rubbish, &intruders.other_api] {
        let answer = knock(intruder, route).await.is(303);
        assert_eq!(answer.header("location"), Some("/login"), "{answer}");
    }
}

async fn needs_a_login_for_the_console(intruders: &Intruders, route: &Route) {
    for intruder in [&intruders.nobody, &intruders.rubbish, &intruders.other_api] {
        let answer = knock(intruder, route).await.is(303);
        assert_eq!(
            answer.header("location"),
            Some("/login?to=console"),
            "{answer}"
        );
    }
}

/// With every other scope it is refused; with this one it is not.
async fn needs_the_scope_at_the_console(issuer: &TestIssuer, route: &Route, scope: Option<&str>) {
    let all = keywright_domain::access::ISSUER_SCOPES
        .iter()
        .map(|(name, _)| *name);
    let others: Vec<&str> = all
        .filter(|name| scope.is_some_and(|scope| scope != *name))
        .collect();
    let path = path_of(route);
    let send = async |granted: &str| {
        let mut visitor = issuer.visitor_granted(granted).await;
        visitor.open("/login").await;
        let call = visitor.call(route.method.clone(), &path);
        match route.method {
            Method::POST => call.form(&visitor.form(&[])).send().await,
            _ => call.send().await,
        }
    };
    let refused = send(&others.join(" ")).await.is(403);
    assert!(refused.text().contains("not_granted"), "{path}: {refused}");
    let answer = send(scope.unwrap_or("tokens:read")).await;
    let status = answer.status.as_u16();
    assert!(status != 403 && status < 500, "{path}: {answer}");
}

/// With every cookie that it needs, and sent by another site, without a token or with another browser's.
async fn needs_an_own_form(visitor: &Visitor, route: &Route) {
    let (mut victim, mut other) = (visitor.clone(), visitor.actor().issuer.visitor());
    victim.open("/login").await.is(200);
    other.open("/login").await.is(200);
    let path = path_of(route);
    let own = victim.form(&[]);
    let call = || victim.call(route.method.clone(), &path);
    for call in [
        call().form(&own).header(SEC_FETCH_SITE, "cross-site"),
        call().form(&own).header(ORIGIN, "https://evil.example"),
        call().form(&other.form(&[])),
        call().form("username=ann"),
    ] {
        let answer = call.send().await.is(403);
        assert!(answer.text().contains("foreign_form"), "{path}: {answer}");
    }
    let answer = call().form(&own).send().await;
    assert_ne!(answer.status.as_u16(), 403, "{path}: {answer}");
}

async fn needs_a_follower(issuer: &TestIssuer, intruders: &Intruders, route: &Route) {
    let wrong_secret = issuer.anonymous().with_basic("watcher", "kws_wrong");
    for intruder in [&intruders.nobody, &wrong_secret] {
        let answer = knock(intruder, route).await;
        let answer = answer.is_problem(401, "client_unproved");
        let challenge = answer.header("www-authenticate").expect("RFC 9110 §15.5.2");
        assert!(challenge.starts_with("Basic "), "{challenge}");
        assert!(challenge.contains(", Bearer "), "{challenge}");
    }
    for other_token in [&intruders.rubbish, &intruders.service, &intruders.other_api] {
        let answer = knock(other_token, route).await;
        answer.is_problem(401, "invalid_token");
    }
    let without_the_grant = issuer.client("svc");
    knock(&without_the_grant, route)
        .await
        .is_problem(403, "grant_not_allowed");
}

async fn needs_a_session_or_client(intruders: &Intruders, route: &Route) {
    knock(&intruders.nobody, route)
        .await
        .is_problem(401, "token_required");
    knock(&intruders.rubbish, route)
        .await
        .is_problem(401, "invalid_token");
    knock(&intruders.logged_out, route)
        .await
        .is_problem(401, "session_over");
    for other_audience in [&intruders.service, &intruders.other_api] {
        let answer = knock(other_audience, route)
            .await
            .is_problem(401, "invalid_token");
        assert!(answer.header("www-authenticate").is_some(), "{answer}");
    }
}

/// With every other scope it is refused; with this one it is not.
async fn needs_the_scope(issuer: &TestIssuer, route: &Route, scope: &str) {
    let others = keywright_domain::access::ISSUER_SCOPES
        .iter()
        .map(|(name, _)| *name);
    let others: Vec<&str> = others.filter(|name| *name != scope).collect();
    let without = issuer.admin_with(&others.join(" ")).await;
    let answer = knock(&without, route)
        .await
        .is_problem(403, "insufficient_scope");
    let challenge = answer
        .header("www-authenticate")
        .expect("RFC 6750 §3")
        .to_owned();
    assert!(
        challenge.contains(&format!("scope=\"{scope}\"")),
        "{challenge}"
    );

    let with = issuer.admin_with(scope).await;
    let answer = knock(&with, route).await;
    let status = answer.status.as_u16();
    assert!(
        !matches!(status, 401 | 403) && status < 500,
        "{} {}: {answer}",
        route.method,
        route.path
    );
}

#[test]
fn every_admin_row_requires_a_scope_and_every_scope_has_a_row() {
    let mut used = std::collections::BTreeSet::new();
    for route in routes() {
        match route.required {
            Required::Scope(scope) => {
                used.insert(scope);
            }
            // Nothing that the API does not have.
            Required::Console(_) | Required::ConsoleForm(_) => {}
            Required::Public
            | Required::Client
            | Required::Registrant
            | Required::ManagingClient
            | Required::Follower
            | Required::Browser
            | Required::OwnForm
            | Required::Login
            | Required::LoginAndOwnForm
            | Required::Caller
            | Required::OpenIdCaller
            | Required::CallerOrRefreshToken => {
                assert!(!route.path.starts_with("/admin"), "{} is open", route.path);
            }
        }
    }
    let known: std::collections::BTreeSet<&str> = keywright_domain::access::ISSUER_SCOPES
        .iter()
        .map(|(name, _)| *name)
        .collect();
    let strangers: Vec<_> = used.difference(&known).collect();
    assert!(strangers.is_empty(), "nobody can be granted {strangers:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn invariant_14_an_admin_endpoint_without_the_right_scope_answers_403() {
    let issuer = TestIssuer::new(Engine::Sqlite).await;
    let admin_rows: Vec<Route> = routes()
        .into_iter()
        .filter(|route| route.path.starts_with("/admin"))
        .collect();
    assert!(
        admin_rows.len() >= 20,
        "the admin API has {} rows",
        admin_rows.len()
    );
    for route in admin_rows {
        if let Required::Scope(scope) = route.required {
            needs_the_scope(&issuer, &route, scope).await;
        } else if let Required::Console(scope) = route.required {
            needs_the_scope_at_the_console(&issuer, &route, scope).await;
        } else if let Required::ConsoleForm(scope) = route.required {
            needs_the_scope_at_the_console(&issuer, &route, Some(scope)).await;
        } else {
            panic!("{} {} requires no scope", route.method, route.path);
        }
    }
}
