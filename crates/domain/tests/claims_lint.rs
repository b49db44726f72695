//! How well the lint tells personal data and secrets from what services need, measured over the labelled corpus in
//! `claims_corpus/` (its README says how it was made and which half may be looked at).
//!
//! `cargo test -p keywright-domain --test claims_lint -- --nocapture` prints the figures.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]
#![expect(
    clippy::print_stdout,
    reason = "the figures are what a reader comes for"
)]

use std::collections::BTreeMap;

use keywright_domain::claims::lint::{Kind, Scope, inspect};
use proptest::prelude::*;
use serde::Deserialize;
use serde_json::Value;

const TUNING: &str = include_str!("claims_corpus/tuning.json");
const HELD_OUT: &str = include_str!("claims_corpus/held_out.json");

#[derive(Deserialize)]
struct Labelled {
    claim: String,
    value: Value,
    /// `None`: harmless.
    kind: Option<String>,
}

#[derive(Default)]
struct Score {
    caught: usize,
    missed: Vec<String>,
    false_alarms: Vec<String>,
    let_pass: usize,
    /// Caught, and called what it is.
    named: usize,
}

impl Score {
    fn precision(&self) -> f64 {
        self.caught as f64 / (self.caught + self.false_alarms.len()) as f64
    }

    fn recall(&self) -> f64 {
        self.caught as f64 / (self.caught + self.missed.len()) as f64
    }

    fn print(&self, half: &str) {
        println!(
            "{half}: {} claims, precision {:.3}, recall {:.3}, right kind {:.3}",
            self.caught + self.missed.len() + self.false_alarms.len() + self.let_pass,
            self.precision(),
            self.recall(),
            self.named as f64 / self.caught as f64,
        );
    }
}

fn corpus(json: &str) -> Vec<Labelled> {
    serde_json::from_str(json).unwrap()
}

fn score(labelled: &[Labelled]) -> Score {
    let mut score = Score::default();
    for Labelled { claim, value, kind } in labelled {
        let found = inspect(claim, value, Scope::All).map(|finding| finding.kind.as_str());
        match (kind.as_deref(), found) {
            (Some(kind), Some(found)) => {
                score.caught += 1;
                score.named += usize::from(kind == found);
            }
            (Some(kind), None) => score.missed.push(format!("{kind}: {claim} = {value}")),
            (None, Some(found)) => score
                .false_alarms
                .push(format!("{found}: {claim} = {value}")),
            (None, None) => score.let_pass += 1,
        }
    }
    score
}

#[test]
fn tuning_half_is_told_apart() {
    let score = score(&corpus(TUNING));
    score.print("tuning");
    println!(
        "missed {:#?}\nfalse alarms {:#?}",
        score.missed, score.false_alarms
    );
    assert!(score.precision() >= 0.97 && score.recall() >= 0.97);
}

/// Prints figures only, so that nobody is tempted to tune on it.
#[test]
fn held_out_half_is_told_apart() {
    let score = score(&corpus(HELD_OUT));
    score.print("held out");
    assert!(score.precision() >= 0.97 && score.recall() >= 0.97);
}

#[test]
fn corpus_is_large_and_labelled_in_kinds_that_exist() {
    let mut counts = BTreeMap::new();
    let all: Vec<_> = corpus(TUNING).into_iter().chain(corpus(HELD_OUT)).collect();
    for labelled in &all {
        *counts.entry(labelled.kind.clone()).or_insert(0) += 1;
    }
    assert!(all.len() >= 400, "{}", all.len());
    for kind in Kind::ALL {
        let count = counts.remove(&Some(kind.as_str().to_owned()));
        assert!(count >= Some(4), "{kind}: {count:?}");
    }
    assert!(counts.remove(&None) >= Some(200));
    assert!(counts.is_empty(), "labels of no kind: {counts:?}");
}

proptest! {
    /// The scanners index bytes by hand, and both halves of a claim come from outside.
    #[test]
    fn no_name_and_no_value_makes_the_lint_fail(
        name in r"\PC{0,40}|[a-zA-Z_]{0,12}(ssn|iban|phone|email|name)",
        text in r"\PC{0,60}|[0-9A-Z .@+:/-]{0,24}|[0-9]{0,22}",
        number in any::<i64>(),
    ) {
        inspect(&name, &Value::from(text.as_str()), Scope::All);
        inspect("x", &Value::from(text), Scope::All);
        inspect(&name, &Value::from(number), Scope::All);
    }
}
