//! Clients that take part in OpenID Connect, and sessions of theirs.

use keywright_domain::audit::Actor as By;
use keywright_domain::client::{ClientKind, Grant, NewClient, Registration};
use serde_json::{Value, json};

use crate::{Answer, Person, TestIssuer, seed};

impl TestIssuer {
    /// A public client that is registered with all scopes of OpenID Connect and with `more`.
    pub async fn openid_client(&self, id: &str, more: Value) {
        let registration: Registration = serde_json::from_value(registration(more)).unwrap();
        let new = NewClient {
            id: Some(id.parse().unwrap()),
            name: id.to_owned(),
            kind: ClientKind::Public,
            grants: [Grant::Login, Grant::RefreshToken].into(),
            default_audience: Some(seed::audience(seed::ORDERS)),
            allowed: [(seed::audience(seed::ORDERS), "read:orders".parse().unwrap())].into(),
            registration,
        };
        self.issuer()
            .create_client(new, &By::Operator)
            .await
            .unwrap();
    }

    /// A session of `name` with such a client, and what a refresh of it answered. All sessions of the client have what was granted last.
    pub async fn openid_session(
        &self,
        name: &str,
        client: &str,
        granted: &Granted<'_>,
    ) -> (Person, Answer) {
        let login = json!({ "username": name, "password": seed::PASSWORD, "client_id": client });
        let person = self.log_in(&login).await;
        let claims = match granted.claims {
            "" => "NULL".to_owned(),
            claims => format!("'{claims}'"),
        };
        let scope = granted.scope;
        self.meddle(&format!(
            "UPDATE sessions SET openid_scope = '{scope}', claims = {claims} WHERE client_id = '{client}'"
        ))
        .await;
        let answer = person.refresh().await.is(200);
        (Person::of(&self.anonymous(), &answer), answer)
    }
}

/// What a session was granted, as the store keeps it: words in the order of their bytes, claims as a list of names for each place.
#[derive(Default)]
pub struct Granted<'a> {
    pub scope: &'a str,
    pub claims: &'a str,
}

fn registration(more: Value) -> Value {
    let mut all = json!({
        "redirect_uris": ["https://app.example/cb"],
        "openid_scope": "openid profile email address phone offline_access",
    });
    if let (Value::Object(all), Value::Object(more)) = (&mut all, more) {
        all.extend(more);
    }
    all
}
