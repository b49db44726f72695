//! Serving the feed: taking events into the log, signing them, and the heartbeat.

use std::sync::Arc;

use crate::feed::log::{Entry, Slice};
use crate::feed::message::{Name, Signed};
use crate::feed::set::{self, Content, Envelope};
use crate::feed::{Event, Feed, Kind, Message};
use crate::keys::{NoSigningKey, TickError};
use crate::{Issuer, Period};

/// Signed at one go while others wait for the thread: 20 ms of RSA.
const BITE: usize = 64;
/// How long a snapshot is handed out; beyond, its `iat` would look stale.
const SNAPSHOT_LIFE: Period = Period::secs(1);

#[derive(Debug, thiserror::Error)]
pub enum FeedError {
    #[error(transparent)]
    NoSigningKey(#[from] NoSigningKey),
    #[error("signing failed: {0}")]
    Sign(#[from] crate::ports::SignError),
}

impl Issuer {
    /// The latest events, as followers are served them.
    pub fn feed(&self) -> &Feed {
        &self.feed
    }

    /// Takes the event at `position` of the store's log into the feed. Called in order, by one task.
    ///
    /// A change of keys is taken into use first: what says that a key is revoked must not be signed by it. A key that cannot be opened does
    /// not keep what comes after it from being known: `tick` says what is wrong, and until it is mended nothing is signed here.
    pub async fn publish(&self, position: u64, event: Event) -> Result<(), TickError> {
        match &event.kind {
            Kind::KeyPublished { .. }
            | Kind::KeyActivated { .. }
            | Kind::KeyRetired { .. }
            | Kind::KeyRevoked { .. } => match self.refresh_held().await {
                Ok(()) | Err(TickError::Custody(_)) => {}
                Err(error @ TickError::Unavailable(_)) => return Err(error),
            },
            Kind::SessionRevoked { .. } | Kind::SessionStale { .. } | Kind::ClientStatus { .. } => {
            }
        }
        self.feed.push(position, event);
        Ok(())
    }

    /// The next messages for a follower that has applied everything up to `position`; nothing if that is the head. A follower
    /// that has no position, or one that the log does not reach, gets a snapshot.
    pub fn feed_after(&self, position: Option<u64>) -> Result<Vec<Arc<Message>>, FeedError> {
        let slice = position.map_or(Slice::Lost, |position| self.feed.after(position, BITE));
        match slice {
            Slice::Events(entries) => entries
                .iter()
                .map(|entry| entry.message(|entry| self.sign_event(entry)))
                .collect(),
            Slice::Lost => Ok(vec![self.feed_snapshot()?]),
        }
    }

    /// Signs this second's heartbeat. Called each second.
    pub fn beat(&self) -> Result<(), FeedError> {
        let head = self.feed.head();
        let heartbeat = self.sign(Name::Heartbeat, head, Content::Heartbeat)?;
        self.feed.set_heartbeat(Arc::new(heartbeat));
        Ok(())
    }

    /// All who start at one position share one message: after a restart thousands do so at once.
    fn feed_snapshot(&self) -> Result<Arc<Message>, FeedError> {
        let head = self.feed.head();
        let signer = self.announcer()?;
        if let Some(known) = self.feed.snapshot()
            && known.position == head
            && known.kid == signer.kid()
            && self.now().since(known.signed_at) < SNAPSHOT_LIFE
        {
            return Ok(known);
        }
        let snapshot = Arc::new(self.sign(Name::Snapshot, head, Content::Snapshot)?);
        self.feed.set_snapshot(snapshot.clone());
        Ok(snapshot)
    }

    fn sign_event(&self, entry: &Entry) -> Result<Message, FeedError> {
        self.sign(Name::Set, entry.position, Content::Event(&entry.event))
    }

    fn sign(&self, name: Name, position: u64, content: Content<'_>) -> Result<Message, FeedError> {
        let signer = self.announcer()?;
        let now = self.now();
        let payload = set::payload(
            Envelope {
                issuer: &self.policy().issuer,
                jti: &self.feed_jti(name, position),
                iat: now,
                position,
            },
            content,
        );
        let token = signer.sign(set::TYPE, payload.to_string().as_bytes())?;
        let token = Signed {
            text: &token,
            kid: signer.kid(),
            at: now,
        };
        Ok(Message::new(name, position, &token))
    }

    /// An event keeps its name on every node, and when it is signed again.
    fn feed_jti(&self, name: Name, position: u64) -> String {
        match name {
            Name::Set => format!("feed-{position}"),
            Name::Snapshot | Name::Heartbeat => {
                base64_simd::URL_SAFE_NO_PAD.encode_to_string(self.random::<12>())
            }
        }
    }
}
