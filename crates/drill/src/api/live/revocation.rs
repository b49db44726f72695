//! A session is logged out; when does the service notice?

use std::time::Duration;

use tokio::time::{Instant, sleep};

use crate::api::judge::Verdict;
use crate::api::{ApiDrill, Runner};
use crate::card::{Card, Evidence, Outcome, Severity};
use crate::issuer::Issuer;
use crate::token::redacted;
use crate::web;

pub const CARD: Card = Card {
    name: "revoked-token",
    title: "A token ends when its session does",
    severity: Severity::High,
    why: "After a logout, a theft or a dismissal the token in somebody's hands goes on until it expires.",
    source: "RFC 9700 §4.9.3, Token Status List §8, OWASP ASVS 5 §7.4.1",
    fix: "Follow the issuer's feed or status list (keywright-verify does both), or make tokens so short that it does not matter.",
};

const GLANCE: Duration = Duration::from_millis(50);

pub async fn replay(runner: &mut Runner<'_>, drill: &ApiDrill, issuer: &Issuer) -> Outcome {
    let tokens = match drill.credentials.session(issuer).await {
        Some(Ok(tokens)) => tokens,
        Some(Err(error)) => return Outcome::skipped(error.to_string()),
        None => {
            return Outcome::skipped(
                "no person's credentials were given, and only a session can be logged out",
            );
        }
    };
    let before = runner.target.bearer(&tokens.access).await;
    if runner.judge.verdict(&before) != Verdict::Accepted {
        return Outcome::skipped(format!(
            "a person's token is refused here: {}",
            web::told(&before)
        ));
    }
    let left = issuer.log_out(&tokens.access).await;
    if !left.as_ref().is_ok_and(web::Reply::is_success) {
        return Outcome::skipped(format!("the logout failed: {}", web::told(&left)));
    }
    let ended = Instant::now();
    let mut tried = 0;
    loop {
        tried += 1;
        let answer = runner.target.bearer(&tokens.access).await;
        let age = ended.elapsed();
        if runner.judge.verdict(&answer) != Verdict::Accepted {
            return Outcome::measured(
                tried,
                format!("refused {} ms after the logout", age.as_millis()),
            );
        }
        if age > drill.revocation_within {
            let evidence = Evidence {
                sent: format!(
                    "the token of a session that was logged out {} s before",
                    age.as_secs()
                ),
                token: Some(redacted(&tokens.access)),
                came_back: web::told(&answer),
            };
            return Outcome::of(tried, vec![evidence]);
        }
        sleep(GLANCE).await;
    }
}
