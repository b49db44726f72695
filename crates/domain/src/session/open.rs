//! What a login opens.

use crate::access::{Audience, ScopeSet};
use crate::account::User;
use crate::audit::Origin;
use crate::client::Client;
use crate::secret::PlainSecret;
use crate::session::{Family, RefreshToken, Session};
use crate::status::StatusRef;
use crate::{Issuer, SessionId, Time};

/// For whom and for what a session opens.
pub(crate) struct Opening<'a> {
    pub user: &'a User,
    pub client: &'a Client,
    pub audience: &'a Audience,
    pub scope: ScopeSet,
    pub origin: &'a Origin,
    pub entry: StatusRef,
}

impl Issuer {
    /// A session that is not stored yet.
    pub(crate) fn new_session(&self, opening: Opening<'_>, now: Time) -> Session {
        let policy = self.policy().sessions;
        Session {
            id: SessionId::new(now, self.random()),
            user: opening.user.id,
            client: opening.client.id.clone(),
            audience: opening.audience.clone(),
            scope: opening.scope,
            openid: ScopeSet::default(),
            login: None,
            family: Family {
                salt: self.random(),
                current: 1,
                superseded: Vec::new(),
                idle_until: now + policy.refresh.idle,
                absolute_until: now + policy.absolute,
            },
            proof_key: None,
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

    /// The token that the session accepts next.
    pub(crate) fn current_refresh_token(&self, session: &Session) -> PlainSecret {
        let key = self.secrets.newest_refresh_key();
        RefreshToken::derive(
            session.id,
            session.family.current,
            &session.family.salt,
            key,
        )
        .to_secret()
    }
}
