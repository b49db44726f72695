use std::future::Future;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

use tokio::sync::{Notify, watch};
use tokio::time::{Instant, sleep, timeout};

use super::fetcher::{FetchError, Fetcher};
use super::snapshot::Saved;
use super::{PATIENCE, RETRY, Timing};
use crate::{KeySlot, KeySource};

/// Keeps one slot filled. One task fetches ([`keep_fresh`]); everybody else reads, or wishes and waits. So there is one
/// request at a time, and a caller that goes away cancels nothing.
pub(super) struct Keeper {
    slot: KeySlot,
    timing: Timing,
    history: Mutex<History>,
    /// How many fetches have ended.
    attempts: watch::Sender<u64>,
    wish: Arc<Notify>,
    /// The next fetch is to be answered by the issuer itself.
    anew: AtomicBool,
}

#[derive(Default)]
struct History {
    fetching: bool,
    last_attempt: Option<Instant>,
    last_success: Option<Success>,
    failures: u32,
    last_error: Option<FetchError>,
    snapshot_failed: bool,
}

#[derive(Clone, Copy)]
struct Success {
    at: Instant,
    max_age: Duration,
}

/// What is known about the keys, for health checks and logs.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct KeysState {
    /// Names of the keys in use.
    pub kids: Vec<String>,
    /// How long ago they were last confirmed; `None` before the first time.
    pub age: Option<Duration>,
    /// Failed fetches since then.
    pub failures: u32,
    /// Why the last one failed.
    pub last_error: Option<FetchError>,
    /// Whether the keys in use could not be saved to the snapshot file.
    pub snapshot_failed: bool,
}

impl Keeper {
    pub fn new(timing: Timing) -> Self {
        Self {
            slot: KeySlot::empty(),
            timing,
            history: Mutex::default(),
            attempts: watch::Sender::new(0),
            wish: Arc::default(),
            anew: AtomicBool::new(false),
        }
    }

    pub fn slot(&self) -> KeySlot {
        self.slot.clone()
    }

    /// Believes keys that an earlier run saved, unless they have outlived their bound.
    pub fn start_from(&self, saved: Option<Saved>) {
        let Some(saved) = saved else {
            return;
        };
        for kid in &saved.revoked {
            self.slot.revoke(kid);
        }
        let max_age = saved.confirmed.max_age;
        if saved.age > max_age + self.timing.stale_for || self.slot.replace(saved.set).is_err() {
            return;
        }
        let now = Instant::now();
        self.history().last_success = Some(Success {
            at: now.checked_sub(saved.age).unwrap_or(now),
            max_age,
        });
    }

    pub fn state(&self) -> KeysState {
        let history = self.history();
        KeysState {
            kids: self.slot.kids(),
            age: history.last_success.map(|success| success.at.elapsed()),
            failures: history.failures,
            last_error: history.last_error.clone(),
            snapshot_failed: history.snapshot_failed,
        }
    }

    /// Waits until the first fetch has ended, and says how the latest one did unless there are keys already.
    pub async fn ready(&self) -> Result<(), FetchError> {
        // The sender lives as long as `self`.
        let _ = self
            .attempts
            .subscribe()
            .wait_for(|attempts| *attempts > 0)
            .await;
        let history = self.history();
        match (&history.last_success, &history.last_error) {
            (None, Some(error)) => Err(error.clone()),
            (Some(_), _) | (None, None) => Ok(()),
        }
    }

    /// Fetches once and records what came of it; says how long to wait before the next time.
    async fn fetch(&self, fetcher: &mut Fetcher) -> Duration {
        {
            let mut history = self.history();
            history.fetching = true;
            history.last_attempt = Some(Instant::now());
        }
        let anew = self.anew.swap(false, Ordering::Relaxed);
        let outcome = fetcher.fetch_into(&self.slot, anew).await;
        let revoked = self.slot.revoked();
        // Also after a failure, if a key was revoked: a restart must not believe it again.
        let saved = match outcome.is_err() && revoked.is_empty() {
            true => true,
            false => fetcher.save(revoked).await.is_ok(),
        };
        let (wait, outlived) = {
            let mut history = self.history();
            history.record(outcome);
            history.snapshot_failed = !saved;
            (history.wait(), history.has_outlived(self.timing.stale_for))
        };
        if outlived {
            self.slot.clear();
            fetcher.forget();
        }
        self.attempts.send_modify(|attempts| *attempts += 1);
        wait
    }

    /// Fetches now, whenever the last time was, because the issuer has said that its keys changed.
    pub fn renew(&self) {
        self.anew.store(true, Ordering::Relaxed);
        self.wish.notify_one();
    }

    /// Like [`Keeper::renew`], and waits until a fetch has ended. Whether it helped is for the caller to see.
    pub async fn renewed(&self) {
        let mut attempts = self.fetches();
        self.renew();
        let _ = timeout(PATIENCE, attempts.changed()).await;
    }

    /// Counts the fetches that have ended.
    pub fn fetches(&self) -> watch::Receiver<u64> {
        self.attempts.subscribe()
    }

    async fn refresh_for_unknown_key(&self) -> bool {
        let mut attempts = self.attempts.subscribe();
        if !self.may_wait_for_fetch() {
            return false;
        }
        let ended = timeout(PATIENCE, attempts.changed()).await;
        matches!(ended, Ok(Ok(()))) && self.history().failures == 0
    }

    /// Joins the fetch under way, or asks for one unless the last was too recent.
    fn may_wait_for_fetch(&self) -> bool {
        let mut history = self.history();
        if history.fetching {
            return true;
        }
        if history
            .last_attempt
            .is_some_and(|at| at.elapsed() < self.timing.min_interval)
        {
            return false;
        }
        history.fetching = true;
        self.wish.notify_one();
        true
    }

    fn history(&self) -> MutexGuard<'_, History> {
        // No holder of this lock can leave the history half written.
        self.history.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl History {
    fn record(&mut self, outcome: Result<Duration, FetchError>) {
        self.fetching = false;
        match outcome {
            Ok(max_age) => {
                self.last_success = Some(Success {
                    at: Instant::now(),
                    max_age,
                });
                self.failures = 0;
                self.last_error = None;
            }
            Err(error) => {
                self.failures = self.failures.saturating_add(1);
                self.last_error = Some(error);
            }
        }
    }

    /// Ahead of the keys' age while all goes well; in growing steps while it does not.
    fn wait(&self) -> Duration {
        match self.last_success {
            Some(success) if self.failures == 0 => success.max_age * 4 / 5,
            Some(_) | None => {
                (RETRY.0 * 2_u32.saturating_pow(self.failures.saturating_sub(1))).min(RETRY.1)
            }
        }
    }

    fn has_outlived(&self, stale_for: Duration) -> bool {
        self.last_success
            .is_some_and(|success| success.at.elapsed() > success.max_age + stale_for)
    }
}

impl KeySource for Keeper {
    fn refresh(&self) -> Pin<Box<dyn Future<Output = bool> + Send + '_>> {
        Box::pin(self.refresh_for_unknown_key())
    }
}

impl Drop for Keeper {
    fn drop(&mut self) {
        // Wakes the task, which finds nobody left to fetch for.
        self.wish.notify_one();
    }
}

/// Fetches ahead of need, and when wished, until nobody holds the keeper any more.
pub(super) async fn keep_fresh(keeper: Weak<Keeper>, mut fetcher: Fetcher) {
    loop {
        let (wait, wish) = {
            let Some(keeper) = keeper.upgrade() else {
                return;
            };
            (keeper.fetch(&mut fetcher).await, keeper.wish.clone())
        };
        tokio::select! {
            () = sleep(wait) => {}
            () = wish.notified() => {}
        }
    }
}
