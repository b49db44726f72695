//! Keys from the issuer: found by discovery, fetched ahead of need, kept through outages.
//!
//! ```no_run
//! use keywright_verify::{Verifier, remote::RemoteKeys};
//!
//! # async fn run() -> Result<(), Box<dyn std::error::Error>> {
//! let keys = RemoteKeys::of_issuer("https://id.example").start()?;
//! keys.ready().await?;
//! let verifier = Verifier::builder("https://id.example", keys.slot()).audience("https://orders.example").build()?;
//! # Ok(()) }
//! ```
//!
//! What keeps a service verifying: keys are refreshed when 80 % of their `max-age` has passed; a failed fetch, a document
//! that is no key set, or one without a usable key changes nothing; the last good keys are believed for
//! [`RemoteKeysBuilder::stale_for`] beyond their age and then dropped, because an issuer that cannot be asked for a day cannot
//! revoke a key either. What keeps the issuer alive: one request at a time, and unknown key names cause at most one fetch
//! per [`RemoteKeysBuilder::min_interval`], however many tokens bear them.
//!
//! Revocations are polled by [`RemoteStatusLists`], and pushed where the issuer has a feed ([`RemoteFeed`]): a token that is
//! killed is then refused a moment later, and a key that is revoked counts no more, whatever caches still serve.
//!
//! ```no_run
//! use keywright_verify::remote::{RemoteFeed, RemoteKeys, RemoteStatusLists};
//! use keywright_verify::{StatusLists, Verifier, WhenUnknown};
//!
//! # async fn run(secret: &str) -> Result<(), Box<dyn std::error::Error>> {
//! let keys = RemoteKeys::of_issuer("https://id.example").start()?;
//! let lists = StatusLists::new("https://id.example", keys.slot(), 600);
//! let lists = RemoteStatusLists::of(lists).discover().start()?;
//! let verifier = Verifier::builder("https://id.example", keys.slot())
//!     .audience("https://orders.example")
//!     .revocation(lists.clone(), WhenUnknown::FailClosed)
//!     .build()?;
//! let feed = RemoteFeed::of(&keys, &lists, "orders-api", secret).report(&verifier).start()?;
//! println!("connected: {}, at event {:?}", feed.state().connected, feed.state().position);
//! # Ok(()) }
//! ```

mod client;
mod connection;
mod credentials;
mod discovery;
mod feed;
mod fetcher;
mod keeper;
mod plan;
mod report;
mod snapshot;
mod status;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

pub use credentials::{FeedRequest, FeedToken};
pub use feed::{FeedError, FeedState, RemoteFeed, RemoteFeedBuilder};
pub use fetcher::FetchError;
pub use keeper::KeysState;
pub use status::{RemoteStatusLists, RemoteStatusListsBuilder, StatusFailure, StatusFetchError};

use fetcher::Fetcher;
use keeper::Keeper;

use snapshot::SnapshotFile;

use crate::{Clock, KeySlot, SystemClock};

/// The first and the longest wait between attempts that fail.
const RETRY: (Duration, Duration) = (Duration::from_secs(1), Duration::from_secs(60));

/// A token whose key or list is unknown waits at most this long for the fetch that may bring it.
const PATIENCE: Duration = Duration::from_secs(2);

/// The keys of one issuer, refreshed in the background until the last clone is dropped.
#[derive(Clone)]
pub struct RemoteKeys {
    keeper: Arc<Keeper>,
}

/// How keys are fetched.
#[must_use]
pub struct RemoteKeysBuilder {
    origin: Origin,
    timing: Timing,
    snapshot: Option<PathBuf>,
    clock: Arc<dyn Clock>,
}

/// Where to look.
enum Origin {
    Issuer(String),
    JwkSet(String),
}

impl Origin {
    fn url(&self) -> &str {
        let (Self::Issuer(url) | Self::JwkSet(url)) = self;
        url
    }
}

#[derive(Clone, Copy)]
struct Timing {
    timeout: Duration,
    min_interval: Duration,
    stale_for: Duration,
}

impl RemoteKeys {
    /// Finds the JWK set through the issuer's metadata (OpenID Connect Discovery, RFC 8414).
    pub fn of_issuer(issuer: impl Into<String>) -> RemoteKeysBuilder {
        RemoteKeysBuilder::new(Origin::Issuer(issuer.into()))
    }

    /// Fetches the JWK set from a known place.
    pub fn at(jwks_url: impl Into<String>) -> RemoteKeysBuilder {
        RemoteKeysBuilder::new(Origin::JwkSet(jwks_url.into()))
    }

    /// The slot to build verifiers on. Tokens with unknown keys make it ask the issuer, within the rate limit.
    pub fn slot(&self) -> KeySlot {
        self.keeper.slot().with_source(self.keeper.clone())
    }

    /// Waits for the first fetch to end. After an error the background goes on trying, and so may the caller.
    pub async fn ready(&self) -> Result<(), FetchError> {
        self.keeper.ready().await
    }

    fn keeper(&self) -> &Arc<Keeper> {
        &self.keeper
    }

    /// How fresh the keys are and what went wrong last: for health checks and logs.
    pub fn state(&self) -> KeysState {
        self.keeper.state()
    }
}

impl RemoteKeysBuilder {
    fn new(origin: Origin) -> Self {
        let timing = Timing {
            timeout: Duration::from_secs(5),
            min_interval: Duration::from_secs(30),
            stale_for: Duration::from_secs(24 * 3600),
        };
        Self {
            origin,
            timing,
            snapshot: None,
            clock: Arc::new(SystemClock),
        }
    }

    /// The longest that one request may take: 5 seconds unless said.
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timing.timeout = timeout;
        self
    }

    /// The shortest time between two fetches that unknown key names cause: 30 seconds unless said.
    pub fn min_interval(mut self, interval: Duration) -> Self {
        self.timing.min_interval = interval;
        self
    }

    /// How long keys are believed beyond their `max-age` while the issuer cannot be reached: 24 hours unless said.
    pub fn stale_for(mut self, bound: Duration) -> Self {
        self.timing.stale_for = bound;
        self
    }

    /// Keeps the last good keys in a file, and starts from it while the issuer is down. They are believed as long as if the
    /// service had never stopped. Whoever can write the file chooses the keys.
    pub fn snapshot(mut self, path: impl Into<PathBuf>) -> Self {
        self.snapshot = Some(path.into());
        self
    }

    /// Takes the time from `clock` instead of the machine. It dates the snapshot; waiting is up to the runtime.
    pub fn clock(mut self, clock: impl Clock) -> Self {
        self.clock = Arc::new(clock);
        self
    }

    /// Starts fetching in the background. Must be called inside a tokio runtime.
    pub fn start(self) -> Result<RemoteKeys, FetchError> {
        let mut fetcher = Fetcher::new(self.origin, self.timing.timeout)?;
        let keeper = Arc::new(Keeper::new(self.timing));
        if let Some(path) = self.snapshot {
            fetcher.save_to(SnapshotFile::new(path, self.clock));
            keeper.start_from(fetcher.saved());
        }
        tokio::spawn(keeper::keep_fresh(Arc::downgrade(&keeper), fetcher));
        Ok(RemoteKeys { keeper })
    }
}
