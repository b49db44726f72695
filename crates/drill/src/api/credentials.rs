//! Where the good token comes from.

use serde_json::{Value, json};

use crate::CannotRun;
use crate::issuer::{Issuer, Tokens};

/// At least one of them.
#[derive(Clone, Default)]
pub struct Credentials {
    /// A valid token.
    pub token: Option<String>,
    /// Name and secret of a client with the grant `client_credentials`.
    pub client: Option<(String, String)>,
    /// Name and secret of a client that may follow the feed: what it hears is replayed.
    pub follower: Option<(String, String)>,
    /// Name and password of a person: only a person's session can be logged out.
    pub user: Option<(String, String)>,
    /// The `aud` of the service. Without it, the client's default.
    pub audience: Option<String>,
    pub scope: Option<String>,
}

impl Credentials {
    /// A token for the service: the given one, else a person's, else a client's.
    pub async fn token(&self, issuer: &Issuer) -> Result<String, CannotRun> {
        if let Some(token) = &self.token {
            return Ok(token.clone());
        }
        if let Some(session) = self.session(issuer).await {
            return session.map(|tokens| tokens.access);
        }
        let Some(client) = &self.client else {
            return Err(CannotRun::Unusable(
                "give a valid token, the credentials of a client, or those of a person".to_owned(),
            ));
        };
        let more: Vec<_> = [("audience", &self.audience), ("scope", &self.scope)]
            .into_iter()
            .filter_map(|(name, value)| Some((name, value.as_deref()?)))
            .collect();
        let answer = issuer.client_credentials(client, &more).await;
        Tokens::needed(answer, "a token by client credentials").map(|tokens| tokens.access)
    }

    /// A session of the person, if one was named.
    pub async fn session(&self, issuer: &Issuer) -> Option<Result<Tokens, CannotRun>> {
        let login = self.login(self.audience.as_deref())?;
        let answer = issuer.log_in(&login).await;
        Some(Tokens::needed(answer, "the login"))
    }

    /// What a login for this audience sends.
    pub fn login(&self, audience: Option<&str>) -> Option<Value> {
        let (username, password) = self.user.as_ref()?;
        let mut login = json!({ "username": username, "password": password });
        if let Some(audience) = audience {
            login["audience"] = json!(audience);
        }
        if let Some(scope) = self
            .scope
            .as_ref()
            .filter(|_| audience == self.audience.as_deref())
        {
            login["scope"] = json!(scope);
        }
        Some(login)
    }
}
