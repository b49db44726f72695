//! Refusals that rise sharply between two reports of one instance.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::Report;
use crate::{Period, Time};

/// Fewer refusals than this in one interval are what every API on the Internet sees.
const LEAST: u64 = 20;
/// One in so many verifications; an API that is asked a million times a minute sees a few bad tokens each second.
const ONE_IN: u64 = 20;
/// How long a spike counts as going on.
pub const ONGOING: Period = Period::minutes(5);

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Spike {
    /// Tokens name keys that the verifier does not know: a rotation went wrong, or somebody invents keys.
    UnknownKeys,
    /// Tokens whose signature is wrong: somebody edits them.
    Tampering,
    /// Proofs that were presented before (RFC 9449 §11.1): somebody replays them.
    Replay,
}

/// When each kind was last seen at an instance.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Spikes {
    pub unknown_keys: Option<Time>,
    pub tampering: Option<Time>,
    pub replay: Option<Time>,
}

impl Spike {
    pub const ALL: [Spike; 3] = [Spike::UnknownKeys, Spike::Tampering, Spike::Replay];

    pub const fn as_str(self) -> &'static str {
        match self {
            Spike::UnknownKeys => "unknown_keys",
            Spike::Tampering => "tampering",
            Spike::Replay => "replay",
        }
    }

    /// The refusal code that is counted.
    const fn code(self) -> &'static str {
        match self {
            Spike::UnknownKeys => "unknown_key",
            Spike::Tampering => "signature_invalid",
            Spike::Replay => "proof_replayed",
        }
    }

    /// What rose between two reports. Totals that went down mean that the instance was started anew.
    pub fn between(before: &Report, after: &Report) -> BTreeSet<Spike> {
        let restarted = after.verified() < before.verified();
        let grown = |total: fn(&Report, &str) -> u64, code: &str| {
            let since = if restarted { 0 } else { total(before, code) };
            total(after, code).saturating_sub(since)
        };
        let all = grown(|report, _| report.verified(), "");
        let rose = |spike: &Spike| {
            let refused = grown(Report::refused_for, spike.code());
            refused >= LEAST && refused.saturating_mul(ONE_IN) >= all
        };
        Self::ALL.into_iter().filter(rose).collect()
    }
}

impl Spikes {
    pub fn of(&self, spike: Spike) -> Option<Time> {
        match spike {
            Spike::UnknownKeys => self.unknown_keys,
            Spike::Tampering => self.tampering,
            Spike::Replay => self.replay,
        }
    }

    pub fn is_ongoing(&self, spike: Spike, now: Time) -> bool {
        self.of(spike).is_some_and(|at| now.since(at) < ONGOING)
    }

    /// What rises now.
    pub fn ongoing(&self, now: Time) -> impl Iterator<Item = Spike> {
        let all = Spike::ALL.into_iter();
        all.filter(move |spike| self.is_ongoing(*spike, now))
    }

    pub(super) fn saw(&mut self, spike: Spike, now: Time) {
        let at = match spike {
            Spike::UnknownKeys => &mut self.unknown_keys,
            Spike::Tampering => &mut self.tampering,
            Spike::Replay => &mut self.replay,
        };
        *at = Some(now);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn report(accepted: u64, refused: &[(&str, u64)]) -> Report {
        let refused = refused.iter().map(|(code, n)| ((*code).to_owned(), *n));
        Report {
            accepted,
            refused: refused.collect(),
            ..Report::default()
        }
    }

    fn between(before: &Report, after: &Report) -> Vec<Spike> {
        Spike::between(before, after).into_iter().collect()
    }

    #[test]
    fn a_sharp_rise_is_a_spike_and_a_trickle_is_not() {
        let before = report(1_000, &[("unknown_key", 500)]);
        assert_eq!(
            between(&before, &report(1_100, &[("unknown_key", 519)])),
            []
        );
        assert_eq!(
            between(&before, &report(1_100, &[("unknown_key", 520)])),
            [Spike::UnknownKeys]
        );
        assert_eq!(
            between(&before, &report(2_000, &[("unknown_key", 520)])),
            [],
            "20 of 1,020"
        );
    }

    #[test]
    fn each_kind_has_its_code() {
        let after = report(
            0,
            &[
                ("signature_invalid", 30),
                ("proof_replayed", 30),
                ("expired", 30),
            ],
        );
        assert_eq!(
            between(&Report::default(), &after),
            [Spike::Tampering, Spike::Replay]
        );
    }

    #[test]
    fn an_instance_that_was_started_anew_counts_from_zero() {
        let before = report(100_000, &[("unknown_key", 1_000)]);
        let after = report(10, &[("unknown_key", 40)]);
        assert_eq!(between(&before, &after), [Spike::UnknownKeys]);
    }
}
