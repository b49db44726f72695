//! `rotation`: signing keys change while services verify, and no token may be refused for it. The control is an issuer that signs with a
//! key as soon as it has published it: there tokens must be refused, or the benchmark could not tell.

mod judge;

use std::time::{Duration, Instant};

use anyhow::{Result, bail};
use tokio::time::sleep;

use crate::site::{Settings, Site};
use judge::Judge;

/// Rotate keys under load with keywright-verify, PyJWT and jose verifying; then do it as one should not.
#[derive(clap::Args)]
pub struct Options {
    /// One rotation instead of four; each takes a little over a minute
    #[arg(long)]
    quick: bool,
    /// The server's binary; by default the one beside this benchmark
    #[arg(long)]
    binary: Option<std::path::PathBuf>,
}

/// The shortest that `check` takes.
const MAX_AGE: Settings = &[("KEYWRIGHT_KEYS__JWKS_MAX_AGE", "60s")];
/// Between two tokens.
const PAUSE: Duration = Duration::from_millis(5);
/// Between two attempts to rotate: the server refuses until it may.
const ATTEMPT: Duration = Duration::from_secs(2);
/// How long the load goes on after the last rotation, and in the control.
const AFTER: Duration = Duration::from_secs(10);
/// No rotation waits longer than its max-age and what is added for spread and probes.
const PATIENCE: Duration = Duration::from_secs(180);

pub fn run(options: &Options) -> Result<()> {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()?
        .block_on(measure(options))
}

async fn measure(options: &Options) -> Result<()> {
    let site = Site::start(options.binary.as_deref(), None, MAX_AGE)?;
    let mut judges = Judge::all(&site).await?;
    let wanted = if options.quick { 1 } else { 4 };
    println!(
        "{wanted} rotations by `keywright keys rotate --now`, repeated until the server allows it; then the control"
    );
    let mut rotations = 0;
    let mut tokens = 0;
    while rotations < wanted {
        let start = Instant::now();
        while !site.command(&["keys", "rotate", "--now"])? {
            if start.elapsed() > PATIENCE {
                bail!("the server does not rotate");
            }
            tokens += load(&site, &mut judges, ATTEMPT).await?;
        }
        rotations += 1;
        tokens += load(&site, &mut judges, ATTEMPT).await?;
    }
    tokens += load(&site, &mut judges, AFTER).await?;
    let failed = tell("with the gate", tokens, &mut judges);

    sign_at_once(&site)?;
    let tokens = load(&site, &mut judges, AFTER).await?;
    let controlled = tell("control: signs at once", tokens, &mut judges);
    if failed > 0 {
        bail!("{failed} verifications failed (goal 0)");
    }
    if controlled == 0 {
        bail!("the control shows no failure, so the figures above say nothing");
    }
    Ok(())
}

/// Mints and verifies until the time is over; how many tokens that was.
async fn load(site: &Site, judges: &mut [Judge; 3], length: Duration) -> Result<u64> {
    let start = Instant::now();
    let mut tokens = 0;
    while start.elapsed() < length {
        let token = site.service_token().await?;
        for judge in &mut *judges {
            judge.judge(&token)?;
        }
        tokens += 1;
        sleep(PAUSE).await;
    }
    Ok(tokens)
}

/// Prints a line, starts counting anew, and answers with the failures of all.
fn tell(what: &str, tokens: u64, judges: &mut [Judge; 3]) -> u64 {
    let told: Vec<String> = judges
        .iter()
        .map(|judge| format!("{} {}", judge.name, judge.failures))
        .collect();
    println!(
        "{what}: {tokens} tokens; failed verifications: {}",
        told.join(", ")
    );
    judges
        .iter_mut()
        .map(|judge| std::mem::take(&mut judge.failures))
        .sum()
}

/// What the product refuses to do by any command: the key in waiting signs now. By hand in the database, which the server watches.
fn sign_at_once(site: &Site) -> Result<()> {
    let file = site.data().join("keywright.db");
    let database = rusqlite::Connection::open(file)?;
    database.busy_timeout(Duration::from_secs(5))?;
    database.execute_batch(
        "BEGIN IMMEDIATE;
         UPDATE signing_keys SET state = 'retiring', verifies_until = activated_at + 864000000 WHERE state = 'active' AND algorithm = 'ES256';
         UPDATE signing_keys SET state = 'active', activated_at = published_at WHERE state = 'published' AND algorithm = 'ES256';
         UPDATE versions SET value = value + 1 WHERE name = 'keys';
         COMMIT;",
    )?;
    Ok(())
}
