//! Who is calling, and leaving.

use crate::access::ScopeSet;
use crate::audit::{Actor, Event, EventKind, Origin};
use crate::client::Grant;
use crate::limit::Limited;
use crate::secret::PlainSecret;
use crate::session::{EndReason, RefreshToken, Standing};
use crate::{Issuer, SessionId, Unavailable, UserId};

/// Somebody whose access token was verified and whose session stands.
#[derive(Clone, Debug)]
pub struct Caller {
    pub standing: Standing,
    pub scope: ScopeSet,
}

#[derive(Debug, thiserror::Error)]
pub enum CallError {
    /// The token is genuine, but its session is over, or its user or client may not act any more.
    #[error("the session of this token is over")]
    SessionOver,
    #[error("no such session")]
    UnknownSession,
    #[error("the client is none of the house and may not act on the person's account")]
    ForeignClient,
    #[error(transparent)]
    Unavailable(#[from] Unavailable),
}

#[derive(Debug, thiserror::Error)]
pub enum LogOutError {
    /// Not one of ours, or of a session that is long gone.
    #[error("not a refresh token of this issuer")]
    Forged,
    #[error(transparent)]
    Limited(#[from] Limited),
    #[error(transparent)]
    Unavailable(#[from] Unavailable),
}

impl Caller {
    /// Whether the client may see and change the account itself. What a person lets somebody else's application do is in its scopes, and
    /// no scope of OpenID Connect lets it end other sessions or read an address that it did not ask for.
    pub fn is_of_the_house(&self) -> bool {
        let client = &self.standing.client;
        client.registration.first_party || client.grants.contains(&Grant::Login)
    }

    /// Whether the session is that client's. A token that was exchanged (RFC 8693) is another's, which calls APIs for the person and
    /// does not act on the account.
    pub fn is_at(&self, client: &str) -> bool {
        self.standing.client.id.as_str() == client
    }
}

impl Issuer {
    /// The caller behind a verified access token. The issuer has the session at hand, so its own doors do not wait for the
    /// token to die.
    pub async fn caller(
        &self,
        subject: &str,
        session: SessionId,
        scope: ScopeSet,
    ) -> Result<Caller, CallError> {
        let standing = self.outside.store.standing(session).await?;
        let holds = |standing: &Standing| {
            let Standing { user, client, .. } = standing;
            self.subject(client, user.id) == subject && standing.holds(self.now())
        };
        match standing.filter(holds) {
            Some(standing) => Ok(Caller { standing, scope }),
            None => Err(CallError::SessionOver),
        }
    }

    /// Ends the caller's session, and the one of `token` if it is another session of the same user.
    pub async fn log_out(
        &self,
        caller: &Caller,
        token: Option<&PlainSecret>,
        origin: &Origin,
    ) -> Result<(), CallError> {
        let user = caller.standing.user.id;
        let mine = caller.standing.session.id;
        let other = token
            .and_then(|token| RefreshToken::parse(token).ok())
            .map(|token| token.session);
        for id in [Some(mine), other.filter(|id| *id != mine)]
            .into_iter()
            .flatten()
        {
            self.end_one(
                id,
                Some(user),
                EndReason::Logout,
                &Actor::User(user),
                origin,
            )
            .await?;
        }
        Ok(())
    }

    /// Ends the session of a refresh token, for somebody whose access token has died. Any token of the family will do, also a
    /// superseded one: presenting it to refresh would end the session just the same.
    pub async fn log_out_by_token(
        &self,
        token: &PlainSecret,
        origin: &Origin,
    ) -> Result<(), LogOutError> {
        let now = self.now();
        let authentic = match self.known_refresh_token(token) {
            Some((token, key)) => {
                let standing = self.outside.store.standing(token.session).await?;
                standing.filter(|s| token.is_authentic(&s.session.family.salt, &key))
            }
            None => None,
        };
        let Some(standing) = authentic else {
            self.count_failure(origin, now)?;
            return Err(LogOutError::Forged);
        };
        let user = standing.user.id;
        self.end_one(
            standing.session.id,
            Some(user),
            EndReason::Logout,
            &Actor::User(user),
            origin,
        )
        .await?;
        Ok(())
    }

    /// Ends all of the caller's sessions, this one included.
    pub async fn log_out_everywhere(
        &self,
        caller: &Caller,
        origin: &Origin,
    ) -> Result<u64, CallError> {
        let user = caller.standing.user.id;
        let now = self.now();
        let reason = EndReason::LogoutEverywhere;
        let event = Event::new(EventKind::SessionsEnded, Actor::User(user), now)
            .user(user)
            .from(origin)
            .detail(reason.as_str());
        Ok(self
            .outside
            .store
            .end_all(user, None, reason, now, &event.into())
            .await?)
    }

    /// False if there was nothing to end.
    pub(crate) async fn end_one(
        &self,
        id: SessionId,
        owner: Option<UserId>,
        reason: EndReason,
        actor: &Actor,
        origin: &Origin,
    ) -> Result<bool, Unavailable> {
        let now = self.now();
        let mut event = Event::new(EventKind::SessionEnded, actor.clone(), now)
            .session(id)
            .from(origin)
            .detail(reason.as_str());
        event.user = owner;
        self.outside
            .store
            .end(id, owner, reason, now, &event.into())
            .await
    }
}
