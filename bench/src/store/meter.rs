//! Time and CPU time.

use std::time::{Duration, Instant};

use anyhow::{Context, Result};

#[derive(Clone, Copy)]
pub struct Measured {
    /// CPU time of the whole process for each.
    pub micros: f64,
    /// How many in a second.
    pub rate: f64,
    pub p50: Duration,
    pub p99: Duration,
}

/// Measures from here on.
pub struct Meter {
    began: Instant,
    cpu: Duration,
}

impl Meter {
    pub fn start() -> Result<Self> {
        Ok(Self {
            cpu: cpu()?,
            began: Instant::now(),
        })
    }

    /// Until now, in which as much was done as there are latencies.
    pub fn stop(self, mut latencies: Vec<Duration>) -> Result<Measured> {
        let took = self.began.elapsed();
        let used = cpu()?.saturating_sub(self.cpu);
        #[expect(clippy::cast_precision_loss, reason = "far below 2^52")]
        let count = latencies.len() as f64;
        latencies.sort_unstable();
        let at = |percent: usize| {
            latencies.get((latencies.len() * percent).div_ceil(100).saturating_sub(1))
        };
        Ok(Measured {
            micros: used.as_secs_f64() * 1e6 / count,
            rate: count / took.as_secs_f64(),
            p50: at(50).copied().context("nothing was measured")?,
            p99: at(99).copied().context("nothing was measured")?,
        })
    }
}

/// What the scheduler has charged to our threads. In nanoseconds, where `/proc/self/stat` counts in hundredths of a
/// second; threads that have ended are missing, so none may end in between.
fn cpu() -> Result<Duration> {
    let mut nanos = 0;
    for task in std::fs::read_dir("/proc/self/task").context("this benchmark runs on Linux")? {
        let line = std::fs::read_to_string(task?.path().join("schedstat"))?;
        let first = line.split(' ').next().context("malformed schedstat")?;
        nanos += first.trim().parse::<u64>()?;
    }
    Ok(Duration::from_nanos(nanos))
}

pub fn median(rounds: &mut [Measured]) -> Measured {
    rounds.sort_by(|a, b| a.micros.total_cmp(&b.micros));
    rounds[rounds.len() / 2]
}
