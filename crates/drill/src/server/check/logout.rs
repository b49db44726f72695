//! After a logout.

use crate::CannotRun;
use crate::card::{Card, Outcome, Severity};
use crate::server::range::Range;
use crate::web;

pub const REFRESH: Card = Card {
    name: "logout-ends-refreshing",
    title: "After a logout the refresh token is dead",
    severity: Severity::Critical,
    why: "A logout that only forgets the token on one device leaves every copy alive.",
    source: "OWASP ASVS 5 §7.4.1, RFC 9700 §2.2.2",
    fix: "End the session on the server, and look it up at each refresh.",
};

pub async fn ends_refreshing(range: &Range) -> Result<Outcome, CannotRun> {
    let tokens = range.log_in().await?;
    let left = range.issuer.log_out(&tokens.access).await;
    if !left.as_ref().is_ok_and(web::Reply::is_success) {
        return Ok(Outcome::found("a logout", web::told(&left)));
    }
    let answer = range.refresh(&tokens.refresh).await;
    Ok(if answer.as_ref().is_ok_and(web::Reply::is_success) {
        Outcome::found(
            "the refresh token of a session that was logged out",
            web::told(&answer),
        )
    } else {
        Outcome::of(1, Vec::new())
    })
}

pub const ACCESS: Card = Card {
    name: "logout-ends-access",
    title: "After a logout the issuer takes the access token no more",
    severity: Severity::High,
    why: "The account could be changed with the token of a session that is over.",
    source: "OWASP ASVS 5 §7.4.1",
    fix: "Look the session up at the issuer's own endpoints.",
};

pub async fn ends_access(range: &Range) -> Result<Outcome, CannotRun> {
    let tokens = range.log_in_to_issuer().await?;
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
            "/v1/me answers {} before the logout",
            web::told(&before)
        )));
    }
    let _ = range.issuer.log_out(&tokens.access).await;
    let after = me().await;
    Ok(if after.as_ref().is_ok_and(web::Reply::is_success) {
        Outcome::found(
            "/v1/me with the token of a session that was logged out",
            web::told(&after),
        )
    } else {
        Outcome::of(1, Vec::new())
    })
}
