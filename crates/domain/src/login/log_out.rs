//! Logging out of a browser, and with it of what was opened from there.

use crate::audit::{Actor, Event, EventKind, Origin};
use crate::client::ClientId;
use crate::login::Login;
use crate::logout::Farewell;
use crate::{Issuer, LoginId, Unavailable, UserId};

impl Issuer {
    /// Ends the login and the sessions that were opened from it, but those with `offline_access`: that scope is the person's word that
    /// a client may go on when they are away (OpenID Connect Core §11). `asked_by`: the client that sent the person here for it.
    ///
    /// Answers who has something to clear up, those that may go on among them; nobody, if it had ended before.
    pub(crate) async fn log_out_browser(
        &self,
        own: &Login,
        asked_by: Option<&ClientId>,
        origin: &Origin,
    ) -> Result<Vec<Farewell>, Unavailable> {
        let mut event = self.login_ended(own.id, own.user, origin);
        event.client = asked_by.cloned();
        let ended = self.end_login(own.id, own.user, event).await?;
        Ok(ended.unwrap_or_default())
    }

    /// Ends another login of the same person. Somebody else's is as unknown as none: then the answer is false.
    pub async fn end_own_login(
        &self,
        own: &Login,
        other: LoginId,
        origin: &Origin,
    ) -> Result<bool, Unavailable> {
        let event = self.login_ended(other, own.user, origin);
        let ended = self.end_login(other, own.user, event).await?;
        Ok(ended.is_some())
    }

    fn login_ended(&self, id: LoginId, owner: UserId, origin: &Origin) -> Event {
        Event::new(EventKind::LoginEnded, Actor::User(owner), self.now())
            .user(owner)
            .from(origin)
            .detail(id)
    }

    async fn end_login(
        &self,
        id: LoginId,
        owner: UserId,
        event: Event,
    ) -> Result<Option<Vec<Farewell>>, Unavailable> {
        let (store, at) = (&self.outside.store, event.at);
        store.end_login(id, owner, at, &event.into()).await
    }
}
