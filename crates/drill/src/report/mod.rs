//! The outcome: what was examined, for people and for machines.

mod html;
mod json;
mod text;

use std::time::Duration;

use crate::card::{Examined, Outcome};

pub struct Report {
    /// `api` or `server`.
    pub kind: &'static str,
    pub target: String,
    pub issuer: String,
    /// Seconds since 1970.
    pub started_at: i64,
    pub took: Duration,
    pub examined: Vec<Examined>,
}

/// How many of the examinations came to what.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Tally {
    pub sound: usize,
    pub findings: usize,
    /// Notes, and findings that the operator tolerates.
    pub notes: usize,
    pub skipped: usize,
}

impl Report {
    pub fn is_sound(&self) -> bool {
        !self.examined.iter().any(Examined::is_finding)
    }

    /// Findings of these names are told and fail nothing. Answers with the names that no examination bears.
    pub fn tolerate(&mut self, names: &[String]) -> Vec<String> {
        for examined in &mut self.examined {
            examined.tolerated = names.iter().any(|name| name == examined.card.name);
        }
        let is_unknown =
            |name: &&String| !self.examined.iter().any(|e| e.card.name == name.as_str());
        names.iter().filter(is_unknown).cloned().collect()
    }

    /// The names of what was found, in the order of examination: findings only.
    pub fn findings(&self) -> Vec<&'static str> {
        let found = self
            .examined
            .iter()
            .filter(|examined| examined.is_finding());
        found.map(|examined| examined.card.name).collect()
    }

    pub fn find(&self, name: &str) -> Option<&Examined> {
        self.examined
            .iter()
            .find(|examined| examined.card.name == name)
    }

    pub fn tally(&self) -> Tally {
        let mut tally = Tally::default();
        for examined in &self.examined {
            let count = match &examined.outcome {
                Outcome::Sound { .. } => &mut tally.sound,
                Outcome::Skipped(_) => &mut tally.skipped,
                Outcome::Found { .. } if examined.is_finding() => &mut tally.findings,
                Outcome::Found { .. } => &mut tally.notes,
            };
            *count += 1;
        }
        tally
    }
}

impl Tally {
    /// `29 sound, 1 finding, 0 notes, 3 not tried`
    pub fn words(&self) -> String {
        let plural = |count: usize, word: &str| match count {
            1 => format!("1 {word}"),
            _ => format!("{count} {word}s"),
        };
        format!(
            "{} sound, {}, {}, {} not tried",
            self.sound,
            plural(self.findings, "finding"),
            plural(self.notes, "note"),
            self.skipped
        )
    }
}

/// What stands in front of an examination.
fn mark(examined: &Examined) -> &'static str {
    match &examined.outcome {
        Outcome::Sound { .. } => "sound",
        Outcome::Skipped(_) => "not tried",
        Outcome::Found { .. } if examined.tolerated => "tolerated",
        Outcome::Found { .. } => examined.card.severity.as_str(),
    }
}
