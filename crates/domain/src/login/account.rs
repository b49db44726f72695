//! What a person sees and does on their own account page.

use crate::account::{ChangePassword, ChangePasswordError, User};
use crate::audit::{Actor, Event, EventKind, Origin};
use crate::login::Login;
use crate::logout::{Farewell, LoggedOut};
use crate::ports::{ConsentedClient, Page, SessionQuery};
use crate::secret::PlainSecret;
use crate::session::{EndReason, Session};
use crate::{Issuer, SessionId, Unavailable, UserId};

/// More sessions or logins than this are not listed to their owner.
const LISTED: u32 = 200;

#[derive(Clone, Debug)]
pub struct Overview {
    pub user: User,
    /// Those that live, the browser's own among them.
    pub logins: Vec<Login>,
    /// Those that live.
    pub sessions: Vec<Session>,
    pub consents: Vec<ConsentedClient>,
}

impl Issuer {
    /// `None` if the account went a moment ago.
    pub async fn overview(&self, own: &Login) -> Result<Option<Overview>, Unavailable> {
        let now = self.now();
        let store = &self.outside.store;
        let Some(user) = store.by_id(own.user).await? else {
            return Ok(None);
        };
        let sessions = self.live_sessions_of(own.user);
        Ok(Some(Overview {
            user,
            logins: store.logins_of(own.user, now, LISTED).await?,
            sessions: store.sessions(&sessions).await?,
            consents: store.consents_of(own.user).await?,
        }))
    }

    /// Ends one of the person's sessions. Somebody else's is as unknown as none: then the answer is false.
    pub async fn end_session_by_browser(
        &self,
        own: &Login,
        session: SessionId,
        origin: &Origin,
    ) -> Result<bool, Unavailable> {
        let (owner, actor) = (Some(own.user), Actor::User(own.user));
        self.end_one(session, owner, EndReason::EndedByUser, &actor, origin)
            .await
    }

    /// Ends everything that the person has anywhere: this login, every other, and every session.
    pub async fn log_out_everywhere_by_browser(
        &self,
        own: &Login,
        origin: &Origin,
    ) -> Result<LoggedOut, Unavailable> {
        let now = self.now();
        // Read before they end. Other browsers have pages of their own, so theirs are not among them.
        let known_here = self.farewells_of_browser(own).await?;
        let reason = EndReason::LogoutEverywhere;
        let event = Event::new(EventKind::SessionsEnded, Actor::User(own.user), now)
            .user(own.user)
            .from(origin)
            .detail(reason.as_str());
        let store = &self.outside.store;
        store
            .end_all(own.user, None, reason, now, &event.into())
            .await?;
        Ok(LoggedOut {
            way_back: None,
            front_channel: self.front_channel(known_here).await?,
        })
    }

    /// The sessions that clients opened from this login and know by an ID token.
    async fn farewells_of_browser(&self, own: &Login) -> Result<Vec<Farewell>, Unavailable> {
        let sessions = self
            .outside
            .store
            .sessions(&self.live_sessions_of(own.user))
            .await?;
        let known =
            |session: &Session| session.login == Some(own.id) && session.openid.contains("openid");
        let farewell = |session: Session| Farewell {
            client: session.client,
            user: session.user,
            session: session.id,
        };
        Ok(sessions.into_iter().filter(known).map(farewell).collect())
    }

    fn live_sessions_of(&self, user: UserId) -> SessionQuery {
        SessionQuery {
            user: Some(user),
            live_at: Some(self.now()),
            page: Page {
                after: None,
                limit: LISTED,
            },
        }
    }

    /// Every session and every login ends, and this browser has a new login: whoever had copied its cookie has nothing.
    pub async fn change_password_by_browser(
        &self,
        own: &Login,
        request: ChangePassword,
    ) -> Result<(Login, PlainSecret), ChangePasswordError> {
        let store = &self.outside.store;
        let gone = ChangePasswordError::Raced;
        let user = store.by_id(own.user).await?.ok_or(gone)?;
        let origin = request.origin.clone();
        self.replace_password(&user, None, request).await?;
        // With the epoch that the change has raised.
        let gone = ChangePasswordError::Raced;
        let user = store.by_id(own.user).await?.ok_or(gone)?;
        let (login, cookie) = self.new_login(&user, &origin, self.now());
        let event = Self::logged_in(&login, &origin);
        if store
            .open_login(&login, user.epoch, None, &event.into())
            .await?
        {
            Ok((login, cookie))
        } else {
            Err(ChangePasswordError::Raced)
        }
    }
}
