//! `store`: what the store adds to SQLite itself. Each work is done through `Store` and, in the same round, by bare
//! rusqlite on a table of the same shape; compare the two, not the figures of two runs.

mod floor;
pub mod meter;
pub mod people;
mod subject;

use anyhow::Result;

use floor::Floor;
use meter::{Measured, median};
use subject::Subject;

/// Measure durable rotations, reads and logins on SQLite, and the CPU that each costs, beside bare SQLite.
#[derive(clap::Args)]
pub struct Options {
    /// One round of a quarter of the work instead of five
    #[arg(long)]
    quick: bool,
}

/// A work, how many do it at once, and how often it is done in a round.
struct Work {
    name: &'static str,
    kind: Kind,
    at_once: usize,
    times: usize,
}

#[derive(Clone, Copy)]
enum Kind {
    Rotation,
    Read,
    Login,
}

const WORKS: [Work; 6] = [
    Work {
        name: "rotation, durable",
        kind: Kind::Rotation,
        at_once: 1,
        times: 400,
    },
    Work {
        name: "rotation, durable",
        kind: Kind::Rotation,
        at_once: 8,
        times: 4_000,
    },
    Work {
        name: "rotation, durable",
        kind: Kind::Rotation,
        at_once: 64,
        times: 20_000,
    },
    Work {
        name: "read of a session's standing",
        kind: Kind::Read,
        at_once: 1,
        times: 40_000,
    },
    Work {
        name: "read of a session's standing",
        kind: Kind::Read,
        at_once: 2,
        times: 80_000,
    },
    Work {
        name: "login: session and audit entry",
        kind: Kind::Login,
        at_once: 64,
        times: 8_000,
    },
];

pub fn run(options: &Options) -> Result<()> {
    let (rounds, share) = if options.quick { (1, 4) } else { (5, 1) };
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()?;
    println!(
        "{rounds} interleaved rounds, medians; CPU of all threads; the floor commits as many at a time"
    );
    println!(
        "{:<32} {:>7} {:>17} {:>24} {:>7} {:>9} {:>9}",
        "work", "at once", "floor µs (per s)", "store µs (per s)", "ratio", "p50 ms", "p99 ms"
    );
    for work in &WORKS {
        let folder = tempfile::tempdir()?;
        let mut floor = Floor::open(&folder.path().join("floor.db"))?;
        let mut subject = runtime.block_on(Subject::open(&folder.path().join("store.db")))?;
        let times = work.times / share;
        let (mut floors, mut stores) = (Vec::new(), Vec::new());
        for _ in 0..rounds {
            floors.push(floor.measure(work.kind, work.at_once, times)?);
            stores.push(runtime.block_on(subject.measure(work.kind, work.at_once, times))?);
        }
        report(work, median(&mut floors), median(&mut stores));
    }
    Ok(())
}

fn report(work: &Work, floor: Measured, store: Measured) {
    println!(
        "{:<32} {:>7} {:>8.1} {:>8.0} {:>15.1} {:>8.0} {:>7.2} {:>9.3} {:>9.3}",
        work.name,
        work.at_once,
        floor.micros,
        floor.rate,
        store.micros,
        store.rate,
        store.micros / floor.micros,
        store.p50.as_secs_f64() * 1e3,
        store.p99.as_secs_f64() * 1e3,
    );
}
