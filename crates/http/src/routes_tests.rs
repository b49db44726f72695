use std::collections::BTreeSet;

use keywright_domain::access::ISSUER_SCOPES;
use serde_json::Value;

use super::*;
use crate::door::Required;

fn document() -> Value {
    serde_json::to_value(openapi()).unwrap()
}

#[test]
fn every_endpoint_and_every_name_is_there_once() {
    let routes = routes();
    let doors: BTreeSet<_> = routes
        .iter()
        .map(|route| (route.path, route.method.as_str()))
        .collect();
    let names: BTreeSet<_> = routes.iter().map(|route| route.name).collect();
    assert_eq!(doors.len(), routes.len());
    assert_eq!(names.len(), routes.len());
}

#[test]
fn every_row_is_described_in_the_document() {
    let document = document();
    let routes = routes();
    for route in &routes {
        let method = route.method.as_str().to_lowercase();
        let operation = &document["paths"][route.path][&method];
        assert_eq!(operation["operationId"], route.name, "{}", route.path);
        assert_eq!(operation["summary"], route.summary);
        assert!(!route.summary.is_empty() && !route.summary.ends_with('.'));
        let success = &operation["responses"][route.status.as_str()];
        assert_eq!(success.get("content").is_some(), route.answer.is_some());
        assert_eq!(
            operation.get("requestBody").is_some(),
            route.request.is_some()
        );
        assert!(operation["responses"].get("default").is_some());
    }
    let described = document["paths"].as_object().unwrap().values();
    let operations: usize = described.map(|path| path.as_object().unwrap().len()).sum();
    assert_eq!(operations, routes.len());
}

#[test]
fn every_schema_that_is_referred_to_exists() {
    let document = document();
    let mut names = BTreeSet::new();
    collect_references(&document, &mut names);
    assert!(names.contains("Problem") && names.contains("Tokens"));
    for name in names {
        let schema = &document["components"]["schemas"][&name];
        assert!(schema.is_object(), "{name} is not described");
    }
}

fn collect_references(value: &Value, names: &mut BTreeSet<String>) {
    match value {
        Value::Object(members) => {
            let reference = members.get("$ref").and_then(Value::as_str);
            names.extend(reference.and_then(|r| Some(r.rsplit_once('/')?.1.to_owned())));
            members.values().for_each(|v| collect_references(v, names));
        }
        Value::Array(items) => items.iter().for_each(|v| collect_references(v, names)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

#[test]
fn every_admin_endpoint_demands_the_scope_of_its_room() {
    let known: BTreeSet<_> = ISSUER_SCOPES.iter().map(|(scope, _)| *scope).collect();
    for route in routes() {
        let Some(rest) = route.path.strip_prefix("/admin/v1/") else {
            assert!(
                !matches!(route.required, Required::Scope(_)),
                "{}",
                route.path
            );
            continue;
        };
        let room = rest.split('/').next().unwrap();
        // A search by e-mail address is a POST because addresses in URLs end in logs; it reads all the same.
        let act = if route.method == http::Method::GET || rest.ends_with("/find") {
            "read"
        } else {
            "write"
        };
        let Required::Scope(scope) = route.required else {
            panic!("{} {} demands no scope", route.method, route.path);
        };
        assert_eq!(scope, format!("{room}:{act}"), "{}", route.path);
        assert!(known.contains(scope), "nobody can be granted {scope}");
    }
}

#[test]
fn what_anybody_may_change_is_limited() {
    for route in routes() {
        let open = matches!(
            route.required,
            Required::Public
                | Required::Client
                | Required::Registrant
                | Required::ManagingClient
                | Required::OwnForm
        );
        if open && route.method != http::Method::GET {
            assert_ne!(route.rate, Rate::Unlimited, "{}", route.path);
        }
    }
}

#[test]
fn document_is_the_same_each_time() {
    assert_eq!(openapi().to_json().unwrap(), openapi().to_json().unwrap());
}
