//! A client gives a token back (RFC 7009). Nothing dies alone here: a token stands on a session, or is one of a client's own, and what it
//! stands on is ended.

use crate::audit::{Actor, Origin};
use crate::client::{Client, ClientRefused, PresentedClient};
use crate::secret::PlainSecret;
use crate::session::EndReason;
use crate::{Issuer, SessionId, Unavailable};

#[derive(Clone, Debug)]
pub struct Revoke {
    pub client: PresentedClient,
    pub token: PlainSecret,
    pub origin: Origin,
}

#[derive(Debug, thiserror::Error)]
pub enum RevokeError {
    #[error(transparent)]
    Client(#[from] ClientRefused),
    /// RFC 7009 §2.1: the client is told, and nothing happens.
    #[error("the token was issued to another client")]
    OtherClient,
    #[error(transparent)]
    Unavailable(#[from] Unavailable),
}

impl Issuer {
    /// What is no living token of ours is gone already, which is what was wanted (RFC 7009 §2.2).
    pub async fn revoke(&self, asked: Revoke) -> Result<(), RevokeError> {
        let client = self
            .authenticate_client(&asked.client, &asked.origin)
            .await?;
        if let Some(token) = self.own_access_token(asked.token.expose()) {
            check_owner(&client, &token.client)?;
            return match token.session {
                Some(session) => self.end_for(&client, session, &asked.origin).await,
                // It stands on what another service has of its own.
                None if token.sub() != client.id.as_str() => Err(RevokeError::OtherClient),
                // Its other tokens die with it: one that leaked is not left alive, and the client can ask for the next.
                None => {
                    let actor = Actor::Client(client.id.clone());
                    self.revoke_own_tokens(&client.id, &actor).await?;
                    Ok(())
                }
            };
        }
        let Some((token, key)) = self.known_refresh_token(&asked.token) else {
            return Ok(());
        };
        // Any token of the family will do, also a superseded one: presenting it to refresh would end the session just the same.
        let standing = self.outside.store.standing(token.session).await?;
        let standing =
            standing.filter(|found| token.is_authentic(&found.session.family.salt, &key));
        let Some(standing) = standing else {
            return Ok(());
        };
        check_owner(&client, &standing.session.client)?;
        self.end_for(&client, standing.session.id, &asked.origin)
            .await
    }

    async fn end_for(
        &self,
        client: &Client,
        session: SessionId,
        origin: &Origin,
    ) -> Result<(), RevokeError> {
        // A token that was exchanged stands on a session of another client.
        let standing = self.outside.store.standing(session).await?;
        if let Some(standing) = standing {
            check_owner(client, &standing.session.client)?;
        }
        let actor = Actor::Client(client.id.clone());
        self.end_one(session, None, EndReason::Logout, &actor, origin)
            .await?;
        Ok(())
    }
}

fn check_owner(client: &Client, owner: &crate::client::ClientId) -> Result<(), RevokeError> {
    if &client.id == owner {
        Ok(())
    } else {
        Err(RevokeError::OtherClient)
    }
}
