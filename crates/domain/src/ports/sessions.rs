//! Sessions at rest.

use crate::audit::{Effects, Event};
use crate::ledger::Entry;
use crate::ports::{Answer, Page};
use crate::session::rotation::{Presented, RefreshRules, Rotation};
use crate::session::{EndReason, Session, Standing};
use crate::{SessionId, Time, UserId};

/// Which sessions to list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SessionQuery {
    pub user: Option<UserId>,
    /// Only those that are live at this instant.
    pub live_at: Option<Time>,
    pub page: Page<SessionId>,
}

/// The records of the tokens that a refresh will mint from what was read; none if none can be minted (its API is gone, no key
/// may sign), which the caller finds out as well and answers.
pub type EntriesOf<'a> = &'a (dyn Fn(&Standing) -> Vec<Entry> + Send + Sync);

pub trait Sessions: Send + Sync {
    /// Opens a session, if the account is still active and at `epoch`: a login that raced with a disable, a deletion or a
    /// password change opens none and answers false.
    fn open<'a>(
        &'a self,
        session: &'a Session,
        epoch: i64,
        effects: &'a Effects,
    ) -> Answer<'a, bool>;

    fn standing(&self, id: SessionId) -> Answer<'_, Option<Standing>>;
    fn sessions<'a>(&'a self, query: &'a SessionQuery) -> Answer<'a, Vec<Session>>;

    /// Reads the session, its user and its client, calls [`decide`](crate::session::rotation::decide), and makes the decision durable:
    /// a rotation by one `UPDATE` guarded by the sequence that was read and by the session not having ended; reuse by
    /// ending the session with the effects of [`end_for_reuse`](crate::session::rotation::end_for_reuse). Who loses the guard reads again and decides
    /// again: of a hundred that present one token, one rotates and the others find it superseded.
    ///
    /// A session whose tokens were marked stale, or that has no entry in a status list, takes the spare one with the rotation, if
    /// what was read stands while its row is locked: no mark that is made meanwhile is missed.
    ///
    /// The records of the tokens that follow, `entries` of what was read, are written with the row. A repeat writes nothing.
    fn rotate<'a>(
        &'a self,
        presented: &'a Presented,
        rules: &'a RefreshRules,
        entries: EntriesOf<'a>,
        now: Time,
    ) -> Answer<'a, Rotation>;

    /// Ends one session; `owner` restricts it to that user's. False if there is none to end.
    fn end<'a>(
        &'a self,
        id: SessionId,
        owner: Option<UserId>,
        reason: EndReason,
        at: Time,
        effects: &'a Effects,
    ) -> Answer<'a, bool>;
    /// Ends, in one write, those of these sessions that have not ended, each with its event, and answers how many.
    fn end_each<'a>(
        &'a self,
        sessions: &'a [(SessionId, Event)],
        reason: EndReason,
        at: Time,
    ) -> Answer<'a, u64>;
    /// Ends all live sessions of a user but `keep`, and answers how many.
    fn end_all<'a>(
        &'a self,
        user: UserId,
        keep: Option<SessionId>,
        reason: EndReason,
        at: Time,
        effects: &'a Effects,
    ) -> Answer<'a, u64>;
}
