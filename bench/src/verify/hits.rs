//! What the cache answers, and what the checks cost that are not the signature's.

use std::hint::black_box;
use std::sync::Barrier;
use std::thread;
use std::time::Instant;

use anyhow::{Context, Result};
use keywright_jwt::{Algorithm, SigningKey};
use keywright_verify::Verifier;

use super::tokens::{AUDIENCE, ISSUER, Issued, payload};
use super::{median, status};

/// Enough for the ten thousand tokens below.
pub const CACHE_BYTES: usize = 32 << 20;

/// One figure, and what it is meant to be.
pub struct Hit {
    pub name: &'static str,
    pub value: f64,
    pub unit: &'static str,
    pub goal: f64,
}

impl Hit {
    /// Everything here is meant to be at most its goal, except what is counted in times.
    pub fn is_met(&self) -> bool {
        if self.unit == "×" {
            self.value >= self.goal
        } else {
            self.value <= self.goal
        }
    }
}

pub fn measure(rounds: usize) -> Result<Vec<Hit>> {
    let issued = Issued::with_count(Algorithm::Es256, 10_000)?;
    let verifier = Verifier::builder(ISSUER, issued.key_slot()?)
        .audience(AUDIENCE)
        .cache(CACHE_BYTES)
        .build()?;
    let hot = each(&verifier, &issued.tokens[..1], rounds)?;
    let many = each(&verifier, &scattered(&issued.tokens), rounds.div_ceil(10))?;
    Ok(vec![
        Hit {
            name: "cached, one token",
            value: hot,
            unit: "ns",
            goal: 60.0,
        },
        Hit {
            name: "cached, 10,000 live tokens in random order",
            value: many,
            unit: "ns",
            goal: 500.0,
        },
        Hit {
            name: "cached, two threads as against one",
            value: two_threads(&verifier, &issued.tokens[..64], rounds)?,
            unit: "×",
            goal: 1.9,
        },
        Hit {
            name: "refusal of an unknown key name",
            value: flood(&verifier, rounds)?,
            unit: "ns",
            goal: 2000.0,
        },
        Hit {
            name: "revocation looked up, in a list of a million",
            value: status::lookup(rounds)?,
            unit: "ns",
            goal: 20.0,
        },
    ])
}

/// Nanoseconds per accepted token, all of them in turn.
fn each(verifier: &Verifier, tokens: &[String], rounds: usize) -> Result<f64> {
    for token in tokens {
        verifier.verify(token)?;
    }
    let batch = tokens.len().max(10_000);
    let samples = (0..rounds).map(|_| {
        let start = Instant::now();
        for token in tokens.iter().cycle().take(batch) {
            black_box(verifier.verify(token)?);
        }
        Ok(nanos_since(start, batch))
    });
    Ok(median(samples.collect::<Result<_>>()?))
}

/// An order that no prefetcher foresees: 7,919 has no factor in common with 10,000.
fn scattered(tokens: &[String]) -> Vec<String> {
    (0..tokens.len())
        .map(|at| tokens[at * 7_919 % tokens.len()].clone())
        .collect()
}

/// How many times as much two threads do as one does, by the best of many rounds: with a busy neighbour on two cores, most
/// rounds tell how many cores were free.
fn two_threads(verifier: &Verifier, tokens: &[String], rounds: usize) -> Result<f64> {
    let mut best = [f64::MAX; 2];
    for round in 0..rounds {
        let threads = round % 2 + 1;
        let barrier = Barrier::new(threads);
        let took = thread::scope(|scope| {
            let workers: Vec<_> = (0..threads)
                .map(|_| scope.spawn(|| timed_batch(verifier, tokens, &barrier)))
                .collect();
            let took = workers
                .into_iter()
                .map(|worker| worker.join().ok().context("a thread panicked")?);
            took.collect::<Result<Vec<f64>>>()
        })?;
        let slowest = took.into_iter().fold(0.0, f64::max);
        best[threads - 1] = best[threads - 1].min(slowest);
    }
    Ok(2.0 * best[0] / best[1])
}

fn timed_batch(verifier: &Verifier, tokens: &[String], barrier: &Barrier) -> Result<f64> {
    const BATCH: usize = 20_000;
    for token in tokens {
        verifier.verify(token)?;
    }
    barrier.wait();
    let start = Instant::now();
    for token in tokens.iter().cycle().take(BATCH) {
        black_box(verifier.verify(token)?);
    }
    Ok(nanos_since(start, BATCH))
}

/// Tokens signed by somebody else, each naming a key that is not there.
fn flood(verifier: &Verifier, rounds: usize) -> Result<f64> {
    let strangers = (0..16).map(|_| {
        let (key, _) = SigningKey::generate(Algorithm::Es256)?;
        Ok(key.sign("at+jwt", &payload(0)?)?)
    });
    let strangers = strangers.collect::<Result<Vec<_>>>()?;
    let batch = 1_000;
    let samples = (0..rounds).map(|_| {
        let start = Instant::now();
        for token in strangers.iter().cycle().take(batch) {
            assert!(black_box(verifier.verify(token)).is_err());
        }
        nanos_since(start, batch)
    });
    Ok(median(samples.collect()))
}

pub fn nanos_since(start: Instant, batch: usize) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "a few thousand")]
    let each = start.elapsed().as_secs_f64() * 1e9 / batch as f64;
    each
}
