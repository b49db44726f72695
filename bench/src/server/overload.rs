//! `overload`: what the server still answers in time when it is asked ten times as much as it can answer.
//!
//! The load is open: clients ask by a clock, whether or not others were answered, and one that is not answered in time hangs up and comes
//! back. Logins can be asked for ten times as often as they can be answered. Of quicker work 8,192 connections cannot ask for as much, and how
//! much it was is told. The generator shares the cores with the server, so what it takes is missing there; the second ratio leaves that out.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::time::{Duration, Instant};

use anyhow::Result;
use tokio::io::AsyncWriteExt;
use tokio::net::{TcpSocket, TcpStream};
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
/// Connections under overload at most: as many as the server takes by default, from as many addresses as that needs.
const MOST_CLIENTS: f64 = 8_192.0;
const SOURCES: std::ops::RangeInclusive<u8> = 1..=16;

/// What is asked.
#[derive(Clone, Copy)]
enum Kind {
    /// Bound by hashing, on threads of its own.
    Login,
    /// Bound by signing.
    RsaToken,
}

/// After how long a client hangs up: a person is as patient as the server's queue of passwords.
const KINDS: [(Kind, &str, Duration); 2] = [
    (Kind::Login, "login", Duration::from_secs(3)),
    (
        Kind::RsaToken,
        "client_credentials RS256",
        Duration::from_secs(1),
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
    start: Instant,
    end: Instant,
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
            "{rounds} rounds of {} s at the maximum and {} s at {OVERLOAD} times that, or as near as connections allow; median by goodput, per second",
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
        for (kind, name, patience) in KINDS {
            let subject = Subject::keywright(options.binary.as_deref())?;
            let mut told = Vec::with_capacity(rounds);
            for _ in 0..rounds {
                told.push(round(&subject, kind, patience, length).await?);
            }
            told.sort_by(|one, other| one.goodput.total_cmp(&other.goodput));
            report(name, &told[rounds / 2]);
        }
        Ok(())
    })
}

async fn round(
    subject: &Subject,
    kind: Kind,
    patience: Duration,
    length: Duration,
) -> Result<Round> {
    let mut talks = match kind {
        Kind::Login => subject.logins(CONNECTIONS)?,
        Kind::RsaToken => {
            let work = Work::ClientCredentialsRsa;
            subject.conversations(work, CONNECTIONS).await?
        }
    };
    let before = subject.process.cpu()?;
    let tally = load::run(subject.address, &mut talks, length).await?;
    let maximum = tally.rate();
    let cpu = subject.process.cpu()?;
    let at_maximum = maximum * tally.took.as_secs_f64() / (cpu - before).as_secs_f64();

    // Enough that nobody has to wait for an earlier answer before asking again, as far as the server has room for them.
    let asked = maximum * OVERLOAD;
    let clients = (asked * patience.as_secs_f64()).min(MOST_CLIENTS);
    let start = Instant::now();
    let crowd = Crowd {
        clients,
        every: Duration::from_secs_f64(clients / asked),
        patience,
        start,
        end: start + 2 * length,
    };
    let before = subject.process.cpu()?;
    let (ends, cpu) = tokio::try_join!(crowd.ask(subject.address, &talks), async {
        tokio::time::sleep_until(crowd.end.into()).await;
        subject.process.cpu()
    })?;
    let took = 2.0 * length.as_secs_f64();
    Ok(Round {
        maximum,
        goodput: ends.in_time / took / maximum,
        by_cpu: ends.in_time / (cpu - before).as_secs_f64() / at_maximum,
        ends: Ends {
            in_time: ends.in_time / took,
            refused: ends.refused / took,
            given_up: ends.given_up / took,
        },
    })
}

impl Crowd {
    async fn ask(&self, address: SocketAddr, talks: &[Conversation]) -> Result<Ends> {
        let mut asking = JoinSet::new();
        let (mut share, mut sources) = (0.0, SOURCES.cycle());
        for talk in talks.iter().cycle() {
            if share >= self.clients {
                break;
            }
            let first = self.start + self.every.mul_f64(share / self.clients);
            let client = Client {
                source: sources.next().unwrap_or(1),
                address,
                request: talk.request(),
                patience: self.patience,
                end: self.end,
            };
            asking.spawn(client.ask(Pace::new(first, self.every, self.end)));
            share += 1.0;
        }
        let mut all = Ends::default();
        while let Some(ends) = asking.join_next().await {
            let ends = ends??;
            all.in_time += ends.in_time;
            all.refused += ends.refused;
            all.given_up += ends.given_up;
        }
        Ok(all)
    }
}

struct Client {
    source: u8,
    address: SocketAddr,
    request: Vec<u8>,
    patience: Duration,
    end: Instant,
}

impl Client {
    /// What comes after the end is not counted.
    async fn ask(self, mut pace: Pace) -> Result<Ends> {
        let (mut ends, mut connection, mut buffer) = (Ends::default(), None, Vec::new());
        while pace.next().await.is_some() {
            // Taken out: a connection on which an answer may still come is not used again.
            let used = connection.take();
            let answer = timeout(self.patience, self.exchange(used, &mut buffer)).await;
            if Instant::now() > self.end {
                break;
            }
            match answer {
                Ok(answer) => match answer? {
                    Some(open) => {
                        connection = Some(open);
                        match load::is_ok(&buffer) {
                            true => ends.in_time += 1.0,
                            false => ends.refused += 1.0,
                        }
                    }
                    None => ends.refused += 1.0,
                },
                Err(_) => ends.given_up += 1.0,
            }
        }
        Ok(ends)
    }

    /// The connection, if the server left it open. An error is one of this machine, such as too few file descriptors.
    async fn exchange(
        &self,
        used: Option<TcpStream>,
        buffer: &mut Vec<u8>,
    ) -> Result<Option<TcpStream>> {
        let mut connection = match used {
            Some(used) => used,
            None => {
                let socket = TcpSocket::new_v4()?;
                socket.bind((Ipv4Addr::new(127, 0, 0, self.source), 0).into())?;
                socket.connect(self.address).await?
            }
        };
        if connection.write_all(&self.request).await.is_err() {
            return Ok(None);
        }
        let received = load::receive(&mut connection, buffer).await;
        Ok(received.is_ok().then_some(connection))
    }
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
