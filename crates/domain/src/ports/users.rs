//! Accounts at rest.

use crate::access::RoleName;
use crate::account::password::PasswordHash;
use crate::account::{Link, LinkId, LinkPurpose, LoginName, RegisterOutcomes, User, UserStatus};
use crate::audit::Effects;
use crate::openid::Profile;
use crate::ports::Answer;
use crate::{SessionId, Time, UserId};

/// A page of a list, ordered by id: those after `after`, at most `limit`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Page<K> {
    pub after: Option<K>,
    pub limit: u32,
}

/// What a registration came to. Which of them happened is for the letter and the log, never for the caller.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Registered {
    Created,
    EmailTaken,
    UsernameTaken,
}

/// Whether a row could be inserted under its unique key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Inserted {
    Yes,
    Taken,
}

/// What a link was redeemed for.
#[derive(Clone, Debug)]
pub enum Redeemed<'a> {
    /// Marks the e-mail address as proved.
    EmailVerified,
    /// Sets the password, marks the address as proved, ends every session and consumes every other link of the user.
    PasswordReset(&'a PasswordHash),
}

pub trait Users: Send + Sync {
    fn by_login<'a>(&'a self, name: &'a LoginName) -> Answer<'a, Option<User>>;
    fn by_id(&self, id: UserId) -> Answer<'_, Option<User>>;
    fn list(&self, page: Page<UserId>) -> Answer<'_, Vec<User>>;

    /// Inserts the user with `outcomes.created`; if the e-mail address or the user name is taken, writes that outcome's
    /// effects instead. One transaction and the same number of writes in each case.
    fn register<'a>(
        &'a self,
        user: &'a User,
        outcomes: &'a RegisterOutcomes,
    ) -> Answer<'a, Registered>;

    /// Replaces `from` by `to`, the same password under a better hash; does nothing if the password has changed meanwhile.
    fn upgrade_password<'a>(
        &'a self,
        id: UserId,
        from: &'a PasswordHash,
        to: &'a PasswordHash,
    ) -> Answer<'a, ()>;

    /// Sets a password, raises the epoch, and ends all sessions but `keep`. `epoch` guards it: false when the account
    /// has changed since it was read.
    fn change_password<'a>(
        &'a self,
        user: &'a User,
        to: &'a PasswordHash,
        keep: Option<SessionId>,
        at: Time,
        effects: &'a Effects,
    ) -> Answer<'a, bool>;

    /// A link that can still be redeemed.
    fn open_link(&self, id: LinkId, purpose: LinkPurpose, now: Time) -> Answer<'_, Option<Link>>;
    /// Consumes the link, once and for all callers, with what it was for; false if another was first or it has expired.
    fn redeem<'a>(
        &'a self,
        link: &'a Link,
        what: Redeemed<'a>,
        at: Time,
        effects: &'a Effects,
    ) -> Answer<'a, bool>;
    /// Writes effects that have no row of their own: a failed login, a request for a letter.
    fn record<'a>(&'a self, effects: &'a Effects) -> Answer<'a, ()>;

    /// Disabling raises the epoch and ends every session. False if there is no such user.
    fn set_status<'a>(
        &'a self,
        id: UserId,
        status: UserStatus,
        at: Time,
        effects: &'a Effects,
    ) -> Answer<'a, bool>;
    /// If they are others than before, all live sessions become stale.
    fn set_roles<'a>(
        &'a self,
        id: UserId,
        roles: &'a [RoleName],
        at: Time,
        effects: &'a Effects,
    ) -> Answer<'a, bool>;
    /// What the person told about themselves; `None` if there is no such user.
    fn profile(&self, id: UserId) -> Answer<'_, Option<Profile>>;
    /// Replaces it. False if there is no such user.
    fn put_profile<'a>(
        &'a self,
        id: UserId,
        profile: &'a Profile,
        at: Time,
        effects: &'a Effects,
    ) -> Answer<'a, bool>;
    /// Deletes the account with its links and unsent letters, and ends every session (their rows stay until they are purged).
    fn delete<'a>(&'a self, id: UserId, at: Time, effects: &'a Effects) -> Answer<'a, bool>;
}
