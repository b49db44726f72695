//! Seeing and ending sessions: one's own, or anybody's by an administrator.

use crate::audit::{Actor, Event, EventKind, Origin};
use crate::ports::{Page, SessionQuery};
use crate::session::{CallError, Caller, EndReason, Session};
use crate::{Issuer, SessionId, Unavailable, UserId};

/// More live sessions than this are not listed to their owner.
const LISTED: u32 = 200;

impl Issuer {
    /// The caller's live sessions.
    pub async fn own_sessions(&self, caller: &Caller) -> Result<Vec<Session>, CallError> {
        let page = Page {
            after: None,
            limit: LISTED,
        };
        let query = SessionQuery {
            user: Some(caller.standing.user.id),
            live_at: Some(self.now()),
            page,
        };
        Ok(self.outside.store.sessions(&query).await?)
    }

    /// Ends one of the caller's own sessions. Somebody else's is as unknown as none.
    pub async fn end_own_session(
        &self,
        caller: &Caller,
        id: SessionId,
        origin: &Origin,
    ) -> Result<(), CallError> {
        let user = caller.standing.user.id;
        let done = self
            .end_one(
                id,
                Some(user),
                EndReason::EndedByUser,
                &Actor::User(user),
                origin,
            )
            .await?;
        if done {
            Ok(())
        } else {
            Err(CallError::UnknownSession)
        }
    }

    pub async fn sessions(
        &self,
        user: Option<UserId>,
        page: Page<SessionId>,
    ) -> Result<Vec<Session>, Unavailable> {
        self.outside
            .store
            .sessions(&SessionQuery {
                user,
                live_at: Some(self.now()),
                page,
            })
            .await
    }

    pub async fn end_session(&self, id: SessionId, actor: &Actor) -> Result<(), CallError> {
        let done = self
            .end_one(id, None, EndReason::EndedByAdmin, actor, &Origin::default())
            .await?;
        if done {
            Ok(())
        } else {
            Err(CallError::UnknownSession)
        }
    }

    pub async fn end_sessions_of(&self, user: UserId, actor: &Actor) -> Result<u64, Unavailable> {
        let now = self.now();
        let reason = EndReason::EndedByAdmin;
        let event = Event::new(EventKind::SessionsEnded, actor.clone(), now)
            .user(user)
            .detail(reason.as_str());
        self.outside
            .store
            .end_all(user, None, reason, now, &event.into())
            .await
    }
}
