//! Instants and spans. Stored as integers, so that both database engines agree on them to the bit.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// Milliseconds since the Unix epoch.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct Time(i64);

/// A span in milliseconds, never negative.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct Period(i64);

impl Time {
    pub const fn from_millis(millis: i64) -> Self {
        Self(millis)
    }

    pub const fn from_secs(secs: i64) -> Self {
        Self(secs.saturating_mul(1000))
    }

    pub const fn millis(self) -> i64 {
        self.0
    }

    /// Whole seconds, rounded down: the `NumericDate` of RFC 7519 §2.
    pub const fn secs(self) -> i64 {
        self.0.div_euclid(1000)
    }

    /// The time that has passed since `earlier`; zero when a clock stepped back.
    pub const fn since(self, earlier: Time) -> Period {
        let span = self.0.saturating_sub(earlier.0);
        Period(if span < 0 { 0 } else { span })
    }
}

/// RFC 3339 in UTC, to the second: for sentences that people read.
impl fmt::Display for Time {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match jiff::Timestamp::from_second(self.secs()) {
            Ok(instant) => instant.fmt(f),
            // Beyond the year 9999, or before the year -9999.
            Err(_) => write!(f, "{} seconds since 1970", self.secs()),
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected a moment such as 2026-11-22T10:46:00Z")]
pub struct MalformedTime;

/// RFC 3339, with or without the seconds.
impl FromStr for Time {
    type Err = MalformedTime;

    fn from_str(text: &str) -> Result<Self, MalformedTime> {
        let instant: jiff::Timestamp = text.parse().map_err(|_| MalformedTime)?;
        Ok(Self(instant.as_millisecond()))
    }
}

impl Period {
    pub const ZERO: Period = Period(0);

    pub const fn millis(millis: i64) -> Self {
        Self(if millis < 0 { 0 } else { millis })
    }

    pub const fn secs(secs: i64) -> Self {
        Self::millis(secs.saturating_mul(1000))
    }

    pub const fn minutes(minutes: i64) -> Self {
        Self::secs(minutes.saturating_mul(60))
    }

    pub const fn hours(hours: i64) -> Self {
        Self::minutes(hours.saturating_mul(60))
    }

    pub const fn days(days: i64) -> Self {
        Self::hours(days.saturating_mul(24))
    }

    pub const fn as_millis(self) -> i64 {
        self.0
    }

    pub const fn as_secs(self) -> i64 {
        self.0 / 1000
    }
}

impl std::ops::Add<Period> for Time {
    type Output = Time;

    fn add(self, span: Period) -> Time {
        Time(self.0.saturating_add(span.0))
    }
}

impl std::ops::Add for Period {
    type Output = Period;

    fn add(self, other: Period) -> Period {
        Period(self.0.saturating_add(other.0))
    }
}

impl std::ops::Div<u32> for Period {
    type Output = Period;

    /// A share of the span; all of it for a divisor of zero.
    fn div(self, shares: u32) -> Period {
        Period(self.0 / i64::from(shares.max(1)))
    }
}

impl std::ops::Sub<Period> for Time {
    type Output = Time;

    fn sub(self, span: Period) -> Time {
        Time(self.0.saturating_sub(span.0))
    }
}
