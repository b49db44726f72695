//! Somebody who has logged in, and a service that has a secret.

use std::ops::Deref;

use serde_json::{Value, json};

use crate::{Actor, Answer, TestIssuer, seed};

/// One login of one person: calls carry the access token.
#[derive(Clone)]
pub struct Person {
    actor: Actor,
    pub access_token: String,
    pub refresh_token: String,
    pub session_id: String,
    /// The granted scope.
    pub scope: String,
}

/// A confidential client: calls carry its credentials.
#[derive(Clone)]
pub struct Service {
    actor: Actor,
    pub id: String,
    pub secret: String,
}

impl TestIssuer {
    pub fn anonymous(&self) -> Actor {
        Actor::new(self)
    }

    /// Logs a seeded person in.
    pub async fn user(&self, name: &str) -> Person {
        self.log_in(&json!({ "username": name, "password": seed::PASSWORD }))
            .await
    }

    /// Somebody who may do everything at the admin API.
    pub async fn admin(&self) -> Person {
        let login =
            json!({ "username": "root", "password": seed::PASSWORD, "audience": seed::ISSUER });
        self.log_in(&login).await
    }

    /// Somebody whose token is for the admin API and carries these scopes alone.
    pub async fn admin_with(&self, scope: &str) -> Person {
        let login = json!({
            "username": "root", "password": seed::PASSWORD, "audience": seed::ISSUER, "scope": scope,
        });
        self.log_in(&login).await
    }

    pub async fn log_in(&self, login: &Value) -> Person {
        let answer = self.anonymous().post("/v1/login", login).await.is(200);
        Person::of(&self.anonymous(), &answer)
    }

    /// A seeded confidential client.
    pub fn client(&self, id: &str) -> Service {
        let secret = self.client_secret(id);
        Service {
            actor: self.anonymous().with_basic(id, &secret),
            id: id.to_owned(),
            secret,
        }
    }
}

impl Person {
    /// Takes the tokens out of an answer to a login or a refresh.
    #[track_caller]
    pub fn of(actor: &Actor, answer: &Answer) -> Self {
        let access_token = answer.str("/access_token");
        Self {
            actor: actor.bearing(&access_token),
            access_token,
            refresh_token: answer.str("/refresh_token"),
            session_id: answer.str("/session_id"),
            scope: answer.str("/scope"),
        }
    }

    /// Presents the refresh token.
    pub async fn refresh(&self) -> Answer {
        let body = json!({ "refresh_token": self.refresh_token });
        self.actor
            .issuer
            .anonymous()
            .post("/v1/refresh", &body)
            .await
    }

    /// Refreshes, and is the same person with new tokens.
    pub async fn refreshed(&self) -> Self {
        Self::of(&self.actor, &self.refresh().await.is(200))
    }

    pub async fn log_out(&self) -> Answer {
        self.post("/v1/logout", &json!({})).await
    }

    /// Asserts that this login is dead: no refresh, and no call with the access token that is still fresh.
    pub async fn is_out(&self) {
        self.refresh()
            .await
            .is_problem(401, "invalid_refresh_token");
        self.get("/v1/me").await.is_problem(401, "session_over");
    }

    /// Asserts that this login lives; its refresh token is not spent.
    pub async fn is_in(&self) {
        self.get("/v1/me").await.is(200);
    }
}

impl Deref for Person {
    type Target = Actor;

    fn deref(&self) -> &Actor {
        &self.actor
    }
}

impl Deref for Service {
    type Target = Actor;

    fn deref(&self) -> &Actor {
        &self.actor
    }
}
