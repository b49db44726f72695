//! `server`: CPU per request of the real server, beside a floor server that does only what the name of the work says.
//!
//! Throughput on a shared machine lies; the CPU time that the kernel charges to the server's process does so much less.

mod browser;
pub mod floor;
pub mod footprint;
pub mod load;
pub mod login;
pub mod overload;
pub mod process;
pub mod subject;
mod talk;

use std::time::Duration;

use anyhow::Result;

use load::Conversation;
use process::Process;
use subject::Subject;

/// Measure CPU per request against a floor server: published documents, `client_credentials`, refresh, introspection, userinfo.
#[derive(clap::Args)]
pub struct Options {
    /// Three short rounds instead of nine
    #[arg(long)]
    quick: bool,
    /// Connections that ask at the same time
    #[arg(long, default_value_t = 64)]
    connections: usize,
    /// Some kinds of work alone, such as for a profiler beside it
    #[arg(long)]
    only: Vec<Work>,
    /// The server's binary; by default the one beside this benchmark
    #[arg(long)]
    binary: Option<std::path::PathBuf>,
}

/// Measure the token endpoint alone: `client_credentials` with ES256 on SQLite, beside a floor that signs and writes one row, and
/// that floor beside one that writes none.
#[derive(clap::Args)]
pub struct OauthOptions {
    /// Three short rounds instead of nine
    #[arg(long)]
    quick: bool,
    /// Connections that ask at the same time
    #[arg(long, default_value_t = 64)]
    connections: usize,
}

impl From<OauthOptions> for Options {
    fn from(options: OauthOptions) -> Self {
        Self {
            quick: options.quick,
            connections: options.connections,
            only: vec![Work::ClientCredentials, Work::Unrecorded],
            binary: None,
        }
    }
}

/// What is measured: the path on the real server and on the floor.
#[derive(Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Work {
    Jwks,
    Discovery,
    StatusList,
    ClientCredentials,
    ClientCredentialsRsa,
    /// The floor beside itself: what a record costs at the least.
    Unrecorded,
    Refresh,
    Introspection,
    #[value(name = "userinfo")]
    UserInfo,
}

const ALL: [(Work, &str, f64); 9] = [
    (Work::Jwks, "JWKS / static 200", 1.15),
    (Work::Discovery, "discovery / static 200", 1.15),
    (Work::StatusList, "status list / static 200", 1.15),
    (
        Work::ClientCredentials,
        "client_credentials ES256, recorded",
        1.35,
    ),
    (
        Work::ClientCredentialsRsa,
        "client_credentials RS256, recorded",
        1.1,
    ),
    (
        Work::Unrecorded,
        "floor that forgets / floor that records",
        1.15,
    ),
    (Work::Refresh, "refresh (read, rotate, record, sign)", 1.35),
    (
        Work::Introspection,
        "introspection of a session's token",
        1.25,
    ),
    (Work::UserInfo, "userinfo by a bearer token", 1.25),
];

pub fn run(options: &Options) -> Result<()> {
    let (rounds, length) = rounds(options.quick);
    within(measure(options, rounds, length))
}

/// How many rounds, and how long each is.
fn rounds(quick: bool) -> (usize, Duration) {
    if quick {
        (3, Duration::from_secs(2))
    } else {
        (9, Duration::from_secs(4))
    }
}

/// On one thread: the other core is the server's.
fn within<T>(work: impl Future<Output = Result<T>>) -> Result<T> {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()?
        .block_on(work)
}

async fn measure(options: &Options, rounds: usize, length: Duration) -> Result<()> {
    let floor = Subject::floor()?;
    let real = Subject::keywright(options.binary.as_deref())?;
    println!(
        "{rounds} interleaved rounds of {} s, {} connections; CPU of the server process per request, median",
        length.as_secs(),
        options.connections
    );
    println!(
        "{:<38} {:>18} {:>20} {:>6} {:>6} p99 ms: floor, keywright",
        "work", "floor µs (req/s)", "keywright µs (req/s)", "ratio", "goal"
    );
    let chosen = |work: Work| options.only.is_empty() || options.only.contains(&work);
    for (work, name, goal) in ALL.into_iter().filter(|(work, ..)| chosen(*work)) {
        let (rival, its_work) = match work {
            Work::Unrecorded => (&floor, Work::ClientCredentials),
            Work::Jwks
            | Work::Discovery
            | Work::StatusList
            | Work::ClientCredentials
            | Work::ClientCredentialsRsa
            | Work::Refresh
            | Work::Introspection
            | Work::UserInfo => (&real, work),
        };
        let mut sides = [(&floor, Vec::new()), (rival, Vec::new())];
        let mut talks = [
            floor.conversations(work, options.connections).await?,
            rival.conversations(its_work, options.connections).await?,
        ];
        for round in 0..rounds {
            for turn in 0..2 {
                let side = (round + turn) % 2;
                let (subject, samples) = &mut sides[side];
                samples.push(
                    sample(&subject.process, subject.address, &mut talks[side], length).await?,
                );
            }
        }
        report(
            name,
            goal,
            sides.map(|(_, mut samples)| median(&mut samples)),
        );
    }
    println!(
        "memory of the real server after the load: {} MB",
        real.process.resident_kib()? / 1024
    );
    Ok(())
}

fn report(name: &str, goal: f64, [floor, real]: [Sample; 2]) {
    println!(
        "{name:<38} {:>10.1} ({:>5.0}) {:>12.1} ({:>5.0}) {:>6.2} {goal:>6.2} {:>8.2} {:>8.2}",
        floor.micros,
        floor.rate,
        real.micros,
        real.rate,
        real.micros / floor.micros,
        floor.p99.as_secs_f64() * 1000.0,
        real.p99.as_secs_f64() * 1000.0,
    );
}

#[derive(Clone, Copy)]
struct Sample {
    micros: f64,
    rate: f64,
    p99: Duration,
}

async fn sample(
    process: &Process,
    address: std::net::SocketAddr,
    talks: &mut Vec<Conversation>,
    length: Duration,
) -> Result<Sample> {
    let before = process.cpu()?;
    let tally = load::run(address, talks, length).await?;
    let used = process.cpu()?.saturating_sub(before);
    Ok(Sample {
        micros: used.as_secs_f64() * 1e6 / tally.requests,
        rate: tally.rate(),
        p99: tally.p99,
    })
}

fn median(samples: &mut [Sample]) -> Sample {
    samples.sort_by(|a, b| a.micros.total_cmp(&b.micros));
    samples[samples.len() / 2]
}
