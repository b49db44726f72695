//! `footprint`: how soon the server is ready on the data that it left, and its memory at rest and at work.

use std::path::PathBuf;
use std::time::Duration;

use anyhow::Result;

use super::subject::Subject;
use super::{Work, load, rounds, within};

/// Measure the time from start to ready, and the memory at rest and under 256 connections of mixed load.
#[derive(clap::Args)]
pub struct Options {
    /// Three starts instead of nine, and half the load
    #[arg(long)]
    quick: bool,
    /// The server's binary; by default the one beside this benchmark
    #[arg(long)]
    binary: Option<PathBuf>,
}

/// Longer than what a start leaves to be done after it.
const REST: Duration = Duration::from_secs(2);

/// Beside those who log in; 256 in all.
const MIX: [(Work, usize); 5] = [
    (Work::Jwks, 64),
    (Work::ClientCredentials, 64),
    (Work::Refresh, 48),
    (Work::Introspection, 40),
    (Work::UserInfo, 32),
];
const PEOPLE: usize = 8;

pub fn run(options: &Options) -> Result<()> {
    let (starts, length) = rounds(options.quick);
    within(measure(options, starts, length))
}

async fn measure(options: &Options, starts: usize, length: Duration) -> Result<()> {
    let mut subject = Subject::keywright(options.binary.as_deref())?;
    let mut times = Vec::with_capacity(starts);
    for _ in 0..starts {
        times.push(subject.restart().await?);
    }
    times.sort_unstable();
    println!(
        "start to ready on existing data, median of {starts}: {:.0} ms, goal 100",
        times[starts / 2].as_secs_f64() * 1e3
    );
    tokio::time::sleep(REST).await;
    println!(
        "memory at rest: {:.1} MB, goal 30",
        megabytes(subject.process.resident_kib()?)
    );
    let mut talks = subject.logins(PEOPLE)?;
    for (work, connections) in MIX {
        talks.append(&mut subject.conversations(work, connections).await?);
    }
    let connections = talks.len();
    let tally = load::run(subject.address, &mut talks, length * 2).await?;
    println!(
        "memory at its peak, {connections} connections that ask for everything ({:.0}/s), {PEOPLE} of them for logins: {:.1} MB, goal 80",
        tally.rate(),
        megabytes(subject.process.peak_kib()?)
    );
    Ok(())
}

fn megabytes(kib: u64) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "memory of one process")]
    let kib = kib as f64;
    kib / 1024.0
}
