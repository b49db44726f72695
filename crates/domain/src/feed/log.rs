//! The latest events, in memory. A follower holds its position and nothing else: one that reads slowly costs no memory, and
//! finds its place again or is sent to the snapshot.

use std::collections::{BTreeSet, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};

use crate::feed::{Event, Kind, Message};

/// Events held. Whoever is further behind is faster with the status lists.
const CAPACITY: usize = 10_000;

type Listener = Box<dyn Fn() + Send + Sync>;

#[derive(Default)]
pub struct Feed {
    log: RwLock<Log>,
    listeners: RwLock<Vec<Listener>>,
}

#[derive(Default)]
struct Log {
    /// Their positions follow each other and end at `head`.
    entries: VecDeque<Arc<Entry>>,
    head: u64,
    /// Keys that the log says are revoked.
    revoked: BTreeSet<String>,
    heartbeat: Option<Arc<Message>>,
    snapshot: Option<Arc<Message>>,
}

/// An event, and its signed form as soon as somebody needed it. A node that starts holds thousands that nobody will ask for,
/// and those that a revoked key has signed are signed again.
pub(super) struct Entry {
    pub position: u64,
    pub event: Event,
    signed: Mutex<Option<Arc<Message>>>,
}

/// What comes after a position.
pub(super) enum Slice {
    Events(Vec<Arc<Entry>>),
    /// What came after it is not held any more, or the position was never reached.
    Lost,
}

impl Feed {
    /// The position of the latest event.
    pub fn head(&self) -> u64 {
        self.read().head
    }

    /// Calls `listener` whenever there is something new; it must return quickly.
    pub fn on_news(&self, listener: impl Fn() + Send + Sync + 'static) {
        let mut listeners = self
            .listeners
            .write()
            .unwrap_or_else(PoisonError::into_inner);
        listeners.push(Box::new(listener));
    }

    /// Whether nobody who follows believes this key any more, whatever this node still holds.
    pub(crate) fn has_revoked(&self, kid: &str) -> bool {
        self.read().revoked.contains(kid)
    }

    /// The latest heartbeat.
    pub fn heartbeat(&self) -> Option<Arc<Message>> {
        self.read().heartbeat.clone()
    }

    /// Takes the event at `position`. After a gap (this node slept for longer than the store remembers) what was held is
    /// dropped, so that nobody can resume across it.
    pub(super) fn push(&self, position: u64, event: Event) {
        let mut log = self.write();
        if position <= log.head {
            return;
        }
        if position != log.head + 1 {
            log.entries.clear();
        }
        if let Kind::KeyRevoked { kid } = &event.kind {
            log.forget_signed_by(kid);
            log.revoked.insert(kid.clone());
        }
        if log.entries.len() == CAPACITY {
            log.entries.pop_front();
        }
        log.entries.push_back(Arc::new(Entry {
            position,
            event,
            signed: Mutex::new(None),
        }));
        log.head = position;
        drop(log);
        self.tell();
    }

    /// Goes on from `head`, where the store's log stands while it holds no event up to there.
    pub fn skip_to(&self, head: u64) {
        let mut log = self.write();
        if head > log.head {
            log.entries.clear();
            log.head = head;
        }
    }

    /// At most `limit` events after `position`, oldest first.
    pub(super) fn after(&self, position: u64, limit: usize) -> Slice {
        let log = self.read();
        let Some(behind) = log.head.checked_sub(position) else {
            return Slice::Lost;
        };
        let behind = usize::try_from(behind).unwrap_or(usize::MAX);
        let Some(start) = log.entries.len().checked_sub(behind) else {
            return Slice::Lost;
        };
        Slice::Events(log.entries.range(start..).take(limit).cloned().collect())
    }

    pub(super) fn set_heartbeat(&self, message: Arc<Message>) {
        self.write().heartbeat = Some(message);
        self.tell();
    }

    pub(super) fn snapshot(&self) -> Option<Arc<Message>> {
        self.read().snapshot.clone()
    }

    pub(super) fn set_snapshot(&self, message: Arc<Message>) {
        self.write().snapshot = Some(message);
    }

    fn tell(&self) {
        let listeners = self
            .listeners
            .read()
            .unwrap_or_else(PoisonError::into_inner);
        listeners.iter().for_each(|listener| listener());
    }

    fn read(&self) -> std::sync::RwLockReadGuard<'_, Log> {
        self.log.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self) -> std::sync::RwLockWriteGuard<'_, Log> {
        self.log.write().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Log {
    /// Nobody believes that key any more.
    fn forget_signed_by(&mut self, kid: &str) {
        for entry in &self.entries {
            let mut signed = entry.signed();
            if signed.as_ref().is_some_and(|message| message.kid == kid) {
                *signed = None;
            }
        }
        for message in [&mut self.heartbeat, &mut self.snapshot] {
            if message.as_ref().is_some_and(|message| message.kid == kid) {
                *message = None;
            }
        }
    }
}

impl Entry {
    /// The signed form, made by `sign` if nobody has needed it yet. Others wait meanwhile, rather than sign it as well.
    pub fn message<E>(
        &self,
        sign: impl FnOnce(&Self) -> Result<Message, E>,
    ) -> Result<Arc<Message>, E> {
        let mut signed = self.signed();
        if let Some(message) = &*signed {
            return Ok(message.clone());
        }
        let message = Arc::new(sign(self)?);
        *signed = Some(message.clone());
        Ok(message)
    }

    fn signed(&self) -> MutexGuard<'_, Option<Arc<Message>>> {
        self.signed.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;
    use std::sync::atomic::{AtomicU32, Ordering};

    use super::*;
    use crate::Time;
    use crate::feed::message::{Name, Signed};

    fn activated(kid: &str) -> Event {
        let kind = Kind::KeyActivated { kid: kid.into() };
        let at = Time::from_secs(1);
        Event { at, kind }
    }

    fn feed(positions: impl IntoIterator<Item = u64>) -> Feed {
        let feed = Feed::default();
        for position in positions {
            feed.push(position, activated("k"));
        }
        feed
    }

    /// The positions of what comes after; `None` where the follower has to start anew.
    fn after(feed: &Feed, position: u64, limit: usize) -> Option<Vec<u64>> {
        match feed.after(position, limit) {
            Slice::Events(entries) => Some(entries.iter().map(|entry| entry.position).collect()),
            Slice::Lost => None,
        }
    }

    fn signed(entry: &Entry, by: &str) -> String {
        let message = entry.message(|entry| {
            let token = Signed {
                text: "a.b.c",
                kid: by,
                at: Time::from_secs(1),
            };
            let message = Message::new(Name::Set, entry.position, &token);
            Ok::<_, Infallible>(message)
        });
        match message {
            Ok(message) => message.kid.clone(),
        }
    }

    #[test]
    fn a_follower_gets_what_came_after_its_position() {
        let feed = feed(1..=5);
        assert_eq!(after(&feed, 5, 10), Some(vec![]));
        assert_eq!(after(&feed, 3, 10), Some(vec![4, 5]));
        assert_eq!(after(&feed, 0, 2), Some(vec![1, 2]), "in bites");
        assert_eq!(after(&feed, 6, 10), None, "ahead of the log");
    }

    #[test]
    fn what_is_not_held_any_more_is_lost_and_not_skipped() {
        let capacity = CAPACITY as u64;
        let feed = feed(1..=capacity + 3);
        assert_eq!(after(&feed, 2, 1), None);
        assert_eq!(after(&feed, 3, 1), Some(vec![4]));
    }

    #[test]
    fn nobody_resumes_across_a_gap() {
        let feed = feed([1, 2, 7, 8]);
        assert_eq!(feed.head(), 8);
        assert_eq!(after(&feed, 2, 10), None);
        assert_eq!(after(&feed, 6, 10), Some(vec![7, 8]));
    }

    #[test]
    fn an_empty_log_still_knows_its_position() {
        let feed = feed([]);
        feed.skip_to(500);
        assert_eq!(feed.head(), 500);
        assert_eq!(after(&feed, 500, 10), Some(vec![]));
        assert_eq!(after(&feed, 499, 10), None);
        feed.push(501, activated("k"));
        assert_eq!(after(&feed, 500, 10), Some(vec![501]));
    }

    #[test]
    fn an_event_that_comes_again_changes_nothing() {
        let feed = feed([1, 2, 2, 1]);
        assert_eq!(after(&feed, 0, 10), Some(vec![1, 2]));
    }

    #[test]
    fn what_a_revoked_key_has_signed_is_signed_again() {
        let feed = feed(1..=2);
        let Slice::Events(entries) = feed.after(0, 2) else {
            panic!("both are held");
        };
        assert_eq!(signed(&entries[0], "old"), "old");
        assert_eq!(signed(&entries[1], "other"), "other");
        let kind = Kind::KeyRevoked { kid: "old".into() };
        let at = Time::from_secs(2);
        feed.push(3, Event { at, kind });
        assert_eq!(signed(&entries[0], "new"), "new");
        assert_eq!(signed(&entries[1], "new"), "other", "once is enough");
    }

    #[test]
    fn every_listener_hears_of_news() {
        let heard = Arc::new(AtomicU32::new(0));
        let feed = Feed::default();
        for _ in 0..2 {
            let heard = heard.clone();
            feed.on_news(move || {
                heard.fetch_add(1, Ordering::Relaxed);
            });
        }
        feed.push(1, activated("k"));
        assert_eq!(heard.load(Ordering::Relaxed), 2);
    }
}
