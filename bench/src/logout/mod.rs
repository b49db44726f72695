//! `logout`: how soon clients hear, server to server, that a session of theirs is over (OpenID Connect Back-Channel Logout), and what it
//! costs the server to tell them.
//!
//! The shipped server signs a logout token for each and sends it to a receiver in this process, over loopback and without TLS. The
//! receiver takes everything at once, as no client does.

mod receiver;

use std::path::PathBuf;
use std::time::{Duration, Instant};

use anyhow::{Result, bail};
use rusqlite::Connection;
use tokio::time::sleep;

use crate::site::{Login, Settings, Site};
use receiver::Receiver;

/// Measure how soon clients hear of sessions that end one by one and all at once, and the deliveries per second.
#[derive(clap::Args)]
pub struct Options {
    /// A tenth of the sessions
    #[arg(long)]
    quick: bool,
    /// The server's binary; by default the one beside this benchmark
    #[arg(long)]
    binary: Option<PathBuf>,
}

/// The receiver listens on this machine, which only an operator's setting lets clients name.
const LOOPBACK: Settings = &[("KEYWRIGHT_CLIENTS__PRIVATE_ADDRESSES", "true")];
const CLIENTS: [usize; 3] = [1, 10, 100];
/// Sessions that end one by one, of each number of clients.
const ALONE: usize = 20;
/// Beyond, deliveries have been lost.
const PATIENCE: Duration = Duration::from_secs(120);
const GLANCE: Duration = Duration::from_millis(1);

pub fn run(options: &Options) -> Result<()> {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()?
        .block_on(measure(options))
}

async fn measure(options: &Options) -> Result<()> {
    let sessions = if options.quick { 100 } else { 1_000 };
    let receiver = Receiver::start().await?;
    let site = Site::start(options.binary.as_deref(), None, LOOPBACK)?;
    println!("milliseconds from the request that ends a session to the logout token's arrival");
    println!(
        "{:>8} {:>8} {:<10} {:>7} {:>7} {:>7} {:>12} {:>16}",
        "clients", "sessions", "end", "p50", "p99", "longest", "deliveries/s", "CPU µs/delivery"
    );
    for clients in CLIENTS {
        let ids = register(&site, &receiver, clients)?;
        one_by_one(&site, &receiver, &ids).await?;
        all_at_once(&site, &receiver, &ids, sessions).await?;
    }
    Ok(())
}

/// First-party apps, which log people in and want to hear of logouts.
fn register(site: &Site, receiver: &Receiver, count: usize) -> Result<Vec<String>> {
    let allowed = format!("{}=read:orders", site.audience());
    let mut ids = Vec::new();
    for number in 0..count {
        let (id, uri) = (format!("app-{count}-{number}"), receiver.address(number));
        let arguments = [
            "client",
            "create",
            "--name",
            "App",
            "--id",
            &id,
            "--public",
            "--grant",
            "login",
            "--allow",
            &allowed,
            "--openid-scope",
            "openid",
            "--backchannel-logout-uri",
            &uri,
        ];
        if !site.command(&arguments)? {
            bail!("the client {id} is not registered");
        }
        ids.push(id);
    }
    Ok(ids)
}

async fn log_in(site: &Site, ids: &[String], count: usize) -> Result<Vec<Login>> {
    let mut logins = Vec::with_capacity(count);
    for id in ids.iter().cycle().take(count) {
        logins.push(site.log_in_at(id).await?);
    }
    // As if a browser had come through the authorization endpoint: of other sessions no client is told.
    let database = Connection::open(site.data().join("keywright.db"))?;
    database.busy_timeout(PATIENCE)?;
    database.execute("UPDATE sessions SET openid_scope = 'openid'", ())?;
    Ok(logins)
}

/// Each session by a logout of its own, when the one before was heard of.
async fn one_by_one(site: &Site, receiver: &Receiver, ids: &[String]) -> Result<()> {
    let logins = log_in(site, ids, ALONE).await?;
    let mut times = Vec::with_capacity(ALONE);
    for login in &logins {
        let start = Instant::now();
        site.log_out(login).await?;
        let arrived = arrivals(receiver, 1).await?;
        times.extend(arrived.iter().map(|at| at.duration_since(start)));
    }
    println!("{}", line(ids.len(), "one by one", times));
    Ok(())
}

/// One person's sessions, all by one request: log out everywhere.
async fn all_at_once(site: &Site, receiver: &Receiver, ids: &[String], count: usize) -> Result<()> {
    let logins = log_in(site, ids, count).await?;
    let (start, cpu) = (Instant::now(), site.cpu()?);
    site.log_out_everywhere(&logins[0]).await?;
    let arrived = arrivals(receiver, count).await?;
    let took = start.elapsed();
    let times = arrived.iter().map(|at| at.duration_since(start)).collect();
    let each = (site.cpu()? - cpu).as_secs_f64() / count as f64;
    println!(
        "{} {:>12.0} {:>16.0}",
        line(ids.len(), "at once", times),
        count as f64 / took.as_secs_f64(),
        each * 1e6,
    );
    Ok(())
}

async fn arrivals(receiver: &Receiver, count: usize) -> Result<Vec<Instant>> {
    let deadline = Instant::now() + PATIENCE;
    while receiver.count() < count {
        if Instant::now() > deadline {
            bail!("{} of {count} logout tokens came", receiver.count());
        }
        sleep(GLANCE).await;
    }
    Ok(receiver.take())
}

fn line(clients: usize, end: &str, mut times: Vec<Duration>) -> String {
    times.sort_unstable();
    let millis = |share: usize| times[(times.len() - 1) * share / 100].as_secs_f64() * 1_000.0;
    format!(
        "{clients:>8} {:>8} {end:<10} {:>7.0} {:>7.0} {:>7.0}",
        times.len(),
        millis(50),
        millis(99),
        millis(100),
    )
}
