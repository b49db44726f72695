//! Status lists and the feed's log at rest.

use crate::client::{Client, ClientId};
use crate::feed::{Event, StatusEntry};
use crate::ports::Answer;
use crate::status::{Block, Concern, StatusRef};
use crate::{SessionId, Time};

/// All that is marked, and the last event that is in it for certain; later ones may be in it too.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StatusRead {
    pub position: u64,
    pub lists: Vec<u32>,
    pub marks: Vec<StatusEntry>,
}

pub trait StatusLists: Send + Sync {
    /// The next [`BLOCK`](crate::status::BLOCK) positions, for this caller alone and for ever. A list that is full is closed; its successor is
    /// opened ahead of need, so that every node serves it before a token names it.
    fn take_block(&self, now: Time) -> Answer<'_, Block>;
    fn read_status(&self) -> Answer<'_, StatusRead>;
    /// Gives a client of an older release its entry; answers the client as it stands then.
    fn give_client_entry<'a>(
        &'a self,
        id: &'a ClientId,
        entry: StatusRef,
    ) -> Answer<'a, Option<Client>>;
    /// Of the `limit` live sessions behind `after`, marks those that `concern` has. Answers where to go on, `None` at the end.
    fn mark_stale<'a>(
        &'a self,
        concern: &'a Concern,
        after: Option<SessionId>,
        limit: u32,
        at: Time,
    ) -> Answer<'a, Option<SessionId>>;
    /// Deletes at most `limit` each of marks that are over, events that are old, and lists that are closed and unused; answers how many
    /// rows went.
    fn forget_status(&self, now: Time, limit: u32) -> Answer<'_, u64>;
}

/// How far the log has come.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct FeedHead {
    /// The number of the newest event; 0 before the first.
    pub position: u64,
    /// 0 if there is no list yet.
    pub newest_list: u32,
}

/// What was written to `Effects::feed`, in the order of the commits, numbered without gaps.
pub trait Feed: Send + Sync {
    fn feed_head(&self) -> Answer<'_, FeedHead>;
    /// At most `limit` events behind `position`, oldest first. They begin later if the log has been cut there.
    fn events_after(&self, position: u64, limit: u32) -> Answer<'_, Vec<(u64, Event)>>;
    /// Calls `notify` after each commit of this process that appended events. The first caller's is kept. What other
    /// processes append is found by asking.
    fn on_event(&self, notify: Box<dyn Fn() + Send + Sync>);
}
