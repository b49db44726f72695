//! What the claims lint costs a mint: the extra claims of one token, as `Issuer::mint` looks at them before it signs.

use std::hint::black_box;
use std::time::Instant;

use anyhow::{Result, ensure};
use keywright_domain::claims::lint::{Scope, inspect};
use serde_json::{Value, json};

/// Measure the lint of a token's claims.
#[derive(clap::Args)]
pub struct Options {
    /// Fewer rounds
    #[arg(long)]
    quick: bool,
}

/// Rounds are short, so that the median is of undisturbed ones on a shared machine.
const MINTS: u32 = 100;

/// The budget: ES256 signs in some 15 µs.
const GOAL_NANOS: f64 = 2_000.0;

pub fn run(options: &Options) -> Result<()> {
    let rounds = if options.quick { 500 } else { 5_000 };
    println!(
        "{:<44} {:>7} {:>9} {:>9}",
        "claims of one token", "claims", "median ns", "p99 ns"
    );
    let mut slowest = 0.0_f64;
    for (name, claims) in tokens() {
        let claims: Vec<(String, Value)> = claims
            .as_object()
            .into_iter()
            .flatten()
            .map(|(n, v)| (n.clone(), v.clone()))
            .collect();
        ensure!(
            claims
                .iter()
                .all(|(name, value)| inspect(name, value, Scope::All).is_none()),
            "`{name}` has findings"
        );
        let mut nanos: Vec<f64> = (0..rounds).map(|_| round(&claims)).collect();
        nanos.sort_by(f64::total_cmp);
        let (median, p99) = (nanos[rounds / 2], nanos[rounds * 99 / 100]);
        println!("{name:<44} {:>7} {median:>9.0} {p99:>9.0}", claims.len());
        slowest = slowest.max(median);
    }
    println!("slowest median {slowest:.0} ns, goal {GOAL_NANOS:.0} ns");
    ensure!(slowest <= GOAL_NANOS, "the lint is slower than its goal");
    Ok(())
}

fn round(claims: &[(String, Value)]) -> f64 {
    let begun = Instant::now();
    for _ in 0..MINTS {
        for (name, value) in claims {
            black_box(inspect(black_box(name), black_box(value), Scope::All));
        }
    }
    begun.elapsed().as_nanos() as f64 / f64::from(MINTS)
}

fn tokens() -> [(&'static str, Value); 3] {
    [
        (
            "a tenant and a plan",
            json!({ "tenant": "acme-gmbh", "plan": "enterprise" }),
        ),
        (
            "a typical service platform",
            json!({
                "tenant": "8b1a9953-c461-4296-a827-abf8c47804d7", "plan": "Team Plus", "groups": ["editors", "Finance Team", "ops-oncall"],
                "locale": "de-CH", "email_verified": true, "limits": { "orders": 10, "users": 100 }, "region": "eu-central-1",
            }),
        ),
        (
            "identifiers that look like more",
            json!({
                "order_id": "4111111111111111", "version": "10.0.0.1", "owner": "platform-team", "trace": "4bf92f3577b34da6a3ce929d0e0e4736",
                "created": "2024-11-30T12:34:56Z", "docs": "https://docs.example.org/a@b/c",
            }),
        ),
    ]
}
