//! Bad input to every endpoint: a 4xx problem document that names the member at fault, never a 5xx.

use keywright_http::{Csrf, Required, Route, routes};
use keywright_tests::{Actor, Answer, Engine, TestIssuer, Visitor, seed};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use serde_json::{Value, json};

use super::schema::{Body, body_of, has_body, is_paged, path_of, path_with};

const FORM: &str = "application/x-www-form-urlencoded";

/// Limits would answer in place of the reader, so here they forgive everything.
async fn patient_issuer() -> TestIssuer {
    let mut policy = seed::policy();
    policy.limits.account_burst = seed::UNLIMITED.burst;
    policy.limits.address_burst = seed::UNLIMITED.burst;
    policy.limits.letter_burst = seed::UNLIMITED.burst;
    policy.self_registration.quota = seed::UNLIMITED;
    TestIssuer::with_policy(Engine::Sqlite, policy).await
}

/// Somebody who gets past the door of this row.
async fn entitled(issuer: &TestIssuer, route: &Route) -> Actor {
    match route.required {
        // A managing client's door is closed to whoever is not that client, whatever the body.
        Required::Public | Required::Registrant | Required::ManagingClient => issuer.anonymous(),
        Required::Client => (*issuer.client("svc")).clone(),
        Required::Follower => (*issuer.client("watcher")).clone(),
        Required::Caller | Required::CallerOrRefreshToken => (*issuer.user("ann").await).clone(),
        Required::OpenIdCaller => issuer.anonymous(),
        Required::Scope(_) => (*issuer.admin().await).clone(),
        Required::Browser
        | Required::OwnForm
        | Required::Login
        | Required::LoginAndOwnForm
        | Required::Console(_)
        | Required::ConsoleForm(_) => browser(issuer, route).await.actor().clone(),
    }
}

/// On a page with a form, and logged in where that is asked for.
async fn browser(issuer: &TestIssuer, route: &Route) -> Visitor {
    if matches!(route.required, Required::Login | Required::LoginAndOwnForm) {
        return issuer.visitor_named("ann").await;
    }
    if matches!(
        route.required,
        Required::Console(_) | Required::ConsoleForm(_)
    ) {
        return issuer.visitor_named("root").await;
    }
    let mut visitor = issuer.visitor();
    visitor.open("/login").await.is(200);
    visitor
}

/// A refusal in the row's own format; answers the members that it blames.
#[track_caller]
fn refused(route: &Route, answer: &Answer, what: &str) -> Vec<String> {
    let row = format!("{} {} with {what}", route.method, route.path);
    assert!(answer.status.is_client_error(), "{row}: {answer}");
    let kind = answer.header("content-type").unwrap_or_default();
    if route.required.speaks_oauth() {
        assert_eq!(kind, "application/json", "{row}");
        assert!(answer.json()["error"].is_string(), "{row}: {answer}");
        return Vec::new();
    }
    if route.csrf != Csrf::NoAmbientAuthority {
        assert_eq!(kind, "text/html; charset=utf-8", "{row}: {answer}");
        return Vec::new();
    }
    assert_eq!(kind, "application/problem+json", "{row}: {answer}");
    assert_eq!(answer.json()["status"], answer.status.as_u16(), "{row}");
    answer.blamed()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn unreadable_bodies_are_refused_everywhere() {
    let issuer = patient_issuer().await;
    for route in routes() {
        let Some(body) = body_of(&route) else {
            continue;
        };
        let media_type = body.media_type.as_str();
        let deep = format!("{{\"a\":{}{}}}", "[".repeat(20_000), "]".repeat(20_000));
        let mut bad: Vec<(&str, &str, Vec<u8>)> = vec![
            (
                "invalid UTF-8",
                media_type,
                b"{\"a\":\"\xff\xfe\"}".to_vec(),
            ),
            ("70 KiB", media_type, vec![b'a'; 70 * 1024]),
            ("another content type", "text/plain", b"{\"a\":1}".to_vec()),
            ("XML", "application/xml", b"<a/>".to_vec()),
            ("a NUL", media_type, b"\0".to_vec()),
        ];
        if media_type == FORM {
            bad.push(("a broken escape", FORM, b"grant_type=%zz".to_vec()));
        } else {
            bad.extend([
                ("an array", media_type, b"[]".to_vec()),
                ("a number", media_type, b"7".to_vec()),
                ("half an object", media_type, b"{\"a\":".to_vec()),
                ("trailing garbage", media_type, b"{} {}".to_vec()),
                ("deep nesting", media_type, deep.into_bytes()),
                (
                    "a lone surrogate",
                    media_type,
                    b"{\"a\":\"\\ud800\"}".to_vec(),
                ),
            ]);
        }
        let may_be_empty = matches!(
            route.required,
            Required::CallerOrRefreshToken | Required::OpenIdCaller
        );
        // All of its parameters may be left out, and others are ignored (RP-Initiated Logout §2).
        let asks_for_nothing = route.name == "log_out_for_client_by_form";
        if asks_for_nothing {
            bad.retain(|(what, ..)| *what != "a NUL");
        }
        if !may_be_empty && !asks_for_nothing {
            bad.push(("nothing", media_type, Vec::new()));
        }
        for (what, media_type, bytes) in bad {
            let actor = entitled(&issuer, &route).await;
            let call = actor.call(route.method.clone(), &path_of(&route));
            let answer = call.body(media_type, bytes).send().await;
            refused(&route, &answer, what);
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_member_at_fault_is_named_everywhere() {
    let issuer = patient_issuer().await;
    for route in routes() {
        // RFC 6749 and RFC 7591 have unknown members ignored, and name none in a way that programs read; nor do pages, which are for
        // people.
        let is_for_programs =
            |body: &Body| body.media_type != FORM && !route.required.speaks_oauth();
        let Some(body) = body_of(&route).filter(is_for_programs) else {
            continue;
        };
        assert!(
            !body.members.is_empty(),
            "{} has an empty schema",
            route.path
        );
        for (what, text, member) in faults(&body) {
            let actor = entitled(&issuer, &route).await;
            let call = actor.call(route.method.clone(), &path_of(&route));
            let answer = call.body("application/json", text.clone()).send().await;
            let blamed = refused(&route, &answer, &format!("{what} {text}"));
            let named = blamed
                .iter()
                .any(|field| field.split(['.', '[']).next() == Some(&member));
            assert!(
                named,
                "{} {} with {text} blames {blamed:?}",
                route.method, route.path
            );
        }
    }
}

/// Each with the member that must be blamed. The fault stands first, so that nothing else is at fault before it.
fn faults(body: &Body) -> Vec<(&'static str, String, String)> {
    let mut faults = vec![(
        "an unknown member",
        "{\"no_such_member\":1}".to_owned(),
        "no_such_member".to_owned(),
    )];
    for member in &body.members {
        let name = &member.name;
        for wrong in &member.wrong {
            faults.push((
                "a wrong type",
                format!("{{\"{name}\":{wrong}}}"),
                name.clone(),
            ));
        }
        let twice = format!("{{\"{name}\":null,\"{name}\":null}}");
        faults.push(("a member twice", twice, name.clone()));
    }
    faults
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn odd_paths_and_queries_are_refused_everywhere() {
    let issuer = patient_issuer().await;
    let odd = [
        "%00",
        "%FF%FE",
        "..%2F..%2Fetc",
        "'%20OR%201=1",
        &"x".repeat(5000),
        "%F0%9F%92%A9",
    ];
    for route in routes() {
        for value in odd {
            let Some(path) = path_with(&route, value) else {
                continue;
            };
            let actor = entitled(&issuer, &route).await;
            let call = actor.call(route.method.clone(), &path);
            let call = if has_body(&route.method) {
                call.json(&json!({}))
            } else {
                call
            };
            refused(&route, &call.send().await, &path);
        }
        if matches!(route.required, Required::Scope(_)) && !has_body(&route.method) {
            let path = format!("{}?no_such=1", path_of(&route));
            let actor = entitled(&issuer, &route).await;
            let answer = actor.call(route.method.clone(), &path).send().await;
            let blamed = refused(&route, &answer, "an unknown parameter");
            // Some resources of this path do not exist; the parameter is looked at all the same.
            assert_eq!(blamed, ["no_such"], "{}: {answer}", route.path);
        }
        if is_paged(&route) {
            for query in [
                "limit=-1",
                "limit=x",
                "limit=99999999999999999999",
                "no_such=1",
                "limit=1&limit=2",
                "after=%FF",
            ] {
                let actor = entitled(&issuer, &route).await;
                let answer = actor.get(&format!("{}?{query}", route.path)).await;
                refused(&route, &answer, query);
            }
        }
    }
}

/// Anything at all, near to what is right and far from it.
#[test]
fn no_input_makes_an_endpoint_fail() {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .unwrap();
    for route in routes() {
        let Some(body) = body_of(&route) else {
            continue;
        };
        // Each its own: what is generated for one row may be right, and change somebody's password.
        let issuer = runtime.block_on(patient_issuer());
        // A form of ours would be refused for its token before anything else in it is read.
        let (actor, token) = if route.csrf == Csrf::FormToken {
            let visitor = runtime.block_on(browser(&issuer, &route));
            (visitor.actor().clone(), format!("{}&", visitor.form(&[])))
        } else {
            (runtime.block_on(entitled(&issuer, &route)), String::new())
        };
        let mut runner = TestRunner::new(Config {
            failure_persistence: None,
            ..Config::default()
        });
        let checked = runner.run(&anything_for(&body), |bytes| {
            let call = actor.call(route.method.clone(), &path_of(&route));
            let bytes = [token.as_bytes(), &bytes].concat();
            let answer = runtime.block_on(call.body(&body.media_type, bytes).send());
            prop_assert!(
                !answer.status.is_server_error(),
                "{} {}: {answer}",
                route.method,
                route.path
            );
            if answer.status.is_client_error() {
                refused(&route, &answer, "generated input");
            }
            Ok(())
        });
        checked.unwrap_or_else(|failure| panic!("{} {}: {failure}", route.method, route.path));
    }
}

fn anything_for(body: &Body) -> impl Strategy<Value = Vec<u8>> + use<> {
    let names: Vec<String> = body
        .members
        .iter()
        .map(|member| member.name.clone())
        .collect();
    let is_form = body.media_type == FORM;
    let name = prop_oneof![8 => proptest::sample::select(names), 1 => "[a-z_]{0,12}"];
    let members = proptest::collection::vec((name, anything()), 0..8);
    let near = members.prop_map(move |members| {
        if is_form {
            form(&members)
        } else {
            object(&members)
        }
    });
    prop_oneof![4 => near, 1 => proptest::collection::vec(any::<u8>(), 0..400)]
}

fn anything() -> impl Strategy<Value = Value> {
    let plausible = proptest::sample::select(vec![
        "ann",
        seed::PASSWORD,
        "ann@people.example",
        "web",
        seed::ORDERS,
        "read:orders",
        "viewer",
        "client_credentials",
        "refresh_token",
        "kwr_AAAA",
        "kwl_AAAA",
        "ES256",
        "confidential",
    ]);
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        "\\PC{0,40}".prop_map(Value::from),
        any::<String>().prop_map(Value::from),
        plausible.prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 16, 4, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            proptest::collection::btree_map(".{0,8}", inner, 0..4)
                .prop_map(|members| members.into_iter().collect()),
        ]
    })
}

/// Members in order, with their duplicates.
fn object(members: &[(String, Value)]) -> Vec<u8> {
    let members: Vec<String> = members
        .iter()
        .map(|(name, value)| format!("{}:{value}", json!(name)))
        .collect();
    format!("{{{}}}", members.join(",")).into_bytes()
}

fn form(members: &[(String, Value)]) -> Vec<u8> {
    let text = |value: &Value| {
        value
            .as_str()
            .map_or_else(|| value.to_string(), str::to_owned)
    };
    let pairs = members.iter().map(|(name, value)| {
        format!(
            "{}={}",
            keywright_tests::escaped(name),
            keywright_tests::escaped(&text(value))
        )
    });
    pairs.collect::<Vec<_>>().join("&").into_bytes()
}
