/// Where the time comes from. Tests pass a clock of their own.
pub trait Clock: Send + Sync + 'static {
    /// Whole seconds since the Unix epoch.
    fn now(&self) -> i64;
}

/// The machine's clock.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(
        clippy::disallowed_methods,
        reason = "this is the one implementation that supplies the real clock"
    )]
    fn now(&self) -> i64 {
        let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
        // A clock before 1970 is broken; at zero no token is valid yet, which is the safe answer.
        now.map_or(0, |elapsed| i64::try_from(elapsed.as_secs()).unwrap_or(0))
    }
}

impl<F: Fn() -> i64 + Send + Sync + 'static> Clock for F {
    fn now(&self) -> i64 {
        self()
    }
}
