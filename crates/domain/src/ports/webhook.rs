//! Telling a receiver outside, and the notices that wait for it.

use crate::Time;
use crate::client::ClientId;
use crate::ports::Answer;
use crate::webhook::{Notice, NoticeId};

/// One attempt to tell one notice.
#[derive(Clone, Debug)]
pub struct Message<'a> {
    /// The same at every attempt, so that a receiver can tell a repetition.
    pub id: String,
    /// The time of the attempt; it is signed.
    pub at: Time,
    pub body: &'a str,
}

pub trait Webhook: Send + Sync {
    /// Answers once the receiver has taken it. It may take seconds, and must come to an end.
    fn tell<'a>(&'a self, message: &'a Message<'a>) -> Answer<'a, ()>;
}

pub trait Notices: Send + Sync {
    /// Whether notices of what is written to the audit log are queued from now on, in the same transaction. They are not at first.
    fn queue_notices(&self, wanted: bool);
    /// Notices that are due, oldest first, the attempt to come counted; each is hidden from other nodes until `hidden_until`. Those for the
    /// receiver of the webhook stay where they are unless `webhook`. What clients are told is queued by whatever ends their sessions.
    fn due_notices(
        &self,
        now: Time,
        hidden_until: Time,
        limit: u32,
        webhook: bool,
    ) -> Answer<'_, Vec<Notice>>;
    fn postpone_notice(&self, id: NoticeId, until: Time) -> Answer<'_, ()>;
    /// What waits for this client and is due by `now` is due at `until` instead.
    fn postpone_client<'a>(
        &'a self,
        client: &'a ClientId,
        now: Time,
        until: Time,
    ) -> Answer<'a, ()>;
    /// How many notices wait for clients.
    fn count_farewells(&self) -> Answer<'_, u64>;
    fn forget_notice(&self, id: NoticeId) -> Answer<'_, ()>;
}
