//! Administration with a token that permits none.

use serde_json::json;

use crate::CannotRun;
use crate::card::{Card, Evidence, Outcome, Severity};
use crate::issuer::json_request;
use crate::server::range::{Range, second_client};
use crate::web;

pub const SCOPE: Card = Card {
    name: "admin-needs-scope",
    title: "A person without the scope administers nothing, not even the person's own roles",
    severity: Severity::Critical,
    why: "Every account would be an administrator's.",
    source: "RFC 6750 §3.1, OWASP ASVS 5 §8.2.1, CWE-862",
    fix: "Report it to the maintainers, as SECURITY.md says.",
};

const LOOKS: [&str; 7] = [
    "/admin/v1/users",
    "/admin/v1/clients",
    "/admin/v1/apis",
    "/admin/v1/roles",
    "/admin/v1/sessions",
    "/admin/v1/keys",
    "/admin/v1/audit",
];

pub async fn demands_scopes(range: &Range) -> Result<Outcome, CannotRun> {
    let issuer = &range.issuer;
    // The first is for this audience and lacks the scope, the second is for another audience.
    let tokens = [
        range.log_in_to_issuer().await?.access,
        range.log_in().await?.access,
    ];
    let mut evidence = Vec::new();
    for (token, whose) in tokens.iter().zip(["without scope", "for another API"]) {
        for path in LOOKS {
            let answer = web::ask(issuer.http.get(issuer.at(path)).bearer_auth(token)).await;
            if !answer
                .as_ref()
                .is_ok_and(|reply| matches!(reply.status, 401 | 403))
            {
                evidence.push(Evidence::of(
                    format!("GET {path} with a token {whose}"),
                    web::told(&answer),
                ));
            }
        }
        let body = json!({ "client_id": second_client(&range.name), "name": "drill", "kind": "confidential", "grants": ["client_credentials"] });
        let request = issuer
            .http
            .post(issuer.at("/admin/v1/clients"))
            .bearer_auth(token);
        let answer = web::ask(json_request(request, body.to_string())).await;
        if answer.as_ref().is_ok_and(web::Reply::is_success) {
            evidence.push(Evidence::of(
                format!("POST /admin/v1/clients with a token {whose}"),
                web::told(&answer),
            ));
        }
    }
    Ok(Outcome::of(2 * (LOOKS.len() + 1), evidence))
}
