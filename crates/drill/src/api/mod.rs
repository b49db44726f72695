//! The examination of a service that is protected by the issuer's tokens.

mod attack;
mod credentials;
mod decoy;
mod judge;
mod live;
mod runner;
mod target;
mod workshop;

use std::ops::RangeInclusive;
use std::sync::Arc;
use std::time::Duration;

use reqwest::{Method, Url};
use tokio::time::Instant;

pub use credentials::Credentials;
pub use workshop::{NotSealed, Seal};

pub(crate) use attack::Variant;
pub(crate) use judge::Judge;
pub(crate) use runner::Runner;
pub(crate) use target::{Place, Target};
pub(crate) use workshop::Workshop;

use crate::card::{Examined, Outcome};
use crate::issuer::Issuer;
use crate::report::Report;
use crate::token::Genuine;
use crate::{CannotRun, Progress, web};

/// How the protected resource is asked for.
pub struct Service {
    pub url: String,
    pub method: String,
    /// JSON, for methods that take one.
    pub body: Option<String>,
    /// Statuses that mean "accepted"; what the good token gets always does.
    pub accepted: Option<RangeInclusive<u16>>,
}

pub struct ApiDrill {
    pub service: Service,
    pub issuer: String,
    pub credentials: Credentials,
    pub seal: Option<Arc<dyn Seal>>,
    /// Where the service can reach a server of ours, if it runs on another machine.
    pub decoy: Option<String>,
    /// How long a service may take to learn of a revocation.
    pub revocation_within: Duration,
    /// Whether to wait until the good token has expired, and try it again.
    pub await_expiry: bool,
    /// The CA to trust instead of the machine's; PEM.
    pub ca: Option<Vec<u8>>,
    /// How long one answer may take.
    pub patience: Duration,
    /// Seconds since 1970.
    pub now: i64,
}

impl ApiDrill {
    pub async fn run(self, progress: &dyn Progress) -> Result<Report, CannotRun> {
        let began = Instant::now();
        let http = web::client(self.patience, self.ca.as_deref())?;
        let issuer = Issuer::find(&self.issuer, http.clone()).await?;
        let target = Target {
            url: web::url(&self.service.url)?,
            method: method(&self.service.method)?,
            body: self.service.body.clone(),
            place: Place::Header,
            http,
        };
        let good = self.credentials.token(&issuer).await?;
        let judge = Judge::at(&target, &good, self.service.accepted.clone()).await?;
        let examined = match judge {
            Some(judge) => {
                let mut runner = Runner::new(&target, judge, progress);
                self.attack(&mut runner, &issuer, &good).await?;
                runner.close()
            }
            None => vec![open_to_everybody(progress)],
        };
        Ok(Report {
            kind: "api",
            target: self.service.url,
            issuer: issuer.url,
            started_at: self.now,
            took: began.elapsed(),
            examined,
        })
    }

    async fn attack(
        &self,
        runner: &mut Runner<'_>,
        issuer: &Issuer,
        good: &str,
    ) -> Result<(), CannotRun> {
        let other = self.credentials.token(issuer).await.ok();
        let other = other.filter(|other| other != good);
        let shop = Workshop::new(
            Genuine::parse(good)?,
            other.and_then(|other| Genuine::parse(&other).ok()),
            &issuer.keys,
            self.seal.clone(),
            self.now,
        )?;
        let sealed = same_key(&shop);
        runner.attack(&shop, sealed).await;
        live::attack(runner, self, issuer, &shop).await;
        Ok(())
    }

    fn decoy_address(&self, target: &Url) -> Result<Option<Url>, String> {
        match &self.decoy {
            Some(text) => web::url(text).map(Some).map_err(|error| error.to_string()),
            None if web::is_loopback(target) => Ok(None),
            None => Err(
                "the service runs elsewhere; say with --decoy where it can reach this machine"
                    .to_owned(),
            ),
        }
    }
}

/// Everything else would be accepted as well, so it is not tried.
fn open_to_everybody(progress: &dyn Progress) -> Examined {
    progress.begins(&attack::MISSING);
    let examined = Examined {
        card: &attack::MISSING,
        outcome: Outcome::found(
            "no token, and the good token",
            "the same answer to both: the resource is open to everybody",
        ),
        tolerated: false,
    };
    progress.ends(&examined);
    examined
}

fn method(text: &str) -> Result<Method, CannotRun> {
    Method::from_bytes(text.as_bytes())
        .map_err(|_| CannotRun::Unusable(format!("{text} is no HTTP method")))
}

/// The key that is lent must be the one that signed the good token: otherwise the refusal of a wrong token would say nothing
/// about what is wrong with it.
fn same_key(shop: &Workshop) -> Result<(), String> {
    let expired = shop.claims().with("exp", "0");
    let Some(token) = shop.try_to_seal("at+jwt", &expired) else {
        return Err(
            "only the issuer could sign it, and its keys were not lent (--config)".to_owned(),
        );
    };
    let token = token.map_err(|why| format!("the issuer's key is not lent for it: {why}"))?;
    match token.split_once('.') {
        Some((head, _)) if head == shop.genuine.head() => Ok(()),
        Some(_) | None => {
            Err("the issuer's key is another than the one that signed the good token".to_owned())
        }
    }
}
