//! What the server does between requests: keys and catalog every second, letters, notices, and tidying up.

mod webhook;

use std::fmt::Display;
use std::sync::Arc;
use std::time::Duration;

use keywright_domain::keys::HoldNews;
use keywright_domain::ports::{Assertions, Ledger, PushedRequests, Upkeep};
use keywright_domain::{Issuer, Period};
use keywright_http::metrics::Metrics;
use tokio::sync::{Notify, watch};
use tokio::task::{JoinSet, spawn_blocking};
use tokio::time::{Instant, MissedTickBehavior, interval};

use crate::adapter::mail::Mailer;
use crate::causes::with_causes;
use crate::deployment::Deployment;

const TICK: Duration = Duration::from_secs(1);
/// A point read. What another node commits is followed within this.
const FOLLOW: Duration = Duration::from_millis(100);
/// For the metrics; scrapes are further apart.
const LOOK: Duration = Duration::from_secs(5);
const TIDY: Duration = Duration::from_secs(3600);
const FORGET: Duration = Duration::from_secs(60);
/// Another node's clock may be behind, and then its tokens die later.
const DEAD_KEPT: Period = Period::minutes(1);
/// Trouble that goes on is told again after this.
const REMIND: Duration = Duration::from_secs(60);
/// A pushed request must outlast the pages that a browser goes through with it.
const PAGES_KEPT: Period = Period::hours(1);
/// What ended stays visible for this long.
const KEPT: Period = Period::days(7);
const PURGE_BATCH: u32 = 500;

pub struct Background {
    stop: watch::Sender<bool>,
    loops: JoinSet<()>,
}

/// Replaced as a whole on reload; `None` keeps letters in the outbox.
pub type CurrentMailer = watch::Receiver<Option<Arc<Mailer>>>;

impl Background {
    pub fn start(deployment: &Deployment, metrics: &Arc<Metrics>, mailer: CurrentMailer) -> Self {
        let (stop, stopped) = watch::channel(false);
        let mut loops = JoinSet::new();
        let (in_the_log, for_clients) = news_of_commits(&deployment.issuer);
        let issuer = deployment.issuer.clone();
        loops.spawn(every(
            TICK,
            "keys and catalog",
            stopped.clone(),
            move || {
                let issuer = issuer.clone();
                async move { issuer.tick().await.map_err(|e| e.to_string()) }
            },
        ));
        let issuer = deployment.issuer.clone();
        loops.spawn(every(TICK, "letters", stopped.clone(), move || {
            let (issuer, mailer) = (issuer.clone(), mailer.borrow().clone());
            async move { send_letters(&issuer, mailer.as_deref()).await }
        }));
        let (issuer, counted) = (deployment.issuer.clone(), metrics.clone());
        let rhythm = Rhythm {
            period: TICK,
            news: for_clients,
        };
        loops.spawn(when(rhythm, "webhook", stopped.clone(), move || {
            let (issuer, metrics) = (issuer.clone(), counted.clone());
            async move { webhook::tell(&issuer, &metrics).await }
        }));
        let (issuer, counted) = (deployment.issuer.clone(), metrics.clone());
        loops.spawn(every(LOOK, "waiting logouts", stopped.clone(), move || {
            let (issuer, metrics) = (issuer.clone(), counted.clone());
            async move {
                let waiting = issuer.farewells_waiting().await.map_err(text)?;
                metrics.logout_deliveries_waiting(waiting);
                Ok(())
            }
        }));
        let issuer = deployment.issuer.clone();
        loops.spawn(every(
            TICK,
            "heartbeat of the feed",
            stopped.clone(),
            move || {
                let issuer = issuer.clone();
                async move { issuer.beat().map_err(text) }
            },
        ));
        let issuer = deployment.issuer.clone();
        let rhythm = Rhythm {
            period: FOLLOW,
            news: in_the_log,
        };
        loops.spawn(when(rhythm, "the feed's log", stopped.clone(), move || {
            follow(issuer.clone())
        }));
        let issuer = deployment.issuer.clone();
        loops.spawn(every(
            TICK,
            "evidence for keys",
            stopped.clone(),
            move || {
                let issuer = issuer.clone();
                async move { gather_evidence(&issuer).await }
            },
        ));
        if deployment.vaults.need_tending() {
            let vaults = deployment.vaults.clone();
            loops.spawn(every(LOOK, "the vault", stopped.clone(), move || {
                let vaults = vaults.clone();
                async move {
                    let tended = spawn_blocking(move || vaults.tend()).await.map_err(text)?;
                    tended.map_err(|error| with_causes(error.as_ref()))
                }
            }));
        }
        let issuer = deployment.issuer.clone();
        loops.spawn(every(LOOK, "verifiers", stopped.clone(), move || {
            let issuer = issuer.clone();
            async move { issuer.look_at_fleet().await.map_err(text) }
        }));
        let (issuer, store) = (deployment.issuer.clone(), deployment.store.clone());
        loops.spawn(every(
            FORGET,
            "forgetting dead tokens",
            stopped.clone(),
            move || {
                let (issuer, store) = (issuer.clone(), store.clone());
                async move { forget_tokens(&issuer, &*store).await }
            },
        ));
        let (issuer, store) = (deployment.issuer.clone(), deployment.store.clone());
        loops.spawn(every(TIDY, "tidying up", stopped, move || {
            let (issuer, store) = (issuer.clone(), store.clone());
            async move { tidy(&issuer, &*store).await }
        }));
        Self { stop, loops }
    }

    /// Ends the loops, each after what it is doing now.
    pub async fn stop(mut self) {
        // Nobody listens only if every loop has ended already.
        let _ = self.stop.send(true);
        while self.loops.join_next().await.is_some() {}
    }
}

/// A commit of this process that has events for the feed: its followers hear of it at once, and clients of the sessions that it ended.
/// Others' commits are found at the next turn.
fn news_of_commits(issuer: &Issuer) -> (Arc<Notify>, Arc<Notify>) {
    let (in_the_log, for_clients) = <(Arc<Notify>, Arc<Notify>)>::default();
    let told = (in_the_log.clone(), for_clients.clone());
    issuer.on_feed_event(move || {
        told.0.notify_one();
        told.1.notify_one();
    });
    (in_the_log, for_clients)
}

/// Keeps lists and followers as new as the log. Lists are signed anew also while the database does not answer: they are about to expire.
pub async fn follow(issuer: Arc<Issuer>) -> Result<(), String> {
    let followed = issuer.follow_feed().await.map_err(text);
    let publish = move || issuer.publish_status_lists().map_err(text);
    let published = spawn_blocking(publish).await.map_err(text)?;
    followed.and(published)
}

/// A job that is due at intervals, and whenever there is news.
struct Rhythm {
    period: Duration,
    news: Arc<Notify>,
}

async fn every<F, Fut>(period: Duration, name: &'static str, stopped: watch::Receiver<bool>, job: F)
where
    F: Fn() -> Fut,
    Fut: Future<Output = Result<(), String>> + Send + 'static,
{
    let news = Arc::default();
    when(Rhythm { period, news }, name, stopped, job).await;
}

/// Runs `job` again and again until `stopped`. An error never ends the loop; it is logged when it appears, once a minute while it goes on,
/// and when it is over.
async fn when<F, Fut>(
    rhythm: Rhythm,
    name: &'static str,
    mut stopped: watch::Receiver<bool>,
    job: F,
) where
    F: Fn() -> Fut,
    Fut: Future<Output = Result<(), String>> + Send + 'static,
{
    let mut timer = interval(rhythm.period);
    timer.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut trouble = Trouble::default();
    loop {
        tokio::select! {
            _ = stopped.changed() => return,
            _ = timer.tick() => {}
            () = rhythm.news.notified() => {}
        }
        // A task of its own, so that a panic is an error like others.
        let result = tokio::spawn(job())
            .await
            .unwrap_or_else(|panic| Err(panic.to_string()));
        match trouble.after(result, Instant::now()) {
            News::Fails(error) => {
                tracing::error!(target: "background.job.failed", job = name, error, "a background job fails")
            }
            News::Over => {
                tracing::info!(target: "background.job.recovered", job = name, "a background job works again")
            }
            News::None => {}
        }
    }
}

/// The error that was last logged, and when.
#[derive(Default)]
struct Trouble(Option<(String, Instant)>);

#[derive(Debug, PartialEq)]
enum News {
    Fails(String),
    Over,
    None,
}

impl Trouble {
    fn after(&mut self, result: Result<(), String>, now: Instant) -> News {
        match (result, &self.0) {
            (Ok(()), None) => News::None,
            (Ok(()), Some(_)) => {
                self.0 = None;
                News::Over
            }
            (Err(error), Some((told, at))) if error == *told && now - *at < REMIND => News::None,
            (Err(error), _) => {
                self.0 = Some((error.clone(), now));
                News::Fails(error)
            }
        }
    }
}

/// Sends what is due. A letter that cannot be sent now comes again after a minute; the others do not wait for it.
async fn send_letters(issuer: &Issuer, mailer: Option<&Mailer>) -> Result<(), String> {
    let Some(mailer) = mailer else { return Ok(()) };
    let mut failed = None;
    for (id, mail) in issuer.letters_due().await.map_err(text)? {
        match mailer.send(&mail).await {
            Ok(()) => issuer.letter_sent(id).await.map_err(text)?,
            Err(error) => failed = Some(with_causes(&error)),
        }
    }
    failed.map_or(Ok(()), Err)
}

/// Looks for the keys that wait to sign, and tells the log when one is held back.
async fn gather_evidence(issuer: &Issuer) -> Result<(), String> {
    issuer.probe_held_keys().await.map_err(text)?;
    for news in issuer.note_holds().await.map_err(text)? {
        match news {
            HoldNews::Held { kid, doubt } => tracing::warn!(
                target: "keys.key.held", kid, reason = doubt.as_str(), detail = %doubt,
                "a key is due to sign and does not; the one before it goes on"
            ),
            HoldNews::Over { kid } => {
                tracing::info!(target: "keys.key.released", kid, "a key is not held back any more")
            }
        }
    }
    Ok(())
}

async fn tidy(issuer: &Issuer, store: &(impl Upkeep + ?Sized)) -> Result<(), String> {
    issuer.forget_verifiers().await.map_err(text)?;
    let before = issuer.now() - KEPT;
    // In small bites: a writer that comes between them waits for one bite only.
    while store.purge(before, PURGE_BATCH).await.map_err(text)? > 0 {
        tokio::task::yield_now().await;
    }
    issuer.forget_unused_clients().await.map_err(text)?;
    issuer.forget_status().await.map_err(text)
}

async fn forget_tokens(
    issuer: &Issuer,
    store: &(impl Ledger + Assertions + PushedRequests + ?Sized),
) -> Result<(), String> {
    let before = issuer.now() - DEAD_KEPT;
    store
        .purge_tokens(before, PURGE_BATCH)
        .await
        .map_err(text)?;
    while store
        .forget_assertions(before, PURGE_BATCH)
        .await
        .map_err(text)?
        > 0
    {
        tokio::task::yield_now().await;
    }
    let arrived = issuer.now() - PAGES_KEPT;
    while store
        .forget_pushed(arrived, PURGE_BATCH)
        .await
        .map_err(text)?
        > 0
    {
        tokio::task::yield_now().await;
    }
    Ok(())
}

fn text(error: impl Display) -> String {
    error.to_string()
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    #[test]
    fn trouble_is_told_when_it_begins_changes_and_ends_and_each_minute_between() {
        let (mut trouble, start) = (Trouble::default(), Instant::now());
        for (second, error, told) in [
            (0, None, News::None),
            (1, Some("disk"), News::Fails("disk".to_owned())),
            (2, Some("disk"), News::None),
            (60, Some("disk"), News::None),
            (61, Some("disk"), News::Fails("disk".to_owned())),
            (62, Some("disk"), News::None),
            (63, Some("network"), News::Fails("network".to_owned())),
            (64, None, News::Over),
            (65, None, News::None),
        ] {
            let result = error.map_or(Ok(()), |e| Err(e.to_owned()));
            let now = start + Duration::from_secs(second);
            assert_eq!(trouble.after(result, now), told, "{second}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_loop_survives_errors_and_panics_and_ends_when_stopped() {
        let (stop, stopped) = watch::channel(false);
        let runs = Arc::new(AtomicUsize::new(0));
        let counted = runs.clone();
        let running = tokio::spawn(every(TICK, "test", stopped, move || {
            let run = counted.fetch_add(1, Ordering::Relaxed);
            async move {
                assert_ne!(run, 1, "the second run panics");
                Err("broken".to_owned())
            }
        }));
        tokio::time::sleep(Duration::from_millis(3500)).await;
        assert_eq!(runs.load(Ordering::Relaxed), 4);
        stop.send(true).unwrap();
        running.await.unwrap();
    }
}
