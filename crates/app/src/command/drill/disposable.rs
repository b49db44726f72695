//! A client of the drill's own, made through the admin API in process and removed at the end.

use keywright_domain::access::Audience;
use keywright_drill::Credentials;
use serde_json::json;

use super::super::Failure;
use super::server::random_digits;
use crate::admin::{Call, Server};
use crate::deployment::Deployment;

/// It may have every scope of the service's API, and follow the feed.
pub struct Disposable {
    server: Server,
    id: String,
    secret: String,
}

impl Disposable {
    pub async fn make(deployment: &Deployment, audience: &Audience) -> Result<Self, Failure> {
        let mut server = Server::here(deployment)?;
        let api = server.ask(Call::to("show_api").at(audience)).await?;
        let scopes = api["scopes"].as_object().into_iter().flatten();
        let scopes: Vec<_> = scopes.map(|(name, _)| name.as_str()).collect();
        let id = format!("drill-{}", &random_digits()[..16]);
        let client = json!({
            "client_id": id, "name": "keywright drill", "kind": "confidential", "grants": ["client_credentials", "feed"],
            "allowed": { audience.as_str(): scopes.join(" ") }, "default_audience": audience.as_str(),
        });
        let created = server.ask(Call::to("create_client").json(client)).await?;
        let secret = created["client_secret"].as_str().unwrap_or_default();
        Ok(Self {
            secret: secret.to_owned(),
            server,
            id,
        })
    }

    /// It follows the feed, and asks for the good token if nobody else was named for that.
    pub fn complete(&self, mut credentials: Credentials) -> Credentials {
        let own = (self.id.clone(), self.secret.clone());
        let nobody = credentials.token.is_none()
            && credentials.client.is_none()
            && credentials.user.is_none();
        if nobody {
            credentials.client = Some(own.clone());
        }
        credentials.follower = Some(own);
        credentials
    }

    pub async fn remove(mut self) -> Result<(), Failure> {
        self.server
            .ask(Call::to("delete_client").at(&self.id))
            .await?;
        Ok(())
    }
}
