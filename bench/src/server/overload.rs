//! `overload`: what the server still answers in time when it is asked ten times as much as it can answer.
//!
//! The load is open: clients ask by a clock, whether or not others were answered, and one that is not answered in time hangs up. The
//! generator shares the cores with the server, so what it takes is missing there; the second ratio leaves that out.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use anyhow::Result;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;
use tokio::task::JoinSet;
use tokio::time::timeout;

use super::load::{self, Conversation, Pace};
use super::subject::Subject;
use super::{Work, rounds, within};

/// Measure what is answered in time at ten times the load that can be carried: logins, and `client_credentials` with RS256.
#[derive(clap::Args)]
pub struct Options {
    /// Three short rounds instead of nine
    #[arg(long)]
    quick: bool,
    /// The server's binary; by default the one beside this benchmark
    #[arg(long)]
    binary: Option<PathBuf>,
}

const OVERLOAD: f64 = 10.0;
/// Connections at the maximum.
const CONNECTIONS: usize = 64;
/// Connections under overload at most; the server takes 8,192.
const MOST_CLIENTS: f64 = 6_000.0;

/// What is asked, and after how long a client hangs up.
const KINDS: [(&str, Option<Work>, Duration); 2] = [
    ("login", None, Duration::from_secs(3)),
    (
        "client_credentials RS256",
        Some(Work::ClientCredentialsRsa),
        Duration::from_secs(3),
    ),
];

/// Requests, by how they ended.
#[derive(Clone, Copy, Default)]
struct Ends {
    in_time: f64,
    refused: f64,
    given_up: f64,
}

/// Clients that ask by a clock.
struct Crowd {
    clients: f64,
    /// How often each of them asks.
    every: Duration,
    patience: Duration,
    length: Duration,
}

/// Per second, of one round.
struct Round {
    maximum: f64,
    ends: Ends,
    goodput: f64,
    /// Answers in time per second of the server's CPU, beside those at the maximum.
    by_cpu: f64,
}

pub fn run(options: &Options) -> Result<()> {
    let (rounds, length) = rounds(options.quick);
    within(async {
        println!(
            "{rounds} rounds of {} s at the maximum and {} s at {OVERLOAD} times that; median by goodput, per second",
            length.as_secs(),
            2 * length.as_secs()
        );
        println!(
            "{:<26} {:>8} {:>8} {:>8} {:>8} {:>8} {:>8} {:>8} {:>5}",
            "work",
            "maximum",
            "asked",
            "in time",
            "refused",
            "given up",
            "goodput",
            "by CPU",
            "goal"
        );
        for (name, work, patience) in KINDS {
            let subject = Subject::keywright(options.binary.as_deref())?;
            let mut told = Vec::with_capacity(rounds);
            for _ in 0..rounds {
                told.push(round(&subject, work, patience, length).await?);
            }
            told.sort_by(|one, other| one.goodput.total_cmp(&other.goodput));
            report(name, &told[rounds / 2]);
        }
        Ok(())
    })
}

async fn round(
    subject: &Subject,
    work: Option<Work>,
    patience: Duration,
    length: Duration,
) -> Result<Round> {
    let mut talks = match work {
        Some(work) => subject.conversations(work, CONNECTIONS).await?,
        None => subject.logins(CONNECTIONS)?,
    };
    let before = subject.process.cpu()?;
    let tally = load::run(subject.address, &mut talks, length).await?;
    let maximum = tally.rate();
    let cpu = subject.process.cpu()?;
    let at_maximum = maximum * tally.took.as_secs_f64() / (cpu - before).as_secs_f64();

    // Enough that nobody has to wait for an earlier answer before asking again, as far as the server has room for them.
    let clients = (maximum * OVERLOAD * patience.as_secs_f64()).min(MOST_CLIENTS);
    let every = Duration::from_secs_f64(clients / (maximum * OVERLOAD));
    let (start, before) = (Instant::now(), subject.process.cpu()?);
    let crowd = Crowd {
        clients,
        every,
        patience,
        length: 2 * length,
    };
    let ends = crowd.ask(subject.address, &talks).await?;
    let (took, cpu) = (start.elapsed().as_secs_f64(), subject.process.cpu()?);
    let under_overload = ends.in_time / (cpu - before).as_secs_f64();
    Ok(Round {
        maximum,
        goodput: ends.in_time / took / maximum,
        by_cpu: under_overload / at_maximum,
        ends: Ends {
            in_time: ends.in_time / took,
            refused: ends.refused / took,
            given_up: ends.given_up / took,
        },
    })
}

impl Crowd {
    async fn ask(&self, address: SocketAddr, talks: &[Conversation]) -> Result<Ends> {
        let start = Instant::now();
        let mut asking = JoinSet::new();
        let mut share = 0.0;
        for talk in talks.iter().cycle() {
            if share >= self.clients {
                break;
            }
            let first = start + self.every.mul_f64(share / self.clients);
            let pace = Pace::new(first, self.every, start + self.length);
            asking.spawn(ask(address, talk.request(), pace, self.patience));
            share += 1.0;
        }
        let mut all = Ends::default();
        while let Some(ends) = asking.join_next().await {
            let ends = ends?;
            all.in_time += ends.in_time;
            all.refused += ends.refused;
            all.given_up += ends.given_up;
        }
        Ok(all)
    }
}

async fn ask(address: SocketAddr, request: Vec<u8>, mut pace: Pace, patience: Duration) -> Ends {
    let (mut ends, mut connection, mut buffer) = (Ends::default(), None, Vec::new());
    while pace.next().await.is_some() {
        // Taken out: a connection on which an answer may still come is not used again.
        let used = connection.take();
        match timeout(patience, exchange(address, used, &request, &mut buffer)).await {
            Ok(Ok(open)) => {
                connection = Some(open);
                match load::is_ok(&buffer) {
                    true => ends.in_time += 1.0,
                    false => ends.refused += 1.0,
                }
            }
            Ok(Err(_)) => ends.refused += 1.0,
            Err(_) => ends.given_up += 1.0,
        }
    }
    ends
}

async fn exchange(
    address: SocketAddr,
    used: Option<TcpStream>,
    request: &[u8],
    buffer: &mut Vec<u8>,
) -> Result<TcpStream> {
    let mut connection = match used {
        Some(used) => used,
        None => TcpStream::connect(address).await?,
    };
    connection.write_all(request).await?;
    load::receive(&mut connection, buffer).await?;
    Ok(connection)
}

fn report(name: &str, round: &Round) {
    let Ends {
        in_time,
        refused,
        given_up,
    } = round.ends;
    println!(
        "{name:<26} {:>8.0} {:>8.0} {in_time:>8.0} {refused:>8.0} {given_up:>8.0} {:>8.2} {:>8.2} {:>5.2}",
        round.maximum,
        in_time + refused + given_up,
        round.goodput,
        round.by_cpu,
        0.9
    );
}
