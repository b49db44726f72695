//! What a verifier tells about itself.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

const LONGEST_NAME: usize = 64;
/// A key set of more keys than any rotation needs.
const MOST_KIDS: usize = 64;
const LONGEST_KID: usize = 128;
/// More than there are refusal codes.
const MOST_CODES: usize = 128;
const MOST_BUCKETS: usize = 64;

/// Counts are totals since the instance started.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Report {
    /// Which of the client's processes: 1 to 64 printable ASCII characters.
    pub instance: String,
    /// Name and version of the library.
    pub software: String,
    /// The last event of the feed that it applied; `None`: none yet.
    pub position: Option<u64>,
    /// The keys that it believes.
    pub kids: Vec<String>,
    pub accepted: u64,
    /// By refusal code.
    pub refused: BTreeMap<String, u64>,
    pub verification_micros: Vec<TimingBucket>,
    /// How old its knowledge of revocations is, in seconds.
    pub revocation_age: Option<u64>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TimingBucket {
    /// In microseconds; `None`: anything longer than the bucket before.
    pub at_most: Option<u64>,
    pub count: u64,
}

/// A member is too long, too many, or not printable.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{expected}")]
pub struct MalformedReport {
    pub field: &'static str,
    pub expected: &'static str,
}

impl Report {
    /// Whether it can be kept: reports are shown to operators, and a client must not fill the database with them.
    pub fn check(&self) -> Result<(), MalformedReport> {
        let kids =
            self.kids.len() <= MOST_KIDS && self.kids.iter().all(|k| is_name(k, LONGEST_KID));
        let codes =
            self.refused.len() <= MOST_CODES && self.refused.keys().all(|code| is_code(code));
        for (field, fits, expected) in [
            (
                "instance",
                is_name(&self.instance, LONGEST_NAME),
                "expected 1 to 64 printable ASCII characters",
            ),
            (
                "software",
                is_name(&self.software, LONGEST_NAME),
                "expected 1 to 64 printable ASCII characters",
            ),
            (
                "kids",
                kids,
                "expected at most 64 key ids of 1 to 128 printable ASCII characters",
            ),
            (
                "refused",
                codes,
                "expected at most 128 codes of 1 to 64 lower-case letters, digits and underscores",
            ),
            (
                "verification_micros",
                self.verification_micros.len() <= MOST_BUCKETS,
                "expected at most 64 buckets",
            ),
        ] {
            if !fits {
                return Err(MalformedReport { field, expected });
            }
        }
        Ok(())
    }

    /// How many tokens were refused for this reason.
    pub fn refused_for(&self, code: &str) -> u64 {
        self.refused.get(code).copied().unwrap_or(0)
    }

    /// All verifications.
    pub fn verified(&self) -> u64 {
        let sum = |sum: u64, count: &u64| sum.saturating_add(*count);
        self.refused.values().fold(self.accepted, sum)
    }
}

fn is_name(text: &str, longest: usize) -> bool {
    (1..=longest).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_graphic() || b == b' ')
}

fn is_code(text: &str) -> bool {
    let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_';
    (1..=LONGEST_NAME).contains(&text.len()) && text.bytes().all(plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn blamed(change: impl FnOnce(&mut Report)) -> Option<&'static str> {
        let mut report = Report {
            instance: "orders-7f9c".to_owned(),
            software: "keywright-verify/0.1.0".to_owned(),
            kids: vec!["k1".to_owned()],
            ..Report::default()
        };
        change(&mut report);
        report.check().err().map(|malformed| malformed.field)
    }

    #[test]
    fn what_is_too_long_or_not_printable_is_blamed() {
        assert_eq!(blamed(|_| {}), None);
        assert_eq!(blamed(|r| r.instance = String::new()), Some("instance"));
        assert_eq!(blamed(|r| r.instance = "x".repeat(65)), Some("instance"));
        assert_eq!(blamed(|r| r.software = "a\nb".to_owned()), Some("software"));
        assert_eq!(blamed(|r| r.kids = vec![String::new()]), Some("kids"));
        assert_eq!(blamed(|r| r.kids = vec!["k".to_owned(); 65]), Some("kids"));
        assert_eq!(
            blamed(|r| r.refused = [("Bad".to_owned(), 1)].into()),
            Some("refused")
        );
    }
}
