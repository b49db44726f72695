//! Many sessions of one scenario under one rule, counted.

use std::thread;

use anyhow::{Result, anyhow};
use keywright_domain::Period;

use super::life::{Outcome, Verdict, live};
use super::rule::Rule;
use super::scenario::Scenario;

/// Counts of one scenario under one rule.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    pub sessions: u64,
    pub logged_out: u64,
    /// Sessions in which a stolen token was presented.
    pub thefts: u64,
    pub missed: u64,
    /// From the thief's first use to the end of the session; sorted.
    pub detected: Vec<Period>,
}

/// Each session has randomness of its own, so the result does not depend on the number of threads.
pub fn count<R: Rule>(scenario: &Scenario, sessions: u64, seed: u64) -> Result<Tally> {
    let threads = thread::available_parallelism().map_or(1, usize::from) as u64;
    let mut total = thread::scope(|scope| {
        let shares: Vec<_> = (0..threads)
            .map(|first| {
                scope.spawn(move || -> Result<Tally> {
                    let mut share = Tally::default();
                    for number in (first..sessions).step_by(usize::try_from(threads)?) {
                        share.add(live::<R>(scenario, seed, number)?);
                    }
                    Ok(share)
                })
            })
            .collect();
        shares
            .into_iter()
            .try_fold(Tally::default(), |total, share| {
                let share = share.join().map_err(|_| anyhow!("a simulation panicked"))?;
                anyhow::Ok(total.with(share?))
            })
    })?;
    total.detected.sort_unstable();
    Ok(total)
}

impl Tally {
    fn add(&mut self, outcome: Outcome) {
        self.sessions += 1;
        self.logged_out += u64::from(outcome.logged_out);
        self.thefts += u64::from(outcome.theft.is_some());
        match outcome.theft {
            Some(Verdict::Detected(after)) => self.detected.push(after),
            Some(Verdict::Missed) => self.missed += 1,
            Some(Verdict::Harmless) | None => {}
        }
    }

    fn with(mut self, other: Tally) -> Tally {
        self.sessions += other.sessions;
        self.logged_out += other.logged_out;
        self.thefts += other.thefts;
        self.missed += other.missed;
        self.detected.extend(other.detected);
        self
    }

    /// False logouts per 100,000 sessions.
    pub fn false_logouts(&self) -> u64 {
        per_100_000(self.logged_out, self.sessions)
    }

    /// Missed thefts per 100,000 thefts.
    pub fn missed_thefts(&self) -> u64 {
        per_100_000(self.missed, self.thefts)
    }

    /// The time within which `percent` of the detected thefts were detected.
    pub fn detected_within(&self, percent: usize) -> Option<Period> {
        let last = self.detected.len().checked_sub(1)?;
        self.detected.get(last * percent / 100).copied()
    }
}

/// Rounded up: what happened once is not shown as never.
fn per_100_000(count: u64, of: u64) -> u64 {
    (count * 100_000).div_ceil(of.max(1))
}
