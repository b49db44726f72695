//! Forged tokens at the issuer's own doors.

use std::ops::RangeInclusive;

use reqwest::Method;

use crate::api::{Judge, Runner, Target, Workshop};
use crate::card::{Card, Evidence, Examined, Outcome, Severity};
use crate::server::range::Range;
use crate::token::Genuine;
use crate::{CannotRun, Progress, web};

pub const FORGED: Card = Card {
    name: "forged-tokens",
    title: "The issuer's own endpoints refuse every forged token",
    severity: Severity::Critical,
    why: "Whoever forges a token for the identity API owns accounts, and for the admin API all of them.",
    source: "RFC 8725 §2.1, §3.1, §3.10; `drill api` names each attack",
    fix: "Report it to the maintainers, as SECURITY.md says.",
};

struct Silent;

impl Progress for Silent {
    fn begins(&self, _: &'static Card) {}
    fn ends(&self, _: &Examined) {}
}

/// A person who logs in by a password alone has no `openid` scope. Userinfo knows that token all the same, and says so: what it
/// does not know it answers with 401.
const WITHOUT_SCOPE: RangeInclusive<u16> = 403..=403;

/// The catalogue of the other drill, at every endpoint that takes a bearer token.
pub async fn refuses_forgeries(range: &Range) -> Result<Outcome, CannotRun> {
    let issuer = &range.issuer;
    let userinfo = issuer.metadata["userinfo_endpoint"].as_str();
    let doors = [
        Some((issuer.at("/v1/me"), None)),
        userinfo.map(|url| (url.to_owned(), Some(WITHOUT_SCOPE))),
    ];
    let (mut tried, mut evidence) = (0, Vec::new());
    for (url, taken) in doors.into_iter().flatten() {
        let good = range.log_in_to_issuer().await?.access;
        let other = range.log_in_to_issuer().await?.access;
        let target = Target {
            url: web::url(&url)?,
            method: Method::GET,
            body: None,
            http: issuer.http.clone(),
        };
        let Some(judge) = Judge::at(&target, &good, taken).await? else {
            evidence.push(Evidence::of(
                format!("GET {url} without a token"),
                "the same answer as with one",
            ));
            continue;
        };
        let other = Genuine::parse(&other).ok();
        let shop = Workshop::new(Genuine::parse(&good)?, other, &issuer.keys, None, range.now)?;
        let mut runner = Runner::new(&target, judge, &Silent);
        runner
            .attack(&shop, Err("the issuer's keys are its own".to_owned()))
            .await;
        for examined in runner.close() {
            tried += count(&examined.outcome);
            evidence.extend(accepted(examined, &url));
        }
    }
    Ok(Outcome::of(tried, evidence))
}

fn count(outcome: &Outcome) -> usize {
    match outcome {
        Outcome::Sound { tried, .. } | Outcome::Found { tried, .. } => *tried,
        Outcome::Skipped(_) => 0,
    }
}

fn accepted(examined: Examined, url: &str) -> Vec<Evidence> {
    let is_finding = examined.is_finding();
    match examined.outcome {
        Outcome::Found { evidence, .. } if is_finding => evidence
            .into_iter()
            .map(|piece| Evidence {
                sent: format!("GET {url}: {} ({})", piece.sent, examined.card.name),
                ..piece
            })
            .collect(),
        Outcome::Found { .. } | Outcome::Sound { .. } | Outcome::Skipped(_) => Vec::new(),
    }
}

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
