//! Clients of OpenID Connect, and people's sessions with them.

use keywright_domain::client::ClientKind;
use serde_json::{Value, json};

use crate::flow::Changes;
use crate::{Answer, FlowClient, Person, TestIssuer};

impl TestIssuer {
    /// A public client of the house that may ask for all scopes of OpenID Connect, with `more` members of its registration.
    pub async fn openid_client(&self, id: &str, more: Value) -> FlowClient {
        let mut members = json!({
            "openid_scope": "openid profile email address phone offline_access",
            "first_party": true,
        });
        for (name, value) in more.as_object().expect("members") {
            members[name] = value.clone();
        }
        self.flow_client_with(id, ClientKind::Public, members).await
    }

    /// Logs `name` in at the client, which asks for `asked`; with what the token endpoint answered.
    pub async fn openid_session(
        &self,
        name: &str,
        client: &FlowClient,
        asked: Changes<'_>,
    ) -> (Person, Answer) {
        let mut visitor = self.visitor_named(name).await;
        let answer = client.tokens(&mut visitor, asked).await;
        (Person::of(&self.anonymous(), &answer), answer)
    }
}
