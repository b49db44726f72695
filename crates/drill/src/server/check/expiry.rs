//! Forced expiry: the drill's own API has the shortest tokens there are.

use std::time::Duration;

use tokio::time::sleep;

use crate::CannotRun;
use crate::card::{Card, Outcome, Severity};
use crate::server::range::{LIFETIME, Range};
use crate::web;

pub const EXPIRED: Card = Card {
    name: "expired-token",
    title: "The issuer refuses its own token once it has expired",
    severity: Severity::Critical,
    why: "Whatever token leaked once opens the account for ever.",
    source: "RFC 7519 §4.1.4, RFC 9068 §4",
    fix: "Report it to the maintainers, as SECURITY.md says; look at the clocks of the nodes first.",
};

/// In seconds: the nodes of one issuer keep their clocks closer than this.
const LEEWAY: u64 = 7;

pub async fn ends(range: &Range) -> Result<Outcome, CannotRun> {
    let tokens = range.log_in().await?;
    let me = || {
        web::ask(
            range
                .issuer
                .http
                .get(range.issuer.at("/v1/me"))
                .bearer_auth(&tokens.access),
        )
    };
    let before = me().await;
    if !before.as_ref().is_ok_and(web::Reply::is_success) {
        return Ok(Outcome::skipped(format!(
            "/v1/me refuses the fresh token: {}",
            web::told(&before)
        )));
    }
    sleep(Duration::from_secs(u64::from(LIFETIME) + LEEWAY)).await;
    let after = me().await;
    Ok(if after.as_ref().is_ok_and(web::Reply::is_success) {
        Outcome::found(
            format!("a token that expired {LEEWAY} s before"),
            web::told(&after),
        )
    } else {
        Outcome::of(1, Vec::new())
    })
}
