use axum::response::IntoResponse;
use http_body_util::BodyExt;
use keywright_domain::account::Email;
use keywright_domain::client::ClientKind;
use serde::Deserialize;
use serde_json::Value;

use super::*;
use crate::extract::{Secret, UniqueMap};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Body {
    email: Email,
    #[expect(dead_code, reason = "only whether it is read matters")]
    password: Secret,
    #[serde(default)]
    #[expect(dead_code, reason = "only whether it is read matters")]
    kind: Option<ClientKind>,
    #[serde(default)]
    allowed: UniqueMap<String, Vec<u8>>,
}

async fn refusal(text: &[u8]) -> (String, String, String) {
    let response = parse::<Body>(text).unwrap_err().into_response();
    let bytes = response.into_body().collect().await.unwrap().to_bytes();
    let document: Value = serde_json::from_slice(&bytes).unwrap();
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let error = &document["errors"][0];
    (
        text(&document["code"]),
        text(&error["field"]),
        text(&error["message"]),
    )
}

#[test]
fn a_whole_object_is_read() {
    let body: Body =
        parse(br#" {"password":"p","email":"Ann@example.org","allowed":{"a":[1]}} "#).unwrap();
    assert_eq!(body.email.as_str(), "ann@example.org");
    assert_eq!(body.allowed.0["a"], [1]);
}

#[tokio::test]
async fn what_is_wrong_with_a_member_is_said_by_its_name() {
    let address = "not an e-mail address: expected name@domain, at most 254 characters";
    let valid = r#""email":"a@b.example","password":"p""#;
    let table = [
        (r#"{"password":"p"}"#.to_owned(), "email", "it is required"),
        (
            r#"{"email":"a","password":"p"}"#.to_owned(),
            "email",
            address,
        ),
        (
            r#"{"email":7,"password":"p"}"#.to_owned(),
            "email",
            "expected a string",
        ),
        (
            r#"{"email":null,"password":"p"}"#.to_owned(),
            "email",
            "expected a string",
        ),
        (
            r#"{"email":"a@b.example","password":["p"]}"#.to_owned(),
            "password",
            "expected a string",
        ),
        (
            format!(r#"{{{valid},"kind":7}}"#),
            "kind",
            "expected a string",
        ),
        (
            format!(r#"{{{valid},"admin":true}}"#),
            "admin",
            "there is no such member here",
        ),
        (
            format!(r#"{{{valid},"email":"c@d.example"}}"#),
            "email",
            "it is given more than once",
        ),
        (
            format!(r#"{{{valid},"allowed":{{"a":[],"a":[]}}}}"#),
            "allowed.a",
            "it is given more than once",
        ),
        (
            format!(r#"{{{valid},"allowed":{{"a":[1,"x"]}}}}"#),
            "allowed.a[1]",
            "expected u8",
        ),
        (
            format!(r#"{{{valid},"allowed":{{"a":[256]}}}}"#),
            "allowed.a[0]",
            "expected u8",
        ),
    ];
    for (text, field, message) in table {
        let expected = ("invalid_field".into(), field.into(), message.into());
        assert_eq!(refusal(text.as_bytes()).await, expected, "{text}");
    }
}

#[tokio::test]
async fn what_is_no_object_of_json_is_refused_as_a_whole() {
    let deep = format!(r#"{{"allowed":{}"#, r#"{"a":"#.repeat(10_000));
    let table: [&[u8]; 12] = [
        b"",
        b" ",
        b"null",
        b"[]",
        br#"["a@b.example","p"]"#,
        br#""text""#,
        br#"{"email":"a@b.example","password":"p"} {}"#,
        br#"{"email":"a@b.example","password":"p",}"#,
        br#"{"email":"a@b.example","password":"p" // no"#,
        b"{\"email\":\"\xff\"}",
        b"\xef\xbb\xbf{}",
        br#"{"email":"\ud800","password":"p"}"#,
    ];
    for text in table.into_iter().chain([br#"{"allowed":NaN}"#.as_slice()]) {
        let (code, ..) = refusal(text).await;
        assert_eq!(
            code,
            "malformed_request",
            "{}",
            String::from_utf8_lossy(text)
        );
    }
    let (code, ..) = refusal(deep.as_bytes()).await;
    assert!(["malformed_request", "invalid_field"].contains(&code.as_str()));
}
