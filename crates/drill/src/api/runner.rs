//! Sends what the catalogue forges, and keeps the book.

use super::attack::{ATTACKS, Attack, FAULTS, Means, Variant};
use super::judge::{Judge, Verdict};
use super::target::{Presented, Target};
use super::workshop::Workshop;
use crate::card::{Card, Evidence, Examined, Outcome};
use crate::token::redacted;
use crate::{Progress, web};

pub struct Runner<'r> {
    pub target: &'r Target,
    pub judge: Judge,
    pub progress: &'r dyn Progress,
    examined: Vec<Examined>,
    faults: Vec<Evidence>,
    sent: usize,
}

impl<'r> Runner<'r> {
    pub fn new(target: &'r Target, judge: Judge, progress: &'r dyn Progress) -> Self {
        Self {
            target,
            judge,
            progress,
            examined: Vec::new(),
            faults: Vec::new(),
            sent: 0,
        }
    }

    /// Every attack of the catalogue. Without `sealed` those that need the issuer's signature are left out, with the reason.
    pub async fn attack(&mut self, shop: &Workshop, sealed: Result<(), String>) {
        for attack in ATTACKS.iter().copied().flatten() {
            self.progress.begins(&attack.card);
            let outcome = match (attack.by, &sealed) {
                (Means::Seal, Err(why)) => Outcome::Skipped(why.clone()),
                (Means::Seal | Means::Forgery, _) => self.make(attack, shop).await,
            };
            self.book(&attack.card, outcome);
        }
    }

    async fn make(&mut self, attack: &Attack, shop: &Workshop) -> Outcome {
        let variants = (attack.forge)(shop);
        if variants.is_empty() {
            return Outcome::skipped("it does not apply to this token");
        }
        let (tried, mut evidence) = (variants.len(), Vec::new());
        for variant in variants {
            evidence.extend(self.try_one(&variant).await);
        }
        Outcome::of(tried, evidence)
    }

    /// Evidence, if it was accepted.
    pub async fn try_one(&mut self, variant: &Variant) -> Option<Evidence> {
        self.sent += 1;
        let answer = self.target.present(&variant.presented).await;
        let evidence = Evidence {
            sent: variant.what.clone(),
            token: shown(&variant.presented),
            came_back: web::told(&answer),
        };
        match self.judge.verdict(&answer) {
            Verdict::Accepted => return Some(evidence),
            Verdict::Refused => {}
            Verdict::Faulted | Verdict::Silent => self.faults.push(evidence),
        }
        None
    }

    pub fn book(&mut self, card: &'static Card, outcome: Outcome) {
        let examined = Examined {
            card,
            outcome,
            tolerated: false,
        };
        self.progress.ends(&examined);
        self.examined.push(examined);
    }

    /// Closes the book: what was no refusal and no acceptance is an entry of its own.
    pub fn close(mut self) -> Vec<Examined> {
        let faults = std::mem::take(&mut self.faults);
        self.progress.begins(&FAULTS);
        self.book(&FAULTS, Outcome::of(self.sent, faults));
        self.examined
    }
}

fn shown(presented: &Presented) -> Option<String> {
    match presented {
        Presented::Nothing => None,
        Presented::Bearer(token) => Some(redacted(&String::from_utf8_lossy(token))),
        Presented::Authorization(value) => Some(value.clone()),
        Presented::Query(token) => Some(redacted(token)),
    }
}
