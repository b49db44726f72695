//! `verify`: what a whole verification costs beside the bare signature check, for this crate and for its peers.
//!
//! Each does the same: signature, `iss`, `aud`, `exp`, and typed claims, over the same 64 tokens in turn. The limit is
//! aws-lc-rs with a parsed key and a signature that has been split and decoded before.

mod chart;
mod contenders;
mod hits;
mod parts;
mod report;
mod status;
mod tokens;

use std::time::Instant;

use anyhow::Result;
use keywright_jwt::Algorithm;

use contenders::Contender;
use hits::Hit;
use parts::Part;
use tokens::Issued;

/// Measure verification of one RFC 9068 token beside the bare signature check and beside other libraries.
#[derive(clap::Args)]
pub struct Options {
    /// A tenth of the rounds, and no file is written
    #[arg(long)]
    quick: bool,
}

/// An algorithm, the ratio that is to be reached, and how many verifications are timed at once: about a millisecond's.
struct Case {
    algorithm: Algorithm,
    goal: f64,
    batch: usize,
}

const CASES: [Case; 5] = [
    Case {
        algorithm: Algorithm::Rs256,
        goal: 1.04,
        batch: 64,
    },
    Case {
        algorithm: Algorithm::Ps256,
        goal: 1.04,
        batch: 64,
    },
    Case {
        algorithm: Algorithm::Es256,
        goal: 1.03,
        batch: 32,
    },
    Case {
        algorithm: Algorithm::EdDsa,
        goal: 1.03,
        batch: 32,
    },
    Case {
        algorithm: Algorithm::Hs256,
        goal: 1.7,
        batch: 1024,
    },
];

/// What one contender took, in the middle of all rounds.
struct Figure {
    name: &'static str,
    nanos: f64,
    ratio: f64,
}

/// One algorithm's figures; the first is the limit.
struct Table {
    algorithm: Algorithm,
    goal: f64,
    figures: Vec<Figure>,
}

struct Report {
    rounds: usize,
    tables: Vec<Table>,
    hits: Vec<Hit>,
    parts: Vec<Part>,
}

pub fn run(options: &Options) -> Result<()> {
    let rounds = if options.quick { 51 } else { 501 };
    let tables = CASES
        .iter()
        .map(|case| measure(case, rounds))
        .collect::<Result<Vec<_>>>()?;
    let report = Report {
        rounds,
        tables,
        hits: hits::measure(rounds)?,
        parts: parts::measure(rounds)?,
    };
    report.print();
    if options.quick {
        Ok(())
    } else {
        report.write()
    }
}

fn measure(case: &Case, rounds: usize) -> Result<Table> {
    let issued = Issued::new(case.algorithm)?;
    let mut contenders = contenders::all(&issued)?;
    let mut nanos = vec![Vec::with_capacity(rounds); contenders.len()];
    for round in 0..rounds {
        // Whoever comes first finds other caches than whoever comes last, so that turns are taken.
        for turn in 0..contenders.len() {
            let at = (round + turn) % contenders.len();
            nanos[at].push(time(&mut contenders[at], case.batch)?);
        }
    }
    let limit = nanos[0].clone();
    let figures = contenders.iter().zip(nanos).map(|(contender, nanos)| {
        // Each round is compared with the limit in the same round: a busy neighbour slows both.
        let ratios = nanos.iter().zip(&limit).map(|(one, limit)| one / limit);
        Figure {
            name: contender.name,
            ratio: median(ratios.collect()),
            nanos: median(nanos),
        }
    });
    Ok(Table {
        algorithm: case.algorithm,
        goal: case.goal,
        figures: figures.collect(),
    })
}

fn time(contender: &mut Contender, batch: usize) -> Result<f64> {
    let start = Instant::now();
    for at in 0..batch {
        (contender.check)(at % tokens::COUNT)?;
    }
    #[expect(clippy::cast_precision_loss, reason = "a thousand at most")]
    let each = start.elapsed().as_secs_f64() * 1e9 / batch as f64;
    Ok(each)
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}
