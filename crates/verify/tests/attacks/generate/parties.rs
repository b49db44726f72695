//! Who issued a token, and for whom.

use super::Family;
use crate::catalogue::Case;
use crate::forge::{AUDIENCE, claims, quote, with_payload};

pub fn write(cases: &mut Vec<Case>) {
    audience(cases);
    issuer(cases);
}

fn audience(cases: &mut Vec<Case>) {
    let mut family = Family::new(cases, "claims", "aud").why(
        "CVE-2020-26160, RFC 7519 §4.1.3, RFC 8725 §3.9",
        "a token for somebody else, or for nobody in particular",
    );
    let others = [
        "",
        " ",
        "orders",
        "https://orders.example/",
        "https://orders.example/v1",
        "https://orders.exampl",
        "https://orders.example2",
        "HTTPS://orders.example",
        "https://Orders.example",
        "http://orders.example",
        "https://orders.example:443",
        "https://evil.example",
        "https://orders.example.evil.example",
        "https://orders.example https://evil.example",
        "https://orders.example,https://evil.example",
        "*",
        "https://*.example",
        "https://orders.example ",
        "https://orders.example\0",
        "https://оrders.example",
        "https://orders.example?x",
        "null",
    ];
    for (at, other) in others.into_iter().enumerate() {
        family.refuse(
            format!("text {at} {other:?}"),
            "wrong_audience",
            with_payload(claims().with("aud", &quote(other)).json()),
        );
    }
    let ours = quote(AUDIENCE);
    let values = [
        ("empty array", "[]".to_owned(), "missing_claim"),
        (
            "array of an empty text",
            r#"[""]"#.to_owned(),
            "wrong_audience",
        ),
        (
            "array of others",
            r#"["https://a.example","https://b.example"]"#.to_owned(),
            "wrong_audience",
        ),
        ("nested array", format!("[[{ours}]]"), "claims_malformed"),
        (
            "array with a number",
            format!("[{ours},1]"),
            "claims_malformed",
        ),
        (
            "array with null",
            format!("[{ours},null]"),
            "claims_malformed",
        ),
        ("object", format!("{{{ours}:true}}"), "claims_malformed"),
        (
            "object with an index",
            format!("{{\"0\":{ours}}}"),
            "claims_malformed",
        ),
        ("number", "0".to_owned(), "claims_malformed"),
        ("true", "true".to_owned(), "claims_malformed"),
        ("null", "null".to_owned(), "claims_malformed"),
    ];
    for (title, value, reason) in values {
        family.refuse(
            title,
            reason,
            with_payload(claims().with("aud", &value).json()),
        );
    }
    family.refuse(
        "missing",
        "missing_claim",
        with_payload(claims().without("aud").json()),
    );
    family.refuse(
        "under another name",
        "missing_claim",
        with_payload(claims().without("aud").and("AUD", &ours).json()),
    );
}

fn issuer(cases: &mut Vec<Case>) {
    let mut family = Family::new(cases, "claims", "iss").why(
        "RFC 7519 §4.1.1, RFC 8725 §3.8",
        "issuers are compared letter by letter",
    );
    let others = [
        "",
        "https://id.example/",
        "https://id.exampl",
        "https://id.example2",
        "https://id.example.evil.example",
        "https://id.example@evil.example",
        "https://evil.example/https://id.example",
        "https://id.example:443",
        "https://id.example:8443",
        "http://id.example",
        "HTTPS://ID.EXAMPLE",
        "https://ID.example",
        "https://sub.id.example",
        "https://id.example/tenant",
        "https://id%2Eexample",
        "https://id.example#",
        "https://id.example\0",
        " https://id.example",
        "https://іd.example",
        "id.example",
        "https://id．example",
    ];
    for (at, other) in others.into_iter().enumerate() {
        family.refuse(
            format!("text {at} {other:?}"),
            "wrong_issuer",
            with_payload(claims().with("iss", &quote(other)).json()),
        );
    }
    for value in [
        r#"["https://id.example"]"#,
        r#"["https://evil.example","https://id.example"]"#,
        "null",
        "1",
        "true",
        r#"{"iss":"https://id.example"}"#,
    ] {
        family.refuse(
            value,
            "claims_malformed",
            with_payload(claims().with("iss", value).json()),
        );
    }
    family.refuse(
        "missing",
        "missing_claim",
        with_payload(claims().without("iss").json()),
    );
}
