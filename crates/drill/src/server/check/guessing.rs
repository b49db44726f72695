//! Guessing passwords.

use reqwest::header::RETRY_AFTER;

use crate::CannotRun;
use crate::card::{Card, Outcome, Severity};
use crate::server::range::Range;
use crate::web;

pub const LIMITED: Card = Card {
    name: "guessing-is-limited",
    title: "Guessing at a password is slowed down, and says when to come back",
    severity: Severity::High,
    why: "A machine tries every password of a leaked list in an afternoon.",
    source: "OWASP ASVS 5 §6.3.1, RFC 6585 §4, CWE-307",
    fix: "Count failures per account and per network; answer 429 with Retry-After. Behind a proxy, name it in the configuration.",
};

/// Twice what a forgetful person needs.
const GUESSES: usize = 30;

pub async fn is_limited(range: &Range) -> Result<Outcome, CannotRun> {
    for guess in 1..=GUESSES {
        let login = range.login(&range.name, &format!("wrong-{guess}"));
        let answer = range.issuer.log_in(&login).await;
        match &answer {
            Ok(reply) if reply.is_success() => {
                return Ok(Outcome::found("a wrong password", web::told(&answer)));
            }
            Ok(reply) if matches!(reply.status, 429 | 503) => {
                return Ok(match reply.header(RETRY_AFTER.as_str()) {
                    Some(wait) => {
                        Outcome::measured(guess, format!("after {guess} guesses, for {wait} s"))
                    }
                    None => Outcome::found(
                        format!("{guess} wrong passwords"),
                        format!("{}, without Retry-After", reply.told()),
                    ),
                });
            }
            Ok(_) | Err(_) => {}
        }
    }
    Ok(Outcome::found(
        format!("{GUESSES} wrong passwords for one account"),
        "every one of them was tried",
    ))
}
