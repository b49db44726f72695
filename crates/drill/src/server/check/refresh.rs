//! Refreshing: lost responses, races, thieves.

use std::collections::BTreeSet;
use std::time::Duration;

use tokio::task::JoinSet;
use tokio::time::{Instant, sleep};

use crate::CannotRun;
use crate::card::{Card, Evidence, Outcome, Severity};
use crate::issuer::Tokens;
use crate::server::range::Range;
use crate::web;

const ROTATE_SOURCE: &str = "RFC 9700 §4.14.2, RFC 6749 §10.4";

pub const ROTATES: Card = Card {
    name: "refresh-rotates",
    title: "A refresh answers with new tokens, and the new ones work",
    severity: Severity::High,
    why: "A refresh token that stays the same can be used by a thief for as long as by its owner, and nobody notices.",
    source: ROTATE_SOURCE,
    fix: "Hand out a new refresh token each time, and accept the old one no more.",
};

pub async fn rotates(range: &Range) -> Result<Outcome, CannotRun> {
    let first = range.log_in().await?;
    let second = refreshed(range, &first.refresh).await?;
    let third = refreshed(range, &second.refresh).await?;
    let mut evidence = Vec::new();
    for (before, after) in [(&first, &second), (&second, &third)] {
        if before.refresh == after.refresh || before.access == after.access {
            evidence.push(Evidence::of("a refresh", "the same token as before"));
        }
    }
    Ok(Outcome::of(2, evidence))
}

pub const REPEAT: Card = Card {
    name: "lost-response",
    title: "Repeating a refresh at once never makes a second branch",
    severity: Severity::High,
    why: "A client whose response was lost asks again. If it gets another token than the lost one, two chains live side by side, and \
          the theft of one of them goes unnoticed.",
    source: ROTATE_SOURCE,
    fix: "Within the grace time answer with the same successor; or refuse.",
};

pub async fn survives_a_lost_response(range: &Range) -> Result<Outcome, CannotRun> {
    let first = range.log_in().await?;
    let lost = refreshed(range, &first.refresh).await?;
    let again = range.refresh(&first.refresh).await;
    let repeated = again.as_ref().ok().and_then(Tokens::of);
    Ok(match repeated {
        Some(repeated) if repeated.refresh == lost.refresh => {
            Outcome::measured(1, "answered with the same successor")
        }
        Some(_) => Outcome::found("the same refresh token twice", "two different successors"),
        None => Outcome::measured(1, format!("refused: {}", web::told(&again))),
    })
}

pub const RACE: Card = Card {
    name: "racing-refreshes",
    title: "A hundred refreshes with one token have one successor, and nobody is logged out",
    severity: Severity::High,
    why: "Tabs and retries race. Two successors hide a theft; none logs an honest person out.",
    source: "CVE-2026-1035, RFC 9700 §4.14.2",
    fix: "Rotate in one guarded write, and let those who came second have what the first one got.",
};

const RACERS: usize = 100;

pub async fn has_one_successor(range: &Range) -> Result<Outcome, CannotRun> {
    let first = range.log_in().await?;
    let began = Instant::now();
    let mut racers = JoinSet::new();
    for _ in 0..RACERS {
        let request = range.issuer.http.post(range.issuer.at("/v1/refresh"));
        let body = serde_json::json!({ "refresh_token": first.refresh }).to_string();
        racers.spawn(web::ask(crate::issuer::json_request(request, body)));
    }
    let (mut successors, mut refused) = (BTreeSet::new(), 0);
    while let Some(answer) = racers.join_next().await {
        match answer
            .ok()
            .and_then(Result::ok)
            .as_ref()
            .and_then(Tokens::of)
        {
            Some(tokens) => drop(successors.insert(tokens.refresh)),
            None => refused += 1,
        }
    }
    let took = began.elapsed();
    if took > range.grace && !range.grace.is_zero() {
        // The last of them came too late to tell from a thief.
        return Ok(Outcome::skipped(format!(
            "{RACERS} refreshes took {} s here, longer than the grace time",
            took.as_secs()
        )));
    }
    let told = format!("{} successors, {refused} refused", successors.len());
    let Some(successor) = successors.first().filter(|_| successors.len() == 1) else {
        return Ok(Outcome::found(format!("{RACERS} refreshes at once"), told));
    };
    let next = range.refresh(successor).await;
    Ok(if next.as_ref().is_ok_and(web::Reply::is_success) {
        Outcome::measured(RACERS, format!("one successor, {refused} refused"))
    } else {
        Outcome::found("the one successor of a race", web::told(&next))
    })
}

pub const THEFT: Card = Card {
    name: "reused-refresh-token",
    title: "A superseded refresh token that comes back ends the session",
    severity: Severity::Critical,
    why: "Two parties hold the token, and one of them is a thief. Whoever is not stopped goes on for ever.",
    source: ROTATE_SOURCE,
    fix: "Remember which token is current; when an older one comes after the grace time, end the session.",
};

/// Before, inside and after the grace time: the thief copies token 1, the owner rotates to 2, the thief comes late.
pub async fn ends_the_session_of_a_thief(range: &Range) -> Result<Outcome, CannotRun> {
    let stolen = range.log_in().await?;
    let owner = refreshed(range, &stolen.refresh).await?;
    sleep(range.grace + Duration::from_millis(1_500)).await;
    let thief = range.refresh(&stolen.refresh).await;
    let mut evidence = Vec::new();
    if thief.as_ref().is_ok_and(web::Reply::is_success) {
        let seconds = range.grace.as_secs() + 1;
        evidence.push(Evidence::of(
            format!("a refresh token that was superseded {seconds} s before"),
            web::told(&thief),
        ));
    }
    let next = range.refresh(&owner.refresh).await;
    if next.as_ref().is_ok_and(web::Reply::is_success) {
        evidence.push(Evidence::of(
            "the owner's refresh token after the theft",
            format!("{}: the session goes on", web::told(&next)),
        ));
    }
    let me = range
        .issuer
        .http
        .get(range.issuer.at("/v1/me"))
        .bearer_auth(&owner.access);
    let me = web::ask(me).await;
    if me.as_ref().is_ok_and(web::Reply::is_success) {
        evidence.push(Evidence::of(
            "the session's access token after the theft",
            web::told(&me),
        ));
    }
    Ok(Outcome::of(3, evidence))
}

async fn refreshed(range: &Range, token: &str) -> Result<Tokens, CannotRun> {
    Tokens::needed(range.refresh(token).await, "a refresh")
}
