//! Real tokens of the real issuer that were made for something else.

use super::event;
use crate::api::attack::Variant;
use crate::api::{ApiDrill, Runner, Workshop};
use crate::card::{Card, Outcome, Severity};
use crate::issuer::{Issuer, Tokens};
use crate::web;

pub const KIND: Card = Card {
    name: "another-kind-of-token",
    title: "What the issuer signs for another purpose is no access token",
    severity: Severity::Critical,
    why: "Status lists are public and signed by the same key: whoever takes any signed text takes them.",
    source: "RFC 8725 §2.8, §3.11, §3.12, RFC 9068 §4",
    fix: "Require `typ: at+jwt`, your audience, and the claims of RFC 9068 §2.2.",
};

pub const API: Card = Card {
    name: "another-apis-token",
    title: "A real token for another API of the issuer is refused",
    severity: Severity::Critical,
    why: "Every service that a user visits could use the user's token here: the weakest of them decides.",
    source: "RFC 8725 §3.9, RFC 9068 §4",
    fix: "Give the library your audience, compare it whole, and refuse tokens without one.",
};

pub async fn other_kinds(
    runner: &mut Runner<'_>,
    drill: &ApiDrill,
    issuer: &Issuer,
    shop: &Workshop,
) -> Outcome {
    let mut variants = Vec::new();
    if let Some(Ok(tokens)) = drill.credentials.session(issuer).await {
        variants.push(Variant::token("a refresh token", tokens.refresh));
    }
    variants.extend(event::of_the_feed(drill, issuer).await);
    let list = &shop.genuine.claim("status")["status_list"]["uri"];
    if let Some(uri) = list.as_str()
        && let Ok(reply) = web::ask(issuer.http.get(uri)).await
        && reply.is_success()
    {
        variants.push(Variant::token("the status list", reply.body));
    }
    if variants.is_empty() {
        return Outcome::skipped(
            "no token of another kind can be had: no person's credentials, no status list, no feed",
        );
    }
    let (tried, mut evidence) = (variants.len(), Vec::new());
    for variant in variants {
        evidence.extend(runner.try_one(&variant).await);
    }
    Outcome::of(tried, evidence)
}

/// The issuer's own API is one that every person can have a token for, if only an empty one.
pub async fn other_api(
    runner: &mut Runner<'_>,
    drill: &ApiDrill,
    issuer: &Issuer,
    shop: &Workshop,
) -> Outcome {
    if shop.genuine.text("aud") == issuer.url {
        return Outcome::skipped("the service is the issuer itself");
    }
    let Some(login) = drill.credentials.login(Some(&issuer.url)) else {
        return Outcome::skipped("no person's credentials were given");
    };
    let answer = issuer.log_in(&login).await;
    match Tokens::needed(answer, "a token for another API") {
        Ok(tokens) => {
            let variant = Variant::token("a token for the issuer's own API", tokens.access);
            let evidence = runner.try_one(&variant).await;
            Outcome::of(1, evidence.into_iter().collect())
        }
        Err(error) => Outcome::skipped(error.to_string()),
    }
}
