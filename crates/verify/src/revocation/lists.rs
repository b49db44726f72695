use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use arc_swap::ArcSwap;
use keywright_jwt::Claims;

use super::bitmap::Bitmap;
use super::changes::Changes;
use super::token::{Expected, StatusListToken};
use super::{Knowledge, Revocation, Status, StatusChange, StatusListError};
use crate::KeySlot;

/// An issuer has a few lists. Tokens that name ever new ones must not fill the memory.
const MAX_LISTS: usize = 64;

/// The status lists of one issuer (IETF Token Status List), held in memory and looked up without a lock.
///
/// Whoever moves bytes gives the tokens to [`StatusLists::take`]; `remote::RemoteStatusLists` does so over HTTP. Clones
/// share the lists: one goes to [`crate::VerifierBuilder::revocation`], one stays to be fed and asked for its age.
///
/// A token without `status` cannot be revoked by a list, so it counts as valid. One whose `status` names another mechanism
/// could be, so nothing is known about it.
#[derive(Clone)]
pub struct StatusLists {
    shared: Arc<Shared>,
}

struct Shared {
    issuer: String,
    origin: String,
    keys: KeySlot,
    max_age: i64,
    held: ArcSwap<Vec<Arc<Held>>>,
    /// Taken by whoever changes anything; never by a verification.
    changes: Mutex<Changes>,
    wanted: Mutex<Vec<String>>,
    on_want: OnceLock<Box<dyn Fn() + Send + Sync>>,
    position: AtomicU64,
}

struct Held {
    uri: String,
    bitmap: Bitmap,
    issued_at: i64,
    expires: Option<i64>,
    confirmed_at: AtomicI64,
}

/// What is known about one list, for health checks and logs.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct StatusListState {
    /// The list's address.
    pub uri: String,
    /// Number of entries.
    pub entries: u64,
    /// When the issuer published it (Unix time).
    pub issued_at: i64,
    /// From when on it says nothing any more (Unix time), if ever.
    pub expires: Option<i64>,
    /// Seconds since it was last confirmed to be current.
    pub age: u64,
    /// Whether it still decides about tokens: neither expired nor older than the bound.
    pub current: bool,
}

impl StatusLists {
    /// No list yet. Tokens are `issuer`'s, lists are signed by one of `keys`, and knowledge older than `max_age` seconds
    /// counts as none: [`super::WhenUnknown`] then decides.
    pub fn new(issuer: impl Into<String>, keys: KeySlot, max_age: u32) -> Self {
        let issuer = issuer.into();
        let shared = Shared {
            origin: origin_of(&issuer).to_owned(),
            issuer,
            keys,
            max_age: i64::from(max_age),
            held: ArcSwap::default(),
            changes: Mutex::default(),
            wanted: Mutex::default(),
            on_want: OnceLock::new(),
            position: AtomicU64::new(0),
        };
        Self {
            shared: Arc::new(shared),
        }
    }

    /// Verifies a status list token that was served at `uri`, and takes the list in place of the old one. Answers with
    /// the seconds after which to ask for the next.
    pub fn take(&self, uri: &str, token: &str, now: i64) -> Result<u64, StatusListError> {
        if !self.shared.is_own(uri) {
            return Err(StatusListError::Address);
        }
        let expected = Expected {
            issuer: &self.shared.issuer,
            uri,
            now,
        };
        let list = StatusListToken::verify(token, &self.shared.keys, &expected)?;
        let ttl = list.ttl;
        self.shared.replace(uri, list, now).map(|()| ttl)
    }

    /// The list at `uri` is still the current one, as an answer of 304 or a heartbeat of the feed says.
    pub fn confirm(&self, uri: &str, now: i64) {
        if let Some(held) = self.shared.find(uri) {
            held.confirmed_at.store(now, Ordering::Relaxed);
        }
    }

    /// Applies one pushed change, the `position`-th event of the feed; `false` if the list is not held or has no such
    /// entry. From the return on, every verification sees it.
    pub fn apply(&self, change: StatusChange, position: u64) -> bool {
        let mut changes = self.shared.changes();
        let held = self.shared.find(&change.uri);
        let applied = held.is_some_and(|held| held.bitmap.set(change.index, change.value));
        changes.push(change);
        self.shared.position.fetch_max(position, Ordering::Relaxed);
        applied
    }

    /// The feed has come to this event, whether or not it was about a list.
    #[cfg(feature = "fetch")]
    pub(crate) fn reached(&self, position: u64) {
        self.shared.position.store(position, Ordering::Relaxed);
    }

    /// What is held, list by list.
    pub fn state(&self, now: i64) -> Vec<StatusListState> {
        let held = self.shared.held.load();
        let state = |list: &Arc<Held>| StatusListState {
            uri: list.uri.clone(),
            entries: list.bitmap.len(),
            issued_at: list.issued_at,
            expires: list.expires,
            age: list.age(now),
            current: list.is_current(now, self.shared.max_age),
        };
        held.iter().map(state).collect()
    }

    /// Lists that tokens have named and nobody has brought yet.
    pub fn wanted(&self) -> Vec<String> {
        self.shared.wanted().clone()
    }

    /// Calls `notify` whenever [`StatusLists::wanted`] grows. The first caller's is kept.
    pub fn on_want(&self, notify: impl Fn() + Send + Sync + 'static) {
        let _ = self.shared.on_want.set(Box::new(notify));
    }

    /// Wants these lists as if tokens had named them, but for those that are elsewhere.
    #[cfg(feature = "fetch")]
    pub(crate) fn want_all(&self, uris: &[String]) {
        let missing = uris.iter().filter(|uri| self.shared.find(uri).is_none());
        missing.for_each(|uri| self.shared.want(uri));
    }

    #[cfg(feature = "fetch")]
    pub(crate) fn keys(&self) -> &KeySlot {
        &self.shared.keys
    }

    #[cfg(feature = "fetch")]
    pub(crate) fn issuer(&self) -> &str {
        &self.shared.issuer
    }
}

impl Revocation for StatusLists {
    fn status(&self, claims: &Claims<'_>, now: i64) -> Status {
        let (uri, index) = match (claims.status_uri(), claims.status_idx()) {
            (Some(uri), Some(index)) => (uri, index),
            // Published by a mechanism that is not known here (Token Status List §6.1 allows several).
            (None, None) if claims.has_status() => return Status::Unknown,
            (None, None) => return Status::Valid,
            // Half a reference (§6.2): the issuer meant something that cannot be looked up.
            (Some(_), None) | (None, Some(_)) => return Status::Invalid,
        };
        let lists = self.shared.held.load();
        let Some(list) = lists.iter().find(|list| list.uri == uri) else {
            self.shared.want(uri);
            return Status::Unknown;
        };
        list.status(index, claims.iat(), now, self.shared.max_age)
    }

    fn knowledge(&self, now: i64) -> Option<Knowledge> {
        let lists = self.shared.held.load();
        Some(Knowledge {
            age: lists.iter().map(|list| list.age(now)).max(),
            position: self.shared.position.load(Ordering::Relaxed),
        })
    }
}

impl Shared {
    fn replace(&self, uri: &str, list: StatusListToken, now: i64) -> Result<(), StatusListError> {
        let mut changes = self.changes();
        let old = self.held.load();
        let position = old.iter().position(|held| held.uri == uri);
        if position.is_none() && old.len() == MAX_LISTS {
            return Err(StatusListError::Address);
        }
        if position.is_some_and(|at| list.issued_at < old[at].issued_at) {
            return Err(StatusListError::Older);
        }
        for change in changes.since(uri, list.issued_at) {
            list.bitmap.set(change.index, change.value);
        }
        changes.settle(uri, list.issued_at);
        let fresh = Arc::new(Held {
            uri: uri.to_owned(),
            bitmap: list.bitmap,
            issued_at: list.issued_at,
            expires: list.expires,
            confirmed_at: AtomicI64::new(now),
        });
        let mut lists = Vec::clone(&old);
        match position {
            Some(at) => lists[at] = fresh,
            None => lists.push(fresh),
        }
        self.held.store(Arc::new(lists));
        self.wanted().retain(|wanted| wanted != uri);
        Ok(())
    }

    fn find(&self, uri: &str) -> Option<Arc<Held>> {
        let lists = self.held.load();
        lists.iter().find(|list| list.uri == uri).cloned()
    }

    /// A token names a list that is not here. Only the issuer's own tokens come this far; still, it may lead nobody
    /// elsewhere.
    fn want(&self, uri: &str) {
        if !self.is_own(uri) {
            return;
        }
        let mut wanted = self.wanted();
        if wanted.len() < MAX_LISTS && !wanted.iter().any(|known| known == uri) {
            wanted.push(uri.to_owned());
            drop(wanted);
            if let Some(notify) = self.on_want.get() {
                notify();
            }
        }
    }

    /// Lists are served where the issuer is.
    fn is_own(&self, uri: &str) -> bool {
        uri.strip_prefix(&self.origin)
            .is_some_and(|path| path.starts_with('/'))
    }

    fn changes(&self) -> MutexGuard<'_, Changes> {
        self.changes.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn wanted(&self) -> MutexGuard<'_, Vec<String>> {
        self.wanted.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Held {
    fn status(&self, index: u64, token_iat: Option<i64>, now: i64, max_age: i64) -> Status {
        match self.bitmap.get(index) {
            // Revocation is for good, so old knowledge of it is as good as new.
            Some(1) => Status::Invalid,
            Some(_) | None if !self.is_current(now, max_age) => Status::Unknown,
            Some(0) => Status::Valid,
            Some(2) => Status::Suspended,
            Some(3) => Status::Stale,
            // A value that only its issuer understands is no permission (§7.1).
            Some(_) => Status::Invalid,
            // The list may have grown since; otherwise there is no such entry, and the token must be rejected (§8.3).
            None if token_iat.is_some_and(|minted| minted >= self.issued_at) => Status::Unknown,
            None => Status::Invalid,
        }
    }

    fn is_current(&self, now: i64, max_age: i64) -> bool {
        let expired = self.expires.is_some_and(|expires| expires <= now);
        !expired && self.age(now) <= max_age.unsigned_abs()
    }

    /// A clock that was set back makes nothing older.
    fn age(&self, now: i64) -> u64 {
        let confirmed_at = self.confirmed_at.load(Ordering::Relaxed);
        u64::try_from(now.saturating_sub(confirmed_at)).unwrap_or(0)
    }
}

/// Scheme, host and port of an absolute address.
fn origin_of(url: &str) -> &str {
    let host = url.find("://").map_or(0, |at| at + 3);
    let end = url[host..].find('/').map_or(url.len(), |at| host + at);
    &url[..end]
}
