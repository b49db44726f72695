//! What browsers are told, and what other sites can make them do.

use reqwest::header::{CONTENT_TYPE, ORIGIN};
use serde_json::Value;

use crate::CannotRun;
use crate::card::{Card, Evidence, Outcome, Severity};
use crate::server::range::Range;
use crate::web::{self, Reply};

pub const HEADERS: Card = Card {
    name: "security-headers",
    title: "Answers with tokens are not stored, sniffed, framed or loaded by other sites",
    severity: Severity::Medium,
    why: "Caches keep what they may keep, and browsers guess what they are not told.",
    source: "RFC 6749 §5.1, RFC 9700 §4.16, OWASP ASVS 5 §3.4",
    fix: "Let the issuer's own headers through: a proxy in front must not drop or replace them.",
};

/// A header of an answer with tokens, and a word that it must hold.
const TOLD: [(&str, &str); 5] = [
    ("cache-control", "no-store"),
    ("x-content-type-options", "nosniff"),
    ("referrer-policy", "no-referrer"),
    ("content-security-policy", "frame-ancestors 'none'"),
    ("cross-origin-resource-policy", "same-origin"),
];

pub async fn sends_headers(range: &Range) -> Result<Outcome, CannotRun> {
    let login = range.login(&range.name, &range.password);
    let answer = range.issuer.log_in(&login).await;
    let Ok(reply) = answer else {
        return Ok(Outcome::skipped(web::told(&answer)));
    };
    let mut evidence = Vec::new();
    for (name, word) in TOLD {
        let value = reply.header(name);
        if !value.is_some_and(|value| value.contains(word)) {
            evidence.push(Evidence::of(
                "a login",
                format!("{name}: {}", value.unwrap_or("not sent")),
            ));
        }
    }
    let versioned = |name: &str| {
        reply
            .header(name)
            .filter(|value| value.contains(|c: char| c.is_ascii_digit()))
    };
    if let Some(value) = versioned("server").or_else(|| versioned("x-powered-by")) {
        evidence.push(Evidence::of(
            "a login",
            format!("it tells its software: {value}"),
        ));
    }
    Ok(Outcome::of(TOLD.len() + 1, evidence))
}

pub const CROSS_SITE: Card = Card {
    name: "cross-site-requests",
    title: "Another site cannot make a browser log in or out, or read the answer",
    severity: Severity::High,
    why: "A form on any page is sent with the visitor's browser; whoever takes it as a request acts for the attacker.",
    source: "RFC 9700 §4.7, OWASP ASVS 5 §3.5, CWE-352",
    fix: "Take JSON bodies only, keep tokens out of cookies that other sites can send, and allow no foreign origin.",
};

const EVIL: &str = "https://evil.example";
const FORMS: [&str; 3] = [
    "application/x-www-form-urlencoded",
    "text/plain",
    "multipart/form-data; boundary=x",
];

/// What a page elsewhere can send without being asked for permission: the three types of forms.
pub async fn refuses_other_sites(range: &Range) -> Result<Outcome, CannotRun> {
    let login = range.login(&range.name, &range.password);
    let mut evidence = Vec::new();
    for form in FORMS {
        let reply = from_elsewhere(range, form, &login).await;
        evidence.extend(
            reply
                .filter(Reply::is_success)
                .map(|reply| Evidence::of(format!("a login as {form} from {EVIL}"), reply.told())),
        );
    }
    if let Some(reply) = from_elsewhere(range, "application/json", &login).await {
        let allowed = reply
            .header("access-control-allow-origin")
            .unwrap_or_default();
        if allowed == EVIL || allowed == "*" {
            evidence.push(Evidence::of(
                format!("a login from {EVIL}"),
                format!("Access-Control-Allow-Origin: {allowed}"),
            ));
        }
        let cookie = reply
            .header("set-cookie")
            .filter(|cookie| !cookie.to_lowercase().contains("samesite"));
        evidence.extend(cookie.map(|_| Evidence::of("a login", "a cookie without SameSite")));
    }
    Ok(Outcome::of(FORMS.len() + 1, evidence))
}

async fn from_elsewhere(range: &Range, content_type: &str, body: &Value) -> Option<Reply> {
    let request = range.issuer.http.post(range.issuer.at("/v1/login"));
    let request = request
        .header(ORIGIN, EVIL)
        .header("sec-fetch-site", "cross-site");
    let request = request
        .header(CONTENT_TYPE, content_type)
        .body(body.to_string());
    web::ask(request).await.ok()
}
