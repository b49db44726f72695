//! Following the log of the feed: whatever any node has committed is in this node's lists first, and then with its followers.

use crate::feed::StatusValue;
use crate::keys::TickError;
use crate::ports::{FeedHead, StatusRead};
use crate::status::{Book, StatusRef};
use crate::{Issuer, Unavailable};

/// Events that are read at a time.
const PAGE: u32 = 1000;
/// Rows that go at a time.
const BITE: u32 = 500;

impl Issuer {
    /// Takes in what was committed since this was last called. With nothing new it costs one point read, so it may be called ten
    /// times a second; with the database down, the lists go on being served as they were last known.
    pub async fn follow_feed(&self) -> Result<(), TickError> {
        let Some(_turn) = self.status.turn() else {
            return Ok(());
        };
        if self.status.take_reading()
            && let Err(error) = self.read_status().await
        {
            self.status.want_reading();
            return Err(error.into());
        }
        loop {
            // Before the question: what is answered is at least as new.
            let now = self.now();
            let head = self.outside.store.feed_head().await?;
            self.open_lists(head);
            if self.status_position() == head.position {
                self.status.known().current_at = Some(now);
                return Ok(());
            }
            self.catch_up(head).await?;
        }
    }

    /// Calls `notify` after each commit of this process that has something to tell.
    pub fn on_feed_event(&self, notify: impl Fn() + Send + Sync + 'static) {
        self.outside.store.on_event(Box::new(notify));
    }

    /// Deletes marks whose tokens are all dead, events that nobody resumes from any more, and lists that are full and
    /// unused. In bites, so that no lock is held for long.
    pub async fn forget_status(&self) -> Result<(), Unavailable> {
        while self.outside.store.forget_status(self.now(), BITE).await? > 0 {}
        self.status.want_reading();
        Ok(())
    }

    /// What this node's lists say of an entry.
    pub fn status_of(&self, entry: StatusRef) -> Option<StatusValue> {
        self.status.known().book.get(entry)
    }

    fn status_position(&self) -> u64 {
        self.status.known().position.unwrap_or_default()
    }

    async fn catch_up(&self, head: FeedHead) -> Result<(), TickError> {
        let position = self.status_position();
        let events = self.outside.store.events_after(position, PAGE).await?;
        let follows = events.first().is_some_and(|(seq, _)| *seq == position + 1);
        if !follows || head.position < position {
            // The log was cut behind us, or it is another one.
            self.status.known().position = None;
            return Ok(self.read_status().await?);
        }
        for (seq, event) in events {
            if let Some(entry) = event.entry() {
                self.status.known().book.set(entry);
            }
            self.publish(seq, event).await?;
            self.status.known().position = Some(seq);
        }
        Ok(())
    }

    /// Reads all marks. The position stays where it is if there is one: events that are read again say what they said before.
    async fn read_status(&self) -> Result<(), Unavailable> {
        let StatusRead {
            position,
            lists,
            marks,
        } = self.outside.store.read_status().await?;
        let is_first = {
            let mut known = self.status.known();
            known.book.replace(Book::of(lists, &marks));
            known.position.is_none()
        };
        if is_first {
            // From the oldest event that is kept, so that followers resume at this node where they left another, or its earlier self.
            let oldest = self.outside.store.events_after(0, 1).await?;
            let start = oldest.first().map_or(position, |(seq, _)| seq - 1);
            self.feed().skip_to(start);
            self.status.known().position = Some(start);
        }
        Ok(())
    }

    /// Another node may have opened a list; it is served here too before a token names it.
    fn open_lists(&self, head: FeedHead) {
        let mut known = self.status.known();
        for list in known.book.newest() + 1..=head.newest_list {
            known.book.open(list);
        }
    }
}
