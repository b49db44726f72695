//! Requests without any token.

use crate::CannotRun;
use crate::card::{Card, Evidence, Outcome, Severity};
use crate::server::range::Range;
use crate::web;

pub const STRANGERS: Card = Card {
    name: "doors-are-closed",
    title: "Nobody gets in without a token",
    severity: Severity::Critical,
    why: "One endpoint that forgot to ask is enough.",
    source: "RFC 6750 §3.1, CWE-306",
    fix: "Report it to the maintainers; until then let a proxy close the path.",
};

const DOORS: [&str; 9] = [
    "/v1/me",
    "/v1/sessions",
    "/admin/v1/users",
    "/admin/v1/clients",
    "/admin/v1/apis",
    "/admin/v1/roles",
    "/admin/v1/sessions",
    "/admin/v1/keys",
    "/admin/v1/audit",
];

pub async fn refuses_without_token(range: &Range) -> Result<Outcome, CannotRun> {
    let issuer = &range.issuer;
    let introspection = issuer.metadata["introspection_endpoint"].as_str();
    let mut evidence = Vec::new();
    for path in DOORS {
        let answer = web::ask(issuer.http.get(issuer.at(path))).await;
        if !answer.as_ref().is_ok_and(|reply| reply.status == 401) {
            evidence.push(Evidence::of(
                format!("GET {path} without a token"),
                web::told(&answer),
            ));
        }
    }
    if let Some(url) = introspection {
        let token = range.log_in_to_issuer().await?.access;
        let answer = web::ask(issuer.http.post(url).form(&[("token", token.as_str())])).await;
        if answer.as_ref().is_ok_and(web::Reply::is_success) {
            evidence.push(Evidence::of("introspection by nobody", web::told(&answer)));
        }
    }
    Ok(Outcome::of(
        DOORS.len() + usize::from(introspection.is_some()),
        evidence,
    ))
}
