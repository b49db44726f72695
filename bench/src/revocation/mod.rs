//! `revocation`: how long a token that was killed goes on being accepted by services that follow the feed, and whether a cut line or a
//! restarted server makes any of them miss a kill.
//!
//! Everything is real but the distance: the shipped server, HTTP on loopback, and as many followers of `keywright-verify` as
//! asked for, which share this process and these cores.

mod cutter;
mod follower;

use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Result, bail};
use tokio::time::sleep;

use crate::site::{Login, Settings, Site};
use cutter::Cutter;
use follower::Follower;

/// Measure the time from a logout to its effect at 1, 10, 100 and 1,000 followers, then cut lines and restart the server.
#[derive(clap::Args)]
pub struct Options {
    /// Ten kills each, and no thousand followers
    #[arg(long)]
    quick: bool,
    /// The server's binary; by default the one beside this benchmark
    #[arg(long)]
    binary: Option<std::path::PathBuf>,
}

/// Followers, and the milliseconds within which 99 of 100 of them are to refuse a killed token.
const GOALS: [(usize, f64); 4] = [(1, 50.0), (10, 100.0), (100, 250.0), (1_000, 1_000.0)];
/// Followers that live through cuts and restarts.
const TROUBLED: usize = 10;
/// All followers come from one address, which no deployment does.
const CROWD: Settings = &[("KEYWRIGHT_LISTEN__MAX_CONNECTIONS_PER_NETWORK", "8192")];
/// Between two looks at all followers.
const GLANCE: Duration = Duration::from_micros(500);
/// A follower that has not noticed by now has missed it.
const PATIENCE: Duration = Duration::from_secs(15);

pub fn run(options: &Options) -> Result<()> {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()?
        .block_on(measure(options))
}

async fn measure(options: &Options) -> Result<()> {
    let site = Site::start(options.binary.as_deref(), None, CROWD)?;
    let (kills, largest) = if options.quick {
        (10, 100)
    } else {
        (50, 1_000)
    };
    println!(
        "{kills} logouts each; milliseconds from sending the logout to the refusal by a follower"
    );
    println!(
        "{:>9} {:>8} {:>8} {:>8} {:>8}",
        "followers", "p50", "p99", "longest", "goal p99"
    );
    for (count, goal) in GOALS.into_iter().filter(|(count, _)| *count <= largest) {
        let followers = Follower::several(count, &site).await?;
        let mut times = Vec::new();
        for _ in 0..kills {
            times.extend(kill_once(&site, &followers).await?);
        }
        times.sort_unstable();
        let at = |share: usize| millis(times[(times.len() - 1) * share / 100]);
        println!(
            "{count:>9} {:>8.1} {:>8.1} {:>8.1} {goal:>8.0}",
            at(50),
            at(99),
            at(100)
        );
    }
    drop(site);
    trouble(options.binary.as_deref(), kills).await
}

/// One login, accepted everywhere; one logout; when each follower first refused.
async fn kill_once(site: &Site, followers: &[Follower]) -> Result<Vec<Duration>> {
    let login = site.log_in().await?;
    accepted_by_all(followers, &login).await?;
    let start = Instant::now();
    let (ended, times) = tokio::join!(site.log_out(&login), refusals(followers, &login, start));
    ended?;
    times
}

async fn accepted_by_all(followers: &[Follower], login: &Login) -> Result<()> {
    let deadline = Instant::now() + PATIENCE;
    for follower in followers {
        while let Err(refusal) = follower.verify(&login.access_token) {
            if Instant::now() > deadline {
                bail!("a good token is refused: {refusal}");
            }
            sleep(GLANCE).await;
        }
    }
    Ok(())
}

async fn refusals(followers: &[Follower], login: &Login, start: Instant) -> Result<Vec<Duration>> {
    let mut times = Vec::with_capacity(followers.len());
    let mut waiting: Vec<&Follower> = followers.iter().collect();
    while !waiting.is_empty() {
        if start.elapsed() > PATIENCE {
            bail!(
                "{} of {} followers go on accepting a killed token",
                waiting.len(),
                followers.len()
            );
        }
        waiting.retain(|follower| {
            let refused = follower.verify(&login.access_token).is_err();
            if refused {
                times.push(start.elapsed());
            }
            !refused
        });
        sleep(GLANCE).await;
    }
    Ok(times)
}

/// Kills while lines are cut and the server is killed and started again. Status lists are polled as well, as they are in life;
/// that every position ends at the log's end shows that the feed itself lost nothing.
async fn trouble(binary: Option<&Path>, kills: usize) -> Result<()> {
    let (listener, line) = cutter::free_listener().await?;
    let mut site = Site::start(binary, Some(line), CROWD)?;
    let cutter = Cutter::start(listener, site.address());
    let followers = Follower::several(TROUBLED, &site).await?;
    let (mut missed, mut slowest) = (0, Duration::ZERO);
    for round in 0..kills {
        let login = site.log_in().await?;
        accepted_by_all(&followers, &login).await?;
        cutter.cut();
        let start = Instant::now();
        site.log_out(&login).await?;
        if round % 5 == 4 {
            site.kill_and_restart()?;
        }
        match refusals(&followers, &login, start).await {
            Ok(times) => slowest = times.into_iter().fold(slowest, Duration::max),
            Err(_) => missed += 1,
        }
    }
    let caught_up = all_at_one_position(&followers).await;
    let interruptions: u64 = followers.iter().map(Follower::interruptions).sum();
    println!(
        "{kills} logouts behind a line that is cut at each, the server killed and restarted {} times, {TROUBLED} followers, {interruptions} \
         interruptions: {missed} missed (goal 0), slowest {:.0} ms; positions {}",
        kills / 5,
        millis(slowest),
        if caught_up {
            "all at the end of the log"
        } else {
            "NOT all at the end of the log"
        },
    );
    if missed > 0 || !caught_up {
        bail!("a kill was missed");
    }
    Ok(())
}

async fn all_at_one_position(followers: &[Follower]) -> bool {
    let deadline = Instant::now() + PATIENCE;
    loop {
        let first = followers[0].position();
        if first.is_some()
            && followers
                .iter()
                .all(|follower| follower.position() == first)
        {
            return true;
        }
        if Instant::now() > deadline {
            return false;
        }
        sleep(Duration::from_millis(50)).await;
    }
}

fn millis(time: Duration) -> f64 {
    time.as_secs_f64() * 1_000.0
}
