//! The issuer as its clients know it: metadata, keys, and the ways to get a token.

use reqwest::Client;
use serde_json::{Value, json};

use crate::CannotRun;
use crate::web::{self, NoReply, Reply};

pub struct Issuer {
    /// Without a slash at its end.
    pub url: String,
    pub metadata: Value,
    /// The members of `keys`, as they stand in the set.
    pub keys: Vec<Value>,
    pub http: Client,
}

/// What a login, a refresh or a grant answers.
#[derive(Clone)]
pub struct Tokens {
    pub access: String,
    pub refresh: String,
}

impl Issuer {
    pub async fn find(url: &str, http: Client) -> Result<Self, CannotRun> {
        let url = web::url(url)?.as_str().trim_end_matches('/').to_owned();
        let metadata = format!("{url}/.well-known/openid-configuration");
        let metadata = document(&http, &metadata).await?;
        let jwks = metadata["jwks_uri"].as_str().unwrap_or_default();
        let set = document(&http, jwks).await?;
        Ok(Self {
            url,
            keys: set["keys"].as_array().cloned().unwrap_or_default(),
            metadata,
            http,
        })
    }

    pub fn at(&self, path: &str) -> String {
        format!("{}{path}", self.url)
    }

    pub async fn post(&self, path: &str, body: &Value) -> Result<Reply, NoReply> {
        let body = body.to_string();
        web::ask(json_request(self.http.post(self.at(path)), body)).await
    }

    pub async fn log_in(&self, login: &Value) -> Result<Reply, NoReply> {
        self.post("/v1/login", login).await
    }

    pub async fn refresh(&self, token: &str) -> Result<Reply, NoReply> {
        self.post("/v1/refresh", &json!({ "refresh_token": token }))
            .await
    }

    pub async fn log_out(&self, access: &str) -> Result<Reply, NoReply> {
        let request = self.http.post(self.at("/v1/logout"));
        web::ask(request.bearer_auth(access)).await
    }

    pub async fn client_credentials(
        &self,
        client: &(String, String),
        more: &[(&str, &str)],
    ) -> Result<Reply, NoReply> {
        let named = self.metadata["token_endpoint"].as_str();
        let endpoint = named.map_or_else(|| self.at("/oauth2/token"), str::to_owned);
        let form: Vec<_> = [("grant_type", "client_credentials")]
            .into_iter()
            .chain(more.iter().copied())
            .collect();
        let request = self.http.post(endpoint);
        web::ask(request.basic_auth(&client.0, Some(&client.1)).form(&form)).await
    }
}

impl Tokens {
    pub fn of(reply: &Reply) -> Option<Self> {
        let body = reply.json();
        let text = |name: &str| body[name].as_str().map(str::to_owned);
        Some(Self {
            access: text("access_token").filter(|_| reply.is_success())?,
            refresh: text("refresh_token").unwrap_or_default(),
        })
    }

    /// The tokens, or why this goes no further.
    pub fn needed(answer: Result<Reply, NoReply>, what: &str) -> Result<Self, CannotRun> {
        let told = web::told(&answer);
        let tokens = answer.ok().as_ref().and_then(Self::of);
        tokens.ok_or_else(|| CannotRun::unreachable(what, told))
    }
}

pub fn json_request(request: reqwest::RequestBuilder, body: String) -> reqwest::RequestBuilder {
    request
        .header("content-type", "application/json")
        .body(body)
}

async fn document(http: &Client, url: &str) -> Result<Value, CannotRun> {
    let answer = web::ask(http.get(web::url(url)?)).await;
    match answer {
        Ok(reply) if reply.is_success() && reply.json().is_object() => Ok(reply.json()),
        other => Err(CannotRun::unreachable(url, web::told(&other))),
    }
}
