//! A key rotation, as verifiers see it.

use keywright_jwt::{Compact, JwkSet, VerifyingKey};
use reqwest::Method;
use serde_json::json;

use crate::CannotRun;
use crate::card::{Card, Evidence, Outcome, Severity};
use crate::server::range::Range;
use crate::token::Genuine;
use crate::web;

pub const ROTATION: Card = Card {
    name: "key-rotation",
    title: "When keys rotate, tokens from before and after verify with the key set that is served",
    severity: Severity::Critical,
    why: "A key that signs before it is known, or disappears while its tokens live, logs everybody out at every service.",
    source: "OpenID Connect Core §10.1.1, RFC 7517 §5",
    fix: "Serve a key before it signs, and until its last token is dead.",
};

pub async fn goes_unnoticed(range: &Range) -> Result<Outcome, CannotRun> {
    if !range.rotate {
        return Ok(Outcome::skipped(
            "it changes the deployment: ask for it with --rotate",
        ));
    }
    let before = range.log_in_to_issuer().await?.access;
    let algorithm = Genuine::parse(&before)?.algorithm;
    let body = json!({ "algorithm": algorithm.as_str() });
    let rotated = range
        .admin(Method::POST, "/admin/v1/keys/rotate", &body)
        .await;
    if let Err(error) = rotated {
        return Ok(Outcome::skipped(format!(
            "the issuer does not rotate now: {error}"
        )));
    }
    let after = range.log_in_to_issuer().await?.access;
    let mut evidence = Vec::new();
    for (token, when) in [(&before, "before"), (&after, "after")] {
        if !verifies(range, token).await {
            evidence.push(Evidence::of(
                format!("a token from {when} the rotation"),
                "the key set does not verify it",
            ));
        }
        let me = web::ask(
            range
                .issuer
                .http
                .get(range.issuer.at("/v1/me"))
                .bearer_auth(token),
        )
        .await;
        if !me.as_ref().is_ok_and(web::Reply::is_success) {
            evidence.push(Evidence::of(
                format!("/v1/me with a token from {when} the rotation"),
                web::told(&me),
            ));
        }
    }
    Ok(Outcome::of(4, evidence))
}

async fn verifies(range: &Range, token: &str) -> bool {
    let url = range.issuer.metadata["jwks_uri"]
        .as_str()
        .unwrap_or_default();
    let Ok(reply) = web::ask(range.issuer.http.get(url)).await else {
        return false;
    };
    let kid = keywright_jwt::decode_unverified(token).map(|read| read.header["kid"].clone());
    let verify = || {
        let set = JwkSet::parse(&reply.body).ok()?;
        let jwk = set.find(kid.as_ref().ok()?.as_str()?)?;
        let key = VerifyingKey::from_jwk(jwk, jwk.algorithm()?).ok()?;
        let compact = Compact::split(token).ok()?;
        let signature = compact.decode_signature().ok()?;
        key.verify(compact.signing_input(), signature.as_bytes())
            .ok()
    };
    verify().is_some()
}
