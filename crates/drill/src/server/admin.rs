//! The admin API, as an administrator or a service of theirs uses it.

use reqwest::Method;
use serde_json::{Value, json};

use crate::CannotRun;
use crate::issuer::{Issuer, Tokens, json_request};
use crate::web::{self, Reply};

/// Who may create and remove users, clients, roles and APIs.
#[derive(Clone)]
pub enum Admin {
    /// Name and password.
    User(String, String),
    /// Name and secret, with the grant `client_credentials`.
    Client(String, String),
}

impl Admin {
    pub async fn token(&self, issuer: &Issuer) -> Result<String, CannotRun> {
        let answer = match self {
            Self::User(name, password) => {
                let login =
                    json!({ "username": name, "password": password, "audience": issuer.url });
                issuer.log_in(&login).await
            }
            Self::Client(id, secret) => {
                let client = (id.clone(), secret.clone());
                let audience = [("audience", issuer.url.as_str())];
                issuer.client_credentials(&client, &audience).await
            }
        };
        Tokens::needed(answer, "the administrator's login").map(|tokens| tokens.access)
    }
}

/// One request; anything but success is an error.
pub async fn order(
    issuer: &Issuer,
    token: &str,
    (method, path): (Method, &str),
    body: Option<&Value>,
) -> Result<Reply, CannotRun> {
    let what = format!("{method} {path}");
    let mut request = issuer
        .http
        .request(method, issuer.at(path))
        .bearer_auth(token);
    if let Some(body) = body {
        request = json_request(request, body.to_string());
    }
    match web::ask(request).await {
        Ok(reply) if reply.is_success() => Ok(reply),
        other => Err(CannotRun::unreachable(what, web::told(&other))),
    }
}
