use std::collections::{HashMap, HashSet};
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

use keywright_jwt::Claims;
use reqwest::Client;
use tokio::sync::{Notify, watch};
use tokio::time::{Instant, sleep_until, timeout};

use super::client::{self, Fetched, Want};
use super::discovery;
use super::plan::{FeedView, Plan};
use super::{FetchError, PATIENCE, RETRY};
use crate::{
    Clock, Knowledge, Refusal, Revocation, Status, StatusListError, StatusLists, SystemClock,
};

const WANT: Want = Want {
    accept: "application/statuslist+jwt",
    // A million entries of two bits stay below 350 kB even where nothing can be compressed.
    limit: 4 << 20,
    anew: false,
};

/// Keeps [`StatusLists`] fresh over HTTP until the last clone is dropped: lists named here from the start, others from
/// the first token that refers to them. It answers about tokens itself: give a clone of it to the verifier. One request at a time; a list that cannot be had is tried again in growing steps,
/// and the one held before goes on answering for as long as its age allows.
#[derive(Clone)]
pub struct RemoteStatusLists {
    poll: Arc<Poll>,
}

/// How status lists are fetched.
#[must_use]
pub struct RemoteStatusListsBuilder {
    lists: StatusLists,
    uris: Vec<String>,
    discover: bool,
    timeout: Duration,
    clock: Arc<dyn Clock>,
}

/// Why a list could not be renewed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum StatusFetchError {
    /// It could not be fetched.
    #[error(transparent)]
    Fetch(#[from] FetchError),
    /// What was fetched is not acceptable.
    #[error(transparent)]
    List(#[from] StatusListError),
}

/// A list that could not be renewed lately.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct StatusFailure {
    /// The list's address.
    pub uri: String,
    /// Failed attempts since the last success.
    pub failures: u32,
    /// Why the last one failed.
    pub error: StatusFetchError,
}

struct Poll {
    lists: StatusLists,
    uris: Vec<String>,
    clock: Arc<dyn Clock>,
    client: Client,
    failures: Mutex<HashMap<String, StatusFailure>>,
    rounds: watch::Sender<u64>,
    wish: Arc<Notify>,
    feed: Mutex<FeedView>,
    /// Lists that lack nothing which came before the feed: a heartbeat confirms them.
    gapless: Mutex<HashSet<String>>,
}

impl RemoteStatusLists {
    /// Fetches for these lists.
    pub fn of(lists: StatusLists) -> RemoteStatusListsBuilder {
        RemoteStatusListsBuilder {
            lists,
            uris: Vec::new(),
            discover: false,
            timeout: Duration::from_secs(5),
            clock: Arc::new(SystemClock),
        }
    }

    /// Waits until each list named at the start was asked for once. Lists that could not be had are in
    /// [`RemoteStatusLists::failures`].
    pub async fn ready(&self) {
        // The sender lives as long as `self`.
        let _ = self
            .poll
            .rounds
            .subscribe()
            .wait_for(|rounds| *rounds > 0)
            .await;
    }

    /// Lists whose last attempt failed: for health checks and logs.
    pub fn failures(&self) -> Vec<StatusFailure> {
        self.poll.failures().values().cloned().collect()
    }

    /// `true` if a list has come that was not here. One that could not be had lately is not waited for: that would hold up
    /// every request that names it.
    async fn wait_for_wanted(&self) -> bool {
        let mut rounds = self.poll.rounds.subscribe();
        let wanted = self.poll.lists.wanted();
        let failures = self.failures();
        let hopeless = |uri: &String| failures.iter().any(|failure| failure.uri == *uri);
        if wanted.iter().all(hopeless) {
            return false;
        }
        let ended = timeout(PATIENCE, rounds.changed()).await;
        matches!(ended, Ok(Ok(()))) && self.poll.lists.wanted() != wanted
    }

    pub(super) fn lists(&self) -> &StatusLists {
        &self.poll.lists
    }

    /// Whether changes are pushed: then lists are asked for seldom.
    pub(super) fn set_live(&self, live: bool) {
        lock(&self.poll.feed).live = live;
        self.poll.wish.notify_one();
    }

    /// Changes may have been missed up to now: every list is asked for anew.
    pub(super) fn begin_anew(&self) {
        lock(&self.poll.feed).gap = Some(Instant::now());
        lock(&self.poll.gapless).clear();
        self.poll.wish.notify_one();
    }

    /// Every change up to now has been applied.
    pub(super) fn confirm(&self) {
        let now = self.poll.clock.now();
        for uri in lock(&self.poll.gapless).iter() {
            self.poll.lists.confirm(uri, now);
        }
    }
}

/// As the lists themselves; and a token that names a list which is not here yet waits for it a moment.
impl Revocation for RemoteStatusLists {
    fn status(&self, claims: &Claims<'_>, now: i64) -> Status {
        self.poll.lists.status(claims, now)
    }

    fn refresh(&self) -> Pin<Box<dyn Future<Output = bool> + Send + '_>> {
        Box::pin(self.wait_for_wanted())
    }

    fn knowledge(&self, now: i64) -> Option<Knowledge> {
        self.poll.lists.knowledge(now)
    }
}

impl RemoteStatusListsBuilder {
    /// Fetches the list at `uri` from the start, not only when a token refers to it.
    pub fn list(mut self, uri: impl Into<String>) -> Self {
        self.uris.push(uri.into());
        self
    }

    /// Asks the issuer which lists it has (`status_list_aggregation_endpoint`), and fetches them from the start.
    pub fn discover(mut self) -> Self {
        self.discover = true;
        self
    }

    /// The longest that one request may take: 5 seconds unless said.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// Takes the time from `clock` instead of the machine.
    pub fn clock(mut self, clock: impl Clock) -> Self {
        self.clock = Arc::new(clock);
        self
    }

    /// Starts fetching in the background. Must be called inside a tokio runtime.
    pub fn start(self) -> Result<RemoteStatusLists, FetchError> {
        let client = client::build(&client::parse_url(self.lists.issuer())?, self.timeout)?;
        let wish = Arc::new(Notify::new());
        let notify = wish.clone();
        self.lists.on_want(move || notify.notify_one());
        let poll = Arc::new(Poll {
            lists: self.lists,
            uris: self.uris,
            clock: self.clock,
            client,
            failures: Mutex::default(),
            rounds: watch::Sender::new(0),
            wish,
            feed: Mutex::default(),
            gapless: Mutex::default(),
        });
        let discovery = self.discover.then(Plan::default);
        tokio::spawn(keep_fresh(Arc::downgrade(&poll), discovery));
        Ok(RemoteStatusLists { poll })
    }
}

impl Poll {
    /// Asks once which lists there are. Until there is an answer, `plan` says when to ask again.
    async fn discover(&self, plan: &mut Option<Plan>) {
        let Some(waiting) = plan
            .as_mut()
            .filter(|plan| plan.due(&self.feed()) <= Instant::now())
        else {
            return;
        };
        let issuer = self.lists.issuer();
        let found = discovery::find_lists(&self.client, issuer).await;
        let failures = self.record(
            issuer,
            found
                .as_ref()
                .err()
                .cloned()
                .map(StatusFetchError::from)
                .as_ref(),
        );
        match found {
            Ok(uris) => {
                self.lists.want_all(&uris);
                *plan = None;
            }
            Err(_) => waiting.failed(failures),
        }
    }

    /// Asks for every list that is due, and says when the next one will be.
    async fn round(&self, plans: &mut HashMap<String, Plan>) -> Instant {
        let uris = self.known();
        for uri in &uris {
            let plan = plans.entry(uri.clone()).or_default();
            if plan.due(&self.feed()) <= Instant::now() {
                self.ask(uri, plan).await;
            }
        }
        self.rounds.send_modify(|rounds| *rounds += 1);
        let feed = self.feed();
        let due = plans.values().map(|plan| plan.due(&feed)).min();
        due.unwrap_or_else(|| Instant::now() + RETRY.1)
    }

    async fn ask(&self, uri: &str, plan: &mut Plan) {
        let (begun, feed) = (Instant::now(), self.feed());
        let outcome = self.fetch(uri, plan, feed.gap.is_some()).await;
        if outcome.is_ok() && feed.is_settled_at(begun) {
            let mut gapless = lock(&self.gapless);
            // Nothing may have been missed in the meantime either.
            if self.feed().gap == feed.gap {
                gapless.insert(uri.to_owned());
            }
        }
        let failures = self.record(uri, outcome.as_ref().err());
        match outcome {
            Ok(ttl) => plan.succeeded(begun, ttl, self.lifetime(uri)),
            Err(_) => plan.failed(failures),
        }
    }

    fn known(&self) -> Vec<String> {
        let held = self.lists.state(self.clock.now());
        let mut uris = self.uris.clone();
        uris.extend(held.into_iter().map(|list| list.uri));
        uris.extend(self.lists.wanted());
        uris.sort_unstable();
        uris.dedup();
        uris
    }

    /// Seconds until the list that is held expires.
    fn lifetime(&self, uri: &str) -> Option<u64> {
        let now = self.clock.now();
        let held = self.lists.state(now);
        let expires = held.iter().find(|list| list.uri == uri)?.expires?;
        u64::try_from(expires.saturating_sub(now)).ok()
    }

    async fn fetch(&self, uri: &str, plan: &mut Plan, anew: bool) -> Result<u64, StatusFetchError> {
        let url = client::parse_url(uri)?;
        // A list that has expired is of no use unchanged.
        let held = self.lists.state(self.clock.now());
        let known = plan
            .etag
            .take()
            .filter(|_| held.iter().any(|list| list.uri == uri && list.current));
        let want = Want { anew, ..WANT };
        match client::get(&self.client, &url, known.as_deref(), &want).await? {
            Fetched::Unchanged { max_age } => {
                self.lists.confirm(uri, self.clock.now());
                plan.etag = known;
                Ok(max_age.as_secs())
            }
            Fetched::New(document) => {
                let token = std::str::from_utf8(&document.body)
                    .map_err(|_| StatusListError::Compression)?;
                let ttl = self.take(uri, token.trim_ascii_end()).await?;
                plan.etag = document.etag;
                Ok(ttl)
            }
        }
    }

    /// The list may be signed by a key that is newer than ours, like any token.
    async fn take(&self, uri: &str, token: &str) -> Result<u64, StatusListError> {
        match self.lists.take(uri, token, self.clock.now()) {
            Err(StatusListError::Token(Refusal::UnknownKey | Refusal::KeysUnavailable))
                if self.lists.keys().refresh().await =>
            {
                self.lists.take(uri, token, self.clock.now())
            }
            answer => answer,
        }
    }

    /// Makes a failure visible, and says how many there were in a row.
    fn record(&self, uri: &str, error: Option<&StatusFetchError>) -> u32 {
        let mut failures = self.failures();
        let Some(error) = error else {
            failures.remove(uri);
            return 0;
        };
        let earlier = failures.get(uri).map_or(0, |failure| failure.failures);
        let failure = StatusFailure {
            uri: uri.to_owned(),
            failures: earlier.saturating_add(1),
            error: error.clone(),
        };
        let count = failure.failures;
        failures.insert(uri.to_owned(), failure);
        count
    }

    fn failures(&self) -> MutexGuard<'_, HashMap<String, StatusFailure>> {
        lock(&self.failures)
    }

    fn feed(&self) -> FeedView {
        *lock(&self.feed)
    }
}

/// No holder of these locks can leave what they guard half written.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Drop for Poll {
    fn drop(&mut self) {
        // Wakes the task, which finds nobody left to fetch for.
        self.wish.notify_one();
    }
}

async fn keep_fresh(poll: Weak<Poll>, mut discovery: Option<Plan>) {
    let mut plans = HashMap::new();
    loop {
        let (due, wish) = {
            let Some(poll) = poll.upgrade() else {
                return;
            };
            poll.discover(&mut discovery).await;
            let next = poll.round(&mut plans).await;
            let ask_again = discovery.as_ref().map(|plan| plan.due(&poll.feed()));
            (
                ask_again.map_or(next, |due| due.min(next)),
                poll.wish.clone(),
            )
        };
        tokio::select! {
            () = sleep_until(due) => {}
            () = wish.notified() => {}
        }
    }
}
