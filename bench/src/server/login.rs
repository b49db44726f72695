//! `login`: logins per second beside the passwords that the cores hash when they do nothing else, and what a flood of logins does to
//! everybody else's requests.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Result, anyhow, ensure};
use keywright_domain::account::password::{HashCost, Hasher, PasswordCheck};
use keywright_domain::secret::PlainSecret;

use super::load::{self, Conversation};
use super::subject::Subject;
use super::{Work, rounds, within};

/// Measure logins per second beside raw Argon2id, and the p99 of other requests beside a flood of logins.
#[derive(clap::Args)]
pub struct Options {
    /// Three short rounds instead of nine
    #[arg(long)]
    quick: bool,
    /// The server's binary; by default the one beside this benchmark
    #[arg(long)]
    binary: Option<PathBuf>,
}

/// People who log in at the same time, again and again.
const PEOPLE: usize = 8;
/// As many as may wait in the server's queue by default: none of a flood of these is refused.
const FLOOD: usize = 64;
/// The others: connections for each kind of request, and how often each of them asks.
const OTHERS: usize = 8;
const EVERY: Duration = Duration::from_millis(20);

pub fn run(options: &Options) -> Result<()> {
    let (rounds, length) = rounds(options.quick);
    within(async {
        let subject = Subject::keywright(options.binary.as_deref())?;
        rate(&subject, rounds, length).await?;
        beside_a_flood(&subject, rounds, length).await
    })
}

async fn rate(subject: &Subject, rounds: usize, length: Duration) -> Result<()> {
    let threads = thread::available_parallelism()?.get();
    let mut people = subject.logins(PEOPLE)?;
    let (mut raw, mut logins) = (Vec::new(), Vec::new());
    for _ in 0..rounds {
        raw.push(tokio::task::spawn_blocking(move || hash_raw(threads, length)).await??);
        let tally = load::run(subject.address, &mut people, length).await?;
        logins.push(tally.rate());
    }
    let (raw, logins) = (median(&mut raw), median(&mut logins));
    println!(
        "{rounds} interleaved rounds of {} s, median",
        length.as_secs()
    );
    println!(
        "{PEOPLE} people log in: {logins:.1}/s; {threads} threads that do nothing but hash: {raw:.1}/s; ratio {:.2}, goal at least 0.90",
        logins / raw
    );
    Ok(())
}

/// Passwords per second that so many threads check, each in memory of its own: no server could log in more people.
fn hash_raw(threads: usize, length: Duration) -> Result<f64> {
    thread::scope(|scope| {
        let check = || check_for(length);
        let started: Vec<_> = (0..threads).map(|_| scope.spawn(check)).collect();
        let rates = started.into_iter().map(|thread| {
            let joined = thread.join().map_err(|_| anyhow!("a thread panicked"));
            joined.flatten()
        });
        rates.sum()
    })
}

fn check_for(length: Duration) -> Result<f64> {
    let mut hasher = Hasher::new(HashCost::default());
    let password = PlainSecret::new("wheel-basin-ochre-lantern");
    let hash = hasher.hash(&password, &[7; 16])?;
    let (start, mut checked) = (Instant::now(), 0.0);
    while start.elapsed() < length {
        let check = hasher.verify(&password, Some(&hash));
        ensure!(check == PasswordCheck::Match, "{check:?}");
        checked += 1.0;
    }
    Ok(checked / start.elapsed().as_secs_f64())
}

async fn beside_a_flood(subject: &Subject, rounds: usize, length: Duration) -> Result<()> {
    let address = subject.address;
    let mut jwks = subject.conversations(Work::Jwks, OTHERS).await?;
    let mut refresh = subject.conversations(Work::Refresh, OTHERS).await?;
    let mut flood = subject.logins(FLOOD)?;
    let (mut alone, mut beside) = ([vec![], vec![]], [vec![], vec![]]);
    for _ in 0..rounds {
        let p99s = others(address, [&mut jwks, &mut refresh], length).await?;
        keep(&mut alone, p99s);
        let flooding = load::run(address, &mut flood, length);
        let others = others(address, [&mut jwks, &mut refresh], length);
        let (_, p99s) = tokio::try_join!(flooding, others)?;
        keep(&mut beside, p99s);
    }
    println!(
        "others: {OTHERS} connections for each kind, which ask once in {} ms; the flood: {FLOOD} that log in",
        EVERY.as_millis()
    );
    println!(
        "{:<8} {:>14} {:>22} {:>6} {:>5}",
        "p99 ms", "alone", "beside the flood", "ratio", "goal"
    );
    let kinds = ["JWKS", "refresh"]
        .iter()
        .zip(alone.iter_mut().zip(&mut beside));
    for (name, (alone, beside)) in kinds {
        let (alone, beside) = (median(alone), median(beside));
        println!(
            "{name:<8} {alone:>14.2} {beside:>22.2} {:>6.2} {:>5.2}",
            beside / alone,
            2.0
        );
    }
    Ok(())
}

/// The p99 of each kind in milliseconds, at a pace that is no load.
async fn others(
    address: SocketAddr,
    [jwks, refresh]: [&mut Vec<Conversation>; 2],
    length: Duration,
) -> Result<[f64; 2]> {
    let (jwks, refresh) = tokio::try_join!(
        load::paced(address, jwks, length, EVERY),
        load::paced(address, refresh, length, EVERY)
    )?;
    Ok([jwks, refresh].map(|tally| tally.p99.as_secs_f64() * 1e3))
}

fn keep(samples: &mut [Vec<f64>; 2], [jwks, refresh]: [f64; 2]) {
    samples[0].push(jwks);
    samples[1].push(refresh);
}

fn median(samples: &mut [f64]) -> f64 {
    samples.sort_by(f64::total_cmp);
    samples[samples.len() / 2]
}
