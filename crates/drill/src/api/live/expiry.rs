//! A real token that really expires. It takes the token's life and a leeway, so it is done on request.

use std::time::Duration;

use tokio::time::sleep;

use crate::api::attack::Variant;
use crate::api::{ApiDrill, Runner};
use crate::card::{Card, Outcome, Severity};
use crate::issuer::Issuer;
use crate::token::Genuine;

pub const CARD: Card = Card {
    name: "outlived-token",
    title: "A real token is refused once it has expired",
    severity: Severity::Critical,
    why: "Whatever token leaked once, from a log or a lost device, opens the door for ever.",
    source: "RFC 7519 §4.1.4, RFC 8725 §3.9, RFC 9068 §4",
    fix: "Let the library check `exp` (it is often an option), with a leeway of a minute at most.",
};

/// The most that a service has reason to grant, and a moment.
const LEEWAY: i64 = 62;

pub async fn outlive(runner: &mut Runner<'_>, drill: &ApiDrill, issuer: &Issuer) -> Outcome {
    if !drill.await_expiry {
        return Outcome::skipped("it takes a token's life: ask for it with --await-expiry");
    }
    let token = match drill.credentials.token(issuer).await {
        Ok(token) => token,
        Err(error) => return Outcome::skipped(error.to_string()),
    };
    let life = Genuine::parse(&token).ok().and_then(|genuine| {
        let (exp, iat) = (
            genuine.claim("exp").as_i64()?,
            genuine.claim("iat").as_i64()?,
        );
        u64::try_from(exp - iat + LEEWAY).ok()
    });
    let Some(life) = life else {
        return Outcome::skipped("the good token does not say when it expires");
    };
    sleep(Duration::from_secs(life)).await;
    let variant = Variant::token(format!("a token that expired {LEEWAY} s before"), token);
    Outcome::of(1, runner.try_one(&variant).await.into_iter().collect())
}
