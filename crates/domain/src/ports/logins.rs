//! Browsers' logins at rest.

use crate::account::User;
use crate::audit::Effects;
use crate::login::Login;
use crate::logout::Farewell;
use crate::ports::Answer;
use crate::{LoginId, Time, UserId};

/// Whatever ends all sessions of a user ends all of the user's logins in the same transaction.
pub trait Logins: Send + Sync {
    /// The login and its user, however it stands.
    fn login(&self, id: LoginId) -> Answer<'_, Option<(Login, User)>>;

    /// Those of a user that live at this instant, oldest first.
    fn logins_of(&self, user: UserId, live_at: Time, limit: u32) -> Answer<'_, Vec<Login>>;

    /// Stores a login, if the account is still active and at `epoch`: one that raced with a disable, a deletion or a password
    /// change is not stored, and the answer is false.
    ///
    /// `replaces` ends, whosever it is. Its sessions are the new login's from then on if the user is the same; otherwise they
    /// end as by [`end_login`](Logins::end_login).
    fn open_login<'a>(
        &'a self,
        login: &'a Login,
        epoch: i64,
        replaces: Option<LoginId>,
        effects: &'a Effects,
    ) -> Answer<'a, bool>;

    /// Notes that a login is in use: if it lives it does so until `idle_until`, and never shorter than before.
    fn keep_login(&self, id: LoginId, idle_until: Time) -> Answer<'_, ()>;

    /// Ends the login and the sessions that were opened from it without `offline_access`. Answers with those of OpenID clients that had been
    /// opened from it, also if they go on; `None` if `owner` has no login of that id that has not ended.
    fn end_login<'a>(
        &'a self,
        id: LoginId,
        owner: UserId,
        at: Time,
        effects: &'a Effects,
    ) -> Answer<'a, Option<Vec<Farewell>>>;
}
