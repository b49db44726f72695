//! Forged tokens, and real ones that were made for something else, at the issuer's own doors.

use reqwest::Method;

use crate::api::{Judge, Place, Runner, Target, Variant, Workshop};
use crate::card::{Card, Evidence, Examined, Outcome, Severity};
use crate::server::range::Range;
use crate::server::relying_party::RelyingParty;
use crate::token::Genuine;
use crate::{CannotRun, Progress, web};

pub const FORGED: Card = Card {
    name: "forged-tokens",
    title: "The issuer's own endpoints refuse every forged or confused token",
    severity: Severity::Critical,
    why: "Whoever forges a token for the identity API owns accounts, and for the admin API all of them; services believe what introspection \
          says.",
    source: "RFC 8725 §2.1, §3.1, §3.10, RFC 7662 §4; `drill api` names each attack",
    fix: "Report it to the maintainers, as SECURITY.md says.",
};

struct Silent;

impl Progress for Silent {
    fn begins(&self, _: &'static Card) {}
    fn ends(&self, _: &Examined) {}
}

/// What the issuer has signed or given out for something else.
struct Confused {
    what: &'static str,
    token: String,
    /// The identity API takes a person's tokens for every API.
    is_for_an_api: bool,
}

/// An endpoint that takes tokens, with two that it takes.
struct Door {
    target: Target,
    takes_every_api: bool,
    good: String,
    other: String,
}

/// The catalogue of the other drill at `/v1/me`, at userinfo and at introspection.
pub async fn refuses_forgeries(range: &Range) -> Result<Outcome, CannotRun> {
    let mut party = RelyingParty::register(range).await?;
    let outcome = try_every_door(range, &mut party).await;
    party.remove().await?;
    outcome
}

async fn try_every_door(range: &Range, party: &mut RelyingParty<'_>) -> Result<Outcome, CannotRun> {
    let confused = confused(range, party).await?;
    let (mut tried, mut evidence) = (0, Vec::new());
    for door in doors(range, party).await? {
        for (count, pieces) in door.try_all(range, &confused).await? {
            tried += count;
            evidence.extend(pieces);
        }
    }
    Ok(Outcome::of(tried, evidence))
}

async fn confused(range: &Range, party: &mut RelyingParty<'_>) -> Result<Vec<Confused>, CannotRun> {
    let other = |what, token| Confused {
        what,
        token,
        is_for_an_api: false,
    };
    let of_api = range.log_in().await?;
    let genuine = Genuine::parse(&of_api.access)?;
    let mut confused = vec![
        other("an ID token", party.log_in().await?.id_token),
        other("a refresh token of another client", of_api.refresh),
        Confused {
            is_for_an_api: true,
            ..other("an access token for another API", of_api.access)
        },
    ];
    if let Some(list) = genuine.claim("status")["status_list"]["uri"].as_str() {
        let list = web::ask(range.issuer.http.get(list)).await;
        let text = list.map(|reply| String::from_utf8_lossy(&reply.body).trim().to_owned());
        confused.extend(text.map(|text| other("a status list", text)));
    }
    Ok(confused)
}

async fn doors(range: &Range, party: &mut RelyingParty<'_>) -> Result<Vec<Door>, CannotRun> {
    let issuer = &range.issuer;
    let target = |url: &str, method, place| -> Result<Target, CannotRun> {
        Ok(Target {
            url: web::url(url)?,
            method,
            body: None,
            place,
            http: issuer.http.clone(),
        })
    };
    let mut doors = vec![Door {
        target: target(&issuer.at("/v1/me"), Method::GET, Place::Header)?,
        takes_every_api: true,
        good: range.log_in_to_issuer().await?.access,
        other: range.log_in_to_issuer().await?.access,
    }];
    let (id, secret) = party.credentials();
    let asked = Place::Introspection { id, secret };
    for (name, method, place) in [
        ("userinfo_endpoint", Method::GET, Place::Header),
        ("introspection_endpoint", Method::POST, asked),
    ] {
        if let Some(url) = issuer.metadata[name].as_str() {
            doors.push(Door {
                target: target(url, method, place)?,
                takes_every_api: false,
                good: party.log_in().await?.access,
                other: party.log_in().await?.access,
            });
        }
    }
    Ok(doors)
}

impl Door {
    fn name(&self) -> String {
        format!("{} {}", self.target.method, self.target.url)
    }

    /// How many of each attack there were, and what was accepted.
    async fn try_all(
        &self,
        range: &Range,
        confused: &[Confused],
    ) -> Result<Vec<(usize, Vec<Evidence>)>, CannotRun> {
        let Some(judge) = Judge::at(&self.target, &self.good, None).await? else {
            let sent = format!("{} without a token", self.name());
            let open = Evidence::of(sent, "the same answer as with one");
            return Ok(vec![(1, vec![open])]);
        };
        let (good, other) = (
            Genuine::parse(&self.good)?,
            Genuine::parse(&self.other).ok(),
        );
        let shop = Workshop::new(good, other, &range.issuer.keys, None, range.now)?;
        let mut runner = Runner::new(&self.target, judge, &Silent);
        runner
            .attack(&shop, Err("the issuer's keys are its own".to_owned()))
            .await;
        let mut tried = Vec::new();
        let wrong_here = |confused: &&Confused| !(self.takes_every_api && confused.is_for_an_api);
        for Confused { what, token, .. } in confused.iter().filter(wrong_here) {
            let taken = runner.try_one(&Variant::token(*what, token.as_str())).await;
            tried.push((1, taken.into_iter().map(|piece| self.at(piece)).collect()));
        }
        let good = Variant::token("the good token", self.good.as_str());
        if runner.try_one(&good).await.is_none() {
            let why = format!("{} ended by refusing even the good token", self.name());
            return Err(CannotRun::Baseline(why));
        }
        let examined = runner.close().into_iter();
        tried.extend(examined.map(|examined| (count(&examined.outcome), self.accepted(examined))));
        Ok(tried)
    }

    fn at(&self, piece: Evidence) -> Evidence {
        Evidence {
            sent: format!("{}: {}", self.name(), piece.sent),
            ..piece
        }
    }

    fn accepted(&self, examined: Examined) -> Vec<Evidence> {
        let (is_finding, name) = (examined.is_finding(), examined.card.name);
        match examined.outcome {
            Outcome::Found { evidence, .. } if is_finding => evidence
                .into_iter()
                .map(|piece| {
                    let sent = format!("{} ({name})", piece.sent);
                    self.at(Evidence { sent, ..piece })
                })
                .collect(),
            Outcome::Found { .. } | Outcome::Sound { .. } | Outcome::Skipped(_) => Vec::new(),
        }
    }
}

fn count(outcome: &Outcome) -> usize {
    match outcome {
        Outcome::Sound { tried, .. } | Outcome::Found { tried, .. } => *tried,
        Outcome::Skipped(_) => 0,
    }
}
