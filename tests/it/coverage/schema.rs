//! What the reference says of request bodies: the table's own schemas, read from the OpenAPI document.

use http::Method;
use keywright_http::{Route, openapi};
use serde_json::{Value, json};

/// The body that a route takes.
pub struct Body {
    pub media_type: String,
    pub members: Vec<Member>,
}

pub struct Member {
    pub name: String,
    /// Values of other JSON types than the member's.
    pub wrong: Vec<Value>,
}

/// `None`: the route takes no body.
pub fn body_of(route: &Route) -> Option<Body> {
    let (document, operation) = described(route);
    let (media_type, content) = operation["requestBody"]["content"]
        .as_object()?
        .iter()
        .next()?;
    let schema = resolved(&document, &content["schema"]);
    let properties = schema["properties"]
        .as_object()
        .cloned()
        .unwrap_or_default();
    let members = properties.iter().map(|(name, schema)| Member {
        name: name.clone(),
        wrong: wrong_for(&document, schema),
    });
    Some(Body {
        media_type: media_type.clone(),
        members: members.collect(),
    })
}

/// The path with a plausible value in each place.
pub fn path_of(route: &Route) -> String {
    let filled = route.path.split('/').map(|segment| match segment {
        "{id}" => "018f0000-0000-7000-8000-000000000000",
        "{audience}" => "https%3A%2F%2Forders.example",
        _ if segment.starts_with('{') => "nothing-of-that-name",
        _ => segment,
    });
    filled.collect::<Vec<_>>().join("/")
}

/// The path with `value` in each place; `None` if it has none.
pub fn path_with(route: &Route, value: &str) -> Option<String> {
    let filled = route.path.split('/').map(|segment| {
        if segment.starts_with('{') {
            value
        } else {
            segment
        }
    });
    route
        .path
        .contains('{')
        .then(|| filled.collect::<Vec<_>>().join("/"))
}

/// Whether the route answers a list in pages.
pub fn is_paged(route: &Route) -> bool {
    let (_, operation) = described(route);
    let parameters = operation["parameters"]
        .as_array()
        .cloned()
        .unwrap_or_default();
    parameters
        .iter()
        .any(|parameter| parameter["name"] == "limit")
}

fn described(route: &Route) -> (Value, Value) {
    let document: Value = serde_json::from_str(&openapi().to_json().unwrap()).unwrap();
    let operation = document["paths"][route.path][route.method.as_str().to_lowercase()].clone();
    assert!(
        operation.is_object(),
        "{} {} is not described",
        route.method,
        route.path
    );
    (document, operation)
}

pub fn has_body(method: &Method) -> bool {
    matches!(*method, Method::POST | Method::PUT | Method::PATCH)
}

fn wrong_for(document: &Value, schema: &Value) -> Vec<Value> {
    let schema = resolved(document, schema);
    let alternatives = ["oneOf", "anyOf"]
        .iter()
        .find_map(|name| schema[*name].as_array().cloned());
    let all = alternatives.unwrap_or_else(|| vec![schema]);
    let types: Vec<String> = all
        .iter()
        .map(|one| resolved(document, one)["type"].to_string())
        .collect();
    let takes = |kind: &str| types.iter().any(|one| one.contains(&format!("\"{kind}\"")));
    [
        ("object", json!({ "a": [{}] })),
        ("array", json!([[{}]])),
        ("boolean", json!(true)),
        ("string", json!("\u{0} \u{1F4A9}")),
        ("integer", json!(-7.5)),
    ]
    .into_iter()
    .filter_map(|(kind, value)| (!takes(kind)).then_some(value))
    .collect()
}

fn resolved(document: &Value, schema: &Value) -> Value {
    match schema["$ref"].as_str() {
        Some(reference) => {
            let pointer = reference.strip_prefix('#').expect("a local reference");
            document
                .pointer(pointer)
                .expect("the schema that is referred to")
                .clone()
        }
        None => schema.clone(),
    }
}
