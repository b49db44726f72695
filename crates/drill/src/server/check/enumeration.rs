//! Whether strangers can find out who has an account.

use serde_json::{Value, json};
use tokio::time::Instant;

use crate::CannotRun;
use crate::card::{Card, Outcome, Severity};
use crate::server::range::Range;
use crate::server::rank::{median, score};
use crate::web::{NoReply, Reply, told};

const WHY: &str = "Who has an account here may be a secret by itself, and is the first half of every guessing attack.";
const SOURCE: &str = "CVE-2024-41952, OWASP ASVS 5 §6.3.8, CWE-204";

pub const LOGIN: Card = Card {
    name: "login-tells-nothing",
    title: "A login is refused with the same words, whether the account exists or not",
    severity: Severity::High,
    why: WHY,
    source: SOURCE,
    fix: "One answer for a wrong name and a wrong password.",
};

pub async fn login_tells_nothing(range: &Range) -> Result<Outcome, CannotRun> {
    let known = refused(range, &range.name).await;
    let stranger = refused(range, &format!("{}-nobody", range.name)).await;
    Ok(compare(&known, &stranger, "a login with a wrong password"))
}

pub const RECOVERY: Card = Card {
    name: "recovery-tells-nothing",
    title: "Asking for a recovery letter is answered the same, whether the account exists or not",
    severity: Severity::High,
    why: WHY,
    source: SOURCE,
    fix: "Answer at once and the same for every address, and write the letter afterwards.",
};

pub async fn recovery_tells_nothing(range: &Range) -> Result<Outcome, CannotRun> {
    let ask = |email: String| async move {
        let body = json!({ "email": email });
        range.issuer.post("/v1/password/forgot", &body).await
    };
    let known = ask(range.email()).await;
    let stranger = ask(format!("nobody-{}", range.email())).await;
    Ok(compare(&known, &stranger, "recovery"))
}

pub const TIMING: Card = Card {
    name: "login-timing",
    title: "A refused login takes the same time, whether the account exists or not",
    severity: Severity::High,
    why: WHY,
    source: "CWE-208, OWASP ASVS 5 §6.3.8",
    fix: "Check a decoy hash where there is no account.",
};

/// Pairs of samples, interleaved so that whatever slows the machine slows both.
const PAIRS: usize = 8;
/// One in ten thousand by chance; and no difference below a tenth can be used over a network.
const IMPROBABLE: f64 = 3.1;
/// A neighbour who comes and goes can slow one side alone, once. What is in the server is there again, and is looked for so many times.
const TIMES_SEEN: usize = 2;

pub async fn login_takes_the_same_time(range: &Range) -> Result<Outcome, CannotRun> {
    let mut figures = String::new();
    for time in 1..=TIMES_SEEN {
        let (known, strangers) = match wrong_logins(range).await {
            Ok(times) => times,
            Err(limited) if figures.is_empty() => return Ok(Outcome::skipped(limited)),
            // Who is not let try again goes by what was seen.
            Err(_) => break,
        };
        let (here, there) = (median(&known), median(&strangers));
        let by_rank = score(&known, &strangers);
        figures = format!(
            "median {here} µs with an account, {there} µs without, rank score {by_rank:.1}"
        );
        let is_wide = here.abs_diff(there) * 10 > here.min(there);
        if by_rank.abs() <= IMPROBABLE || !is_wide {
            return Ok(Outcome::measured(2 * PAIRS * time, figures));
        }
    }
    Ok(Outcome::found(
        format!("{PAIRS} interleaved pairs of wrong logins, up to {TIMES_SEEN} times"),
        figures,
    ))
}

/// How long each took in µs: with an account, and without. Or why that cannot be measured.
async fn wrong_logins(range: &Range) -> Result<(Vec<u128>, Vec<u128>), String> {
    let (mut known, mut strangers) = (Vec::new(), Vec::new());
    for round in 0..PAIRS {
        let nobody = format!("{}-nobody-{round}", range.name);
        let mut pair = [(range.name.clone(), &mut known), (nobody, &mut strangers)];
        if round % 2 == 1 {
            pair.reverse();
        }
        for (name, times) in pair {
            let asked = Instant::now();
            let answer = refused(range, &name).await;
            if !answer.as_ref().is_ok_and(|reply| reply.status == 401) {
                return Err(format!("the samples are limited: {}", told(&answer)));
            }
            times.push(asked.elapsed().as_micros());
        }
    }
    Ok((known, strangers))
}

async fn refused(range: &Range, name: &str) -> Result<Reply, NoReply> {
    range
        .issuer
        .log_in(&range.login(name, "certainly not the password"))
        .await
}

/// Everything that a stranger sees but the request's own number.
fn compare(
    known: &Result<Reply, NoReply>,
    stranger: &Result<Reply, NoReply>,
    what: &str,
) -> Outcome {
    let (Ok(one), Ok(other)) = (known, stranger) else {
        return Outcome::skipped(format!("{what} was not answered"));
    };
    if one.status == 429 || other.status == 429 {
        return Outcome::skipped(format!("{what} is limited at the moment"));
    }
    if (one.status, comparable(one)) == (other.status, comparable(other)) {
        return Outcome::of(2, Vec::new());
    }
    let say = |reply: &Reply| format!("{} {}", reply.status, comparable(reply));
    Outcome::found(
        what,
        format!("{} with an account, {} without", say(one), say(other)),
    )
}

fn comparable(reply: &Reply) -> Value {
    let mut body = reply.json();
    if let Some(members) = body.as_object_mut() {
        members.retain(|name, _| !matches!(name.as_str(), "request_id" | "instance"));
    }
    body
}
