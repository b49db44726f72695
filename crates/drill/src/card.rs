//! One thing that is examined, and what came of it.

/// How bad it is when an examination finds something.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// Allowed by the specifications and unwise: it is told, and fails nothing.
    Note,
    Medium,
    High,
    /// Anybody gets in.
    Critical,
}

impl Severity {
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Note => "note",
            Self::Medium => "medium",
            Self::High => "high",
            Self::Critical => "critical",
        }
    }
}

/// What is tried, why it matters and how to mend it. The name is a stable interface: `--tolerate` and CI refer to it.
#[derive(Debug, PartialEq, Eq)]
pub struct Card {
    pub name: &'static str,
    /// A sentence that is true of a sound deployment.
    pub title: &'static str,
    pub severity: Severity,
    pub why: &'static str,
    /// CVE identifiers and sections of specifications.
    pub source: &'static str,
    pub fix: &'static str,
}

/// One thing that went wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Evidence {
    pub sent: String,
    /// The token, without the part that would let a reader use it.
    pub token: Option<String>,
    pub came_back: String,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    Sound {
        /// How many attempts were made.
        tried: usize,
        /// A figure worth knowing, such as a latency.
        measured: Option<String>,
    },
    Found {
        tried: usize,
        evidence: Vec<Evidence>,
    },
    /// Not tried, and why.
    Skipped(String),
}

impl Outcome {
    /// Sound without evidence, found with it.
    pub fn of(tried: usize, evidence: Vec<Evidence>) -> Self {
        if evidence.is_empty() {
            Self::Sound {
                tried,
                measured: None,
            }
        } else {
            Self::Found { tried, evidence }
        }
    }

    pub fn measured(tried: usize, figure: impl Into<String>) -> Self {
        Self::Sound {
            tried,
            measured: Some(figure.into()),
        }
    }

    /// One thing went wrong.
    pub fn found(sent: impl Into<String>, came_back: impl Into<String>) -> Self {
        Self::Found {
            tried: 1,
            evidence: vec![Evidence::of(sent, came_back)],
        }
    }

    pub fn skipped(why: impl Into<String>) -> Self {
        Self::Skipped(why.into())
    }
}

impl Evidence {
    pub fn of(sent: impl Into<String>, came_back: impl Into<String>) -> Self {
        Self {
            sent: sent.into(),
            token: None,
            came_back: came_back.into(),
        }
    }
}

#[derive(Clone, Debug)]
pub struct Examined {
    pub card: &'static Card,
    pub outcome: Outcome,
    /// The operator knows and accepts it.
    pub tolerated: bool,
}

impl Examined {
    /// Whether it makes the deployment unsound.
    pub fn is_finding(&self) -> bool {
        self.is_found() && !self.tolerated && self.card.severity > Severity::Note
    }

    /// Whether something was found, however grave.
    pub fn is_found(&self) -> bool {
        matches!(self.outcome, Outcome::Found { .. })
    }
}
