use std::cell::Cell;
use std::collections::BTreeMap;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use crate::{Knowledge, Refusal};

/// Threads share shards when there are more of them; two threads that do not share never write the same cache line.
const SHARDS: usize = 16;

/// Reading the clock twice would cost as much as a tenth of an HMAC verification, so one in this many is timed.
const TIMED_ONE_IN: u64 = 64;

/// Upper bounds of the histogram's buckets in microseconds; what takes longer falls into one more bucket.
const BOUNDS_MICROS: [u64; 12] = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 5_000, 50_000];

/// More than there are refusal codes.
const MAX_CODES: usize = 96;

/// What one verifier and its clones have done since they were built.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Counts {
    /// Tokens accepted.
    pub accepted: u64,
    /// Tokens refused, by [`Refusal::code`].
    pub refused: BTreeMap<&'static str, u64>,
    /// How long verification took, measured on one token in 64.
    pub timing: Vec<TimingBucket>,
    /// Names of the keys that are believed now.
    pub kids: Vec<String>,
    /// How current the knowledge of revocations is, if there is any source of it.
    pub revocation: Option<Knowledge>,
}

/// One bar of the histogram.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct TimingBucket {
    /// Verifications counted here took no longer than this, and longer than the bucket before. `None`: anything longer.
    pub at_most: Option<Duration>,
    /// How many there were.
    pub count: u64,
}

pub(crate) struct Counters {
    shards: [Shard; SHARDS],
    refusals: [Refusals; MAX_CODES],
}

/// One per cache line pair, because processors fetch lines by two.
#[derive(Default)]
#[repr(align(128))]
struct Shard {
    verifications: AtomicU64,
    timing: [AtomicU64; BOUNDS_MICROS.len() + 1],
}

/// A code that has occurred. Slots are claimed front to back and never given up.
#[derive(Default)]
struct Refusals {
    code: OnceLock<&'static str>,
    count: AtomicU64,
}

impl Default for Counters {
    fn default() -> Self {
        Self {
            shards: std::array::from_fn(|_| Shard::default()),
            refusals: std::array::from_fn(|_| Refusals::default()),
        }
    }
}

impl Counters {
    /// Counts one verification and its outcome.
    #[inline]
    pub fn watch<T>(&self, verify: impl FnOnce() -> Result<T, Refusal>) -> Result<T, Refusal> {
        let shard = &self.shards[shard_of_this_thread()];
        let earlier = shard.verifications.fetch_add(1, Ordering::Relaxed);
        let outcome = if earlier.is_multiple_of(TIMED_ONE_IN) {
            shard.time(verify)
        } else {
            verify()
        };
        if let Err(refusal) = &outcome {
            self.count_refusal(refusal.code());
        }
        outcome
    }

    #[cold]
    fn count_refusal(&self, code: &'static str) {
        let slot = self
            .refusals
            .iter()
            .find(|slot| *slot.code.get_or_init(|| code) == code);
        if let Some(slot) = slot {
            slot.count.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// What was counted. Taken while others count, it may lag behind them, but never mixes up reasons.
    pub fn read(&self) -> Counts {
        let claimed = self.refusals.iter().map_while(|slot| {
            let code = *slot.code.get()?;
            Some((code, slot.count.load(Ordering::Relaxed)))
        });
        let refused: BTreeMap<_, _> = claimed.collect();
        let verifications = self.sum(|shard| &shard.verifications);
        let bounds = BOUNDS_MICROS
            .iter()
            .map(|micros| Some(Duration::from_micros(*micros)));
        let bucket = |(index, at_most)| TimingBucket {
            at_most,
            count: self.sum(|shard| &shard.timing[index]),
        };
        Counts {
            accepted: verifications.saturating_sub(refused.values().sum()),
            timing: bounds.chain([None]).enumerate().map(bucket).collect(),
            refused,
            ..Counts::default()
        }
    }

    fn sum(&self, counter: impl Fn(&Shard) -> &AtomicU64) -> u64 {
        let counts = self
            .shards
            .iter()
            .map(|shard| counter(shard).load(Ordering::Relaxed));
        counts.sum()
    }
}

impl Shard {
    #[expect(
        clippy::disallowed_methods,
        reason = "measures how long a verification takes; nothing is decided by it"
    )]
    fn time<T>(&self, verify: impl FnOnce() -> T) -> T {
        let start = Instant::now();
        let outcome = verify();
        self.timing[bucket_of(start.elapsed())].fetch_add(1, Ordering::Relaxed);
        outcome
    }
}

fn bucket_of(elapsed: Duration) -> usize {
    BOUNDS_MICROS.partition_point(|bound| Duration::from_micros(*bound) < elapsed)
}

/// Threads take shards in turn as they come.
fn shard_of_this_thread() -> usize {
    static NEXT: AtomicUsize = AtomicUsize::new(0);
    thread_local! {
        static OWN: Cell<Option<usize>> = const { Cell::new(None) };
    }
    OWN.with(|own| {
        own.get().unwrap_or_else(|| {
            let shard = NEXT.fetch_add(1, Ordering::Relaxed) % SHARDS;
            own.set(Some(shard));
            shard
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_many_threads_count_adds_up() {
        let counters = Counters::default();
        std::thread::scope(|scope| {
            for thread in 0..20 {
                let counters = &counters;
                scope.spawn(move || {
                    for call in 0..1_000 {
                        let _ = counters.watch(|| match (thread + call) % 4 {
                            0 => Err(Refusal::Expired),
                            1 => Err(Refusal::WrongAudience),
                            _ => Ok(()),
                        });
                    }
                });
            }
        });
        let counts = counters.read();
        assert_eq!(counts.accepted, 10_000);
        assert_eq!(
            counts.refused,
            BTreeMap::from([("expired", 5_000), ("wrong_audience", 5_000)])
        );
        let timed: u64 = counts.timing.iter().map(|bucket| bucket.count).sum();
        assert!((20_000 / 64..=20_000 / 64 + 16).contains(&timed), "{timed}");
    }

    #[test]
    fn a_bucket_includes_its_bound_and_not_the_one_before() {
        let nanos = Duration::from_nanos;
        let buckets = [0, 1_000, 1_001, 2_000, 50_000_000, 50_000_001];
        assert_eq!(
            buckets.map(|time| bucket_of(nanos(time))),
            [0, 0, 1, 1, 11, 12]
        );
    }

    #[test]
    fn threads_spread_over_the_shards_and_stay_where_they_are() {
        let own = || std::thread::spawn(|| [shard_of_this_thread(), shard_of_this_thread()]);
        let shards: Vec<_> = (0..8).map(|_| own().join().unwrap()).collect();
        assert!(
            shards
                .iter()
                .all(|[first, again]| first == again && *first < SHARDS)
        );
        let different: std::collections::HashSet<_> =
            shards.iter().map(|[shard, _]| shard).collect();
        assert!(different.len() > 2, "{shards:?}");
    }

    #[test]
    fn a_slow_verification_falls_into_a_slow_bucket() {
        let counters = Counters::default();
        let _ = counters.watch(|| {
            std::thread::sleep(Duration::from_millis(60));
            Ok(())
        });
        let last = counters.read().timing.pop();
        assert_eq!(
            last,
            Some(TimingBucket {
                at_most: None,
                count: 1
            })
        );
    }
}
