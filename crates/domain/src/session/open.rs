//! What a login opens.

use crate::access::{Audience, AuthorizationDetails, ScopeRefused, ScopeSet};
use crate::account::User;
use crate::audit::{Actor, Event, EventKind, Origin};
use crate::client::Client;
use crate::openid::ClaimsRequest;
use crate::secret::PlainSecret;
use crate::session::{Asked, Family, RefreshToken, Session, Standing};
use crate::status::StatusRef;
use crate::token::{Binding, MintError, Minting, Tokens};
use crate::{Issuer, SessionId, Time, Unavailable};

/// For whom and for what a session opens.
pub(crate) struct Opening<'a> {
    pub user: &'a User,
    pub client: &'a Client,
    pub audience: &'a Audience,
    pub scope: ScopeSet,
    pub origin: &'a Origin,
    pub entry: StatusRef,
    /// What the first token is bound to. Of a client that proves itself anew each time, the session is not.
    pub binding: Option<Binding>,
}

impl Session {
    /// That it was opened, by the person whose it is.
    pub(crate) fn opened(&self, origin: &Origin, now: Time) -> Event {
        Event::new(EventKind::SessionOpened, Actor::User(self.user), now)
            .user(self.user)
            .session(self.id)
            .client(&self.client)
            .from(origin)
    }
}

impl Issuer {
    /// A session that is not stored yet, with those it will stand on.
    pub(crate) fn new_standing(&self, opening: Opening<'_>, now: Time) -> Standing {
        let (user, client) = (opening.user.clone(), opening.client.clone());
        Standing {
            session: self.new_session(opening, now),
            user,
            client,
            stale: false,
        }
    }

    fn new_session(&self, opening: Opening<'_>, now: Time) -> Session {
        let policy = self.policy().sessions;
        Session {
            id: SessionId::new(now, self.random()),
            user: opening.user.id,
            client: opening.client.id.clone(),
            audience: opening.audience.clone(),
            scope: opening.scope,
            openid: ScopeSet::default(),
            claims: ClaimsRequest::default(),
            details: AuthorizationDetails::default(),
            login: None,
            family: Family {
                salt: self.random(),
                current: 1,
                superseded: Vec::new(),
                idle_until: now + policy.refresh.idle,
                absolute_until: now + policy.absolute,
            },
            binding: opening.binding.filter(|_| opening.client.binds_sessions()),
            created_at: now,
            authenticated_at: now,
            last_used_at: now,
            ended: None,
            device: opening.origin.user_agent.clone(),
            address: opening.origin.address,
            amr: vec!["pwd".to_owned()],
            status: Some(opening.entry),
        }
    }

    /// The tokens of a session that was stored a moment ago as it is asked for; `None` if it is gone already.
    pub(crate) async fn first_tokens<E>(
        &self,
        minting: Minting<'_>,
        asked: Asked<'_>,
    ) -> Result<Option<Tokens>, E>
    where
        E: From<ScopeRefused> + From<MintError> + From<Unavailable>,
    {
        // Roles or scopes that were taken since they were read have marked no session, because there was none yet.
        self.refresh_catalog().await?;
        let opened = asked.standing;
        let standing = self.outside.store.standing(opened.session.id).await?;
        let Some(standing) = standing else {
            return Ok(None);
        };
        let is_recorded = standing.user.roles == opened.user.roles;
        let asked = Asked {
            standing: &standing,
            ..asked
        };
        let tokens = self.tokens_of::<E>(minting, asked, is_recorded).await?;
        Ok(Some(tokens))
    }

    /// The token that the session accepts next.
    pub(crate) fn current_refresh_token(&self, session: &Session) -> PlainSecret {
        let key = self.secrets.refresh.newest();
        RefreshToken::derive(
            session.id,
            session.family.current,
            &session.family.salt,
            key,
        )
        .to_secret()
    }
}
