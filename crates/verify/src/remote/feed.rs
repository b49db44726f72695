use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use reqwest::Url;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep};

use super::connection::Link;
use super::credentials::{Credentials, FeedRequest, FeedToken};
use super::report::{CountsOf, Reporter};
use super::{FetchError, RemoteKeys, RemoteStatusLists, client};
use crate::feed::{EventError, Progress, StreamError};
use crate::{BoundVerifier, Clock, SystemClock, Verifier};

/// The first and the longest wait before the next connection.
const BACKOFF: (Duration, Duration) = (Duration::from_millis(200), Duration::from_secs(10));

const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);

/// Follows the issuer's feed until the last clone is dropped: a token that is killed is refused here a moment later, and
/// a key that is revoked counts no more.
///
/// Without the feed nothing is lost but time: lists and keys are polled as if there were none.
#[derive(Clone)]
pub struct RemoteFeed {
    running: Arc<Running>,
}

/// How the feed is followed.
#[must_use]
pub struct RemoteFeedBuilder {
    keys: RemoteKeys,
    lists: RemoteStatusLists,
    credentials: Credentials,
    counters: Vec<CountsOf>,
    instance: Option<String>,
    clock: Arc<dyn Clock>,
}

/// Why the feed is not followed, or was not a moment ago.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum FeedError {
    /// No connection, or another answer than a stream: 401 and 403 mean that the client may not follow.
    #[error("the feed cannot be reached: {0}")]
    Fetch(#[from] FetchError),
    /// The answer is no `text/event-stream`.
    #[error("the feed is not an event stream")]
    NotAStream,
    /// The stream is malformed.
    #[error(transparent)]
    Stream(#[from] StreamError),
    /// An event is not to be believed.
    #[error(transparent)]
    Event(#[from] EventError),
    /// An event is missing in between. It is asked for again.
    #[error("an event of the feed is missing")]
    Missed,
    /// No heartbeat for five seconds.
    #[error("the feed has fallen silent")]
    Silent,
    /// The issuer has ended the stream, as it does when it stops and once an hour.
    #[error("the feed has ended")]
    Ended,
}

/// How far the feed has been followed, for health checks and logs.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct FeedState {
    /// Whether events and heartbeats arrive.
    pub connected: bool,
    /// The last event that was applied.
    pub position: Option<u64>,
    /// How long ago an event or a heartbeat was last accepted; `None` before the first.
    pub age: Option<Duration>,
    /// Why the last connection ended, or could not be made.
    pub last_error: Option<FeedError>,
    /// Connections that have ended or could not be made.
    pub interruptions: u64,
    /// Why the last report was not taken; `None` if it was.
    pub report_error: Option<FetchError>,
}

struct Running {
    live: Arc<Live>,
    lists: RemoteStatusLists,
    /// They end when this is dropped.
    _tasks: JoinSet<()>,
}

impl Drop for Running {
    fn drop(&mut self) {
        self.lists.set_live(false);
    }
}

/// The state while it changes.
#[derive(Default)]
pub(super) struct Live {
    state: Mutex<(FeedState, Option<Instant>)>,
}

impl RemoteFeed {
    /// Follows for these lists and keys, as the client `id`, which needs the grant `feed`.
    pub fn of(
        keys: &RemoteKeys,
        lists: &RemoteStatusLists,
        id: &str,
        secret: &str,
    ) -> RemoteFeedBuilder {
        Self::with(keys, lists, Credentials::by_secret(id, secret))
    }

    /// Follows with access tokens of the service's own, which it gets at the token endpoint however it proves itself there: by a signed
    /// assertion, by a certificate. They are for the issuer's own API (its URL is the audience) and carry the scope `feed:follow`.
    ///
    /// `tokens` is asked for each connection and each report, and may keep a token while it lives. `None`: there is none now, and it
    /// is asked again for the next attempt.
    pub fn by_token<F, T>(
        keys: &RemoteKeys,
        lists: &RemoteStatusLists,
        tokens: F,
    ) -> RemoteFeedBuilder
    where
        F: Fn(FeedRequest) -> T + Send + Sync + 'static,
        T: Future<Output = Option<FeedToken>> + Send + 'static,
    {
        Self::with(keys, lists, Credentials::by_token(tokens))
    }

    fn with(
        keys: &RemoteKeys,
        lists: &RemoteStatusLists,
        credentials: Credentials,
    ) -> RemoteFeedBuilder {
        RemoteFeedBuilder {
            keys: keys.clone(),
            lists: lists.clone(),
            credentials,
            counters: Vec::new(),
            instance: None,
            clock: Arc::new(SystemClock),
        }
    }

    /// How far the feed has been followed and what went wrong last.
    pub fn state(&self) -> FeedState {
        self.running.live.state()
    }
}

impl RemoteFeedBuilder {
    /// Tells the issuer every ten seconds what this verifier has accepted and refused, which keys it has, and how current
    /// its knowledge is. Call it again to add others up.
    pub fn report(mut self, verifier: &Verifier) -> Self {
        let verifier = verifier.clone();
        self.counters.push(Box::new(move || verifier.counters()));
        self
    }

    /// Reports like [`RemoteFeedBuilder::report`] about a verifier of tokens that are bound to a key.
    pub fn report_bound(mut self, verifier: &BoundVerifier) -> Self {
        let verifier = verifier.clone();
        self.counters.push(Box::new(move || verifier.counters()));
        self
    }

    /// What this process is called in reports, up to 64 printable characters, such as a pod's name. A random name unless
    /// said.
    pub fn instance(mut self, name: impl Into<String>) -> Self {
        self.instance = Some(name.into());
        self
    }

    /// Takes the time from `clock` instead of the machine. Events are judged by it; waiting is up to the runtime.
    pub fn clock(mut self, clock: impl Clock) -> Self {
        self.clock = Arc::new(clock);
        self
    }

    /// Starts following in the background. Must be called inside a tokio runtime.
    pub fn start(self) -> Result<RemoteFeed, FetchError> {
        let issuer = self.lists.lists().issuer().trim_end_matches('/').to_owned();
        let audience = format!("{issuer}/feed");
        let url = client::parse_url(&audience)?;
        let (live, credentials) = (Arc::new(Live::default()), Arc::new(self.credentials));
        let mut tasks = JoinSet::new();
        if !self.counters.is_empty() {
            let reporter = Reporter {
                client: client::build(&url, CONNECT_TIMEOUT)?,
                url: report_url(&url),
                credentials: credentials.clone(),
                counters: self.counters,
                instance: self.instance.unwrap_or_else(random_name),
                live: live.clone(),
            };
            tasks.spawn(reporter.run(self.keys.keeper().fetches()));
        }
        let link = Link {
            client: client::build_for_stream(&url, CONNECT_TIMEOUT)?,
            url,
            audience,
            credentials,
            keys: self.keys,
            lists: self.lists.clone(),
            clock: self.clock,
            live: live.clone(),
            progress: Progress::default(),
        };
        tasks.spawn(keep_following(link));
        let running = Running {
            live,
            lists: self.lists,
            _tasks: tasks,
        };
        Ok(RemoteFeed {
            running: Arc::new(running),
        })
    }
}

fn report_url(feed: &Url) -> Url {
    let mut url = feed.clone();
    url.set_path(&format!("{}/report", feed.path()));
    url
}

impl Live {
    pub fn state(&self) -> FeedState {
        let held = self.held();
        let (state, heard_at) = &*held;
        FeedState {
            age: heard_at.map(|at| at.elapsed()),
            ..state.clone()
        }
    }

    /// Something was accepted; `true` if it is the first of its connection.
    pub fn heard(&self, position: Option<u64>) -> bool {
        let (state, heard_at) = &mut *self.held();
        *heard_at = Some(Instant::now());
        state.position = position;
        !std::mem::replace(&mut state.connected, true)
    }

    /// The connection is no more; answers whether anything was accepted on it.
    fn interrupted(&self, error: FeedError) -> bool {
        let (state, _) = &mut *self.held();
        state.interruptions += 1;
        state.last_error = Some(error);
        std::mem::replace(&mut state.connected, false)
    }

    pub fn reported(&self, outcome: Result<(), FetchError>) {
        self.held().0.report_error = outcome.err();
    }

    fn held(&self) -> MutexGuard<'_, (FeedState, Option<Instant>)> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Connects again and again, at growing distances while it is in vain.
async fn keep_following(mut link: Link) {
    let mut wait = BACKOFF.0;
    loop {
        let error = link.follow().await;
        let refused = matches!(error, FeedError::Event(_) | FeedError::Stream(_));
        if link.live.interrupted(error) && !refused {
            wait = BACKOFF.0;
        }
        link.lists.set_live(false);
        sleep(jittered(wait)).await;
        wait = (wait * 2).min(BACKOFF.1);
    }
}

/// Between half of it and all: those who lost the same issuer do not come back at the same moment.
fn jittered(wait: Duration) -> Duration {
    wait.mul_f64(0.5 + f64::from(random::<1>()[0]) / 512.0)
}

fn random_name() -> String {
    random::<8>().map(|byte| format!("{byte:02x}")).concat()
}

#[expect(
    clippy::disallowed_methods,
    reason = "names and waits only; nothing is decided by them"
)]
fn random<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    // Without randomness there is still a name and a wait.
    let _ = aws_lc_rs::rand::fill(&mut bytes);
    bytes
}
