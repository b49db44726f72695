use std::sync::atomic::{AtomicI64, Ordering};

use keywright_domain::ports::Clock;
use keywright_domain::{Period, Time};

/// Stands still until a test moves it.
#[derive(Debug)]
pub struct FakeClock(AtomicI64);

impl FakeClock {
    /// The first of January 2026, midnight UTC.
    pub const START: Time = Time::from_secs(1_767_225_600);

    pub fn advance(&self, by: Period) {
        self.0.fetch_add(by.as_millis(), Ordering::SeqCst);
    }
}

impl Default for FakeClock {
    fn default() -> Self {
        Self(AtomicI64::new(Self::START.millis()))
    }
}

impl Clock for FakeClock {
    fn now(&self) -> Time {
        Time::from_millis(self.0.load(Ordering::SeqCst))
    }
}
