use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use reqwest::{Client, Method, StatusCode, Url};
use serde::Serialize;
use tokio::sync::watch;
use tokio::time::{Instant, sleep_until};

use super::FetchError;
use super::credentials::Credentials;
use super::feed::Live;
use crate::Counts;

/// How often a verifier says how it is.
const INTERVAL: Duration = Duration::from_secs(10);

/// Reads what one verifier has counted.
pub(super) type CountsOf = Box<dyn Fn() -> Counts + Send + Sync>;

/// Tells the issuer what its tokens meet here.
pub(super) struct Reporter {
    pub client: Client,
    pub url: Url,
    pub credentials: Arc<Credentials>,
    pub counters: Vec<CountsOf>,
    pub instance: String,
    pub live: Arc<Live>,
}

#[derive(Serialize)]
struct Report<'a> {
    instance: &'a str,
    software: &'static str,
    position: Option<u64>,
    kids: Vec<String>,
    accepted: u64,
    refused: BTreeMap<&'static str, u64>,
    verification_micros: Vec<Bucket>,
    revocation_age: Option<u64>,
}

#[derive(Serialize)]
struct Bucket {
    at_most: Option<u64>,
    count: u64,
}

impl Reporter {
    /// Reports at regular times, and at once when the keys have become others: an issuer waits for that before it signs
    /// with a new one.
    pub async fn run(self, mut fetches: watch::Receiver<u64>) {
        loop {
            let report = self.report();
            self.live.reported(self.send(&report).await);
            let next = Instant::now() + INTERVAL;
            loop {
                tokio::select! {
                    () = sleep_until(next) => break,
                    ended = fetches.changed() => match ended {
                        Ok(()) if self.report().kids == report.kids => {}
                        Ok(()) => break,
                        // Nobody fetches keys any more.
                        Err(_) => return,
                    },
                }
            }
        }
    }

    async fn send(&self, report: &Report<'_>) -> Result<(), FetchError> {
        let request = self
            .credentials
            .request(&self.client, Method::POST, &self.url);
        let response = request.await?.json(report).send().await;
        match response.map_err(|_| FetchError::Unreachable)?.status() {
            StatusCode::NO_CONTENT => Ok(()),
            status => Err(FetchError::Status(status.as_u16())),
        }
    }

    fn report(&self) -> Report<'_> {
        let counts: Vec<Counts> = self.counters.iter().map(|counts| counts()).collect();
        let mut refused = BTreeMap::new();
        for (code, count) in counts.iter().flat_map(|counts| &counts.refused) {
            *refused.entry(*code).or_default() += count;
        }
        let ages = counts.iter().filter_map(|counts| counts.revocation?.age);
        Report {
            instance: &self.instance,
            software: concat!("keywright-verify/", env!("CARGO_PKG_VERSION")),
            position: self.live.state().position,
            kids: kids(&counts),
            accepted: counts.iter().map(|counts| counts.accepted).sum(),
            refused,
            verification_micros: buckets(&counts),
            revocation_age: ages.max(),
        }
    }
}

fn kids(counts: &[Counts]) -> Vec<String> {
    let mut kids: Vec<_> = counts
        .iter()
        .flat_map(|counts| counts.kids.clone())
        .collect();
    kids.sort_unstable();
    kids.dedup();
    kids
}

/// The histograms of all verifiers have the same bounds.
fn buckets(counts: &[Counts]) -> Vec<Bucket> {
    let mut sums = BTreeMap::new();
    for bucket in counts.iter().flat_map(|counts| &counts.timing) {
        let micros = bucket.at_most.map(|time| time.as_micros());
        // What has no bound comes last.
        *sums.entry((micros.is_none(), micros)).or_default() += bucket.count;
    }
    let bucket = |((_, micros), count): ((bool, Option<u128>), u64)| Bucket {
        at_most: micros.and_then(|micros| u64::try_from(micros).ok()),
        count,
    };
    sums.into_iter().map(bucket).collect()
}
