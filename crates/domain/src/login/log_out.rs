//! Logging out of a browser, and with it of what was opened from there.

use crate::audit::{Actor, Event, EventKind, Origin};
use crate::login::Login;
use crate::{Issuer, LoginId, Unavailable, UserId};

impl Issuer {
    /// Ends the login and the sessions that were opened from it, but those with `offline_access`: that scope is the person's word that
    /// a client may go on when they are away (OpenID Connect Core §11). False if it had ended before.
    pub async fn log_out_browser(
        &self,
        login: LoginId,
        origin: &Origin,
    ) -> Result<bool, Unavailable> {
        match self.outside.store.login(login).await? {
            Some((login, _)) => self.end_login(login.id, login.user, origin).await,
            None => Ok(false),
        }
    }

    /// Ends another login of the same person. Somebody else's is as unknown as none: then the answer is false.
    pub async fn end_own_login(
        &self,
        own: &Login,
        other: LoginId,
        origin: &Origin,
    ) -> Result<bool, Unavailable> {
        self.end_login(other, own.user, origin).await
    }

    async fn end_login(
        &self,
        id: LoginId,
        owner: UserId,
        origin: &Origin,
    ) -> Result<bool, Unavailable> {
        let now = self.now();
        let event = Event::new(EventKind::LoginEnded, Actor::User(owner), now)
            .user(owner)
            .from(origin)
            .detail(id);
        let store = &self.outside.store;
        store.end_login(id, owner, now, &event.into()).await
    }
}
