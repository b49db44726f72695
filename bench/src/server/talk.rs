//! What each connection says for a kind of work, to the floor and to the real server.

use anyhow::{Context, Result, ensure};
use keywright_jwt::decode_unverified;

use super::browser;
use super::load::{self, Conversation};
use super::subject::{Client, Issuer, Kind, Subject};
use super::{Work, floor};

const FORM: &str = "application/x-www-form-urlencoded";
const JSON: &str = "application/json";

/// Bytes that the real server answers, a few more or less.
const DISCOVERY: usize = 3_362;
const STATUS_LIST: usize = 960;

impl Subject {
    /// One conversation for each connection. Tokens that are presented are each of a session of its own.
    pub(super) async fn conversations(
        &self,
        work: Work,
        connections: usize,
    ) -> Result<Vec<Conversation>> {
        let mut talks = Vec::with_capacity(connections);
        for number in 0..connections {
            talks.push(match &self.kind {
                Kind::Floor => self.with_floor(work, number).await?,
                Kind::Keywright(issuer) => self.with_issuer(issuer, work).await?,
            });
        }
        Ok(talks)
    }

    async fn with_floor(&self, work: Work, number: usize) -> Result<Conversation> {
        let same = Conversation::Same;
        let client = floor_client();
        Ok(match work {
            Work::Jwks => same(load::get("/jwks")),
            Work::Discovery => same(load::get(&format!("/static/{DISCOVERY}"))),
            Work::StatusList => same(load::get(&format!("/static/{STATUS_LIST}"))),
            Work::ClientCredentials => same(grant("/token", &client)),
            Work::ClientCredentialsRsa => same(grant("/token-rs256", &client)),
            Work::Unrecorded => same(grant("/unrecorded", &client)),
            Work::Refresh => Conversation::Refresh {
                path: "/refresh",
                token: floor::first_token(number)?,
            },
            Work::Introspection => {
                let token = self.floor_token(number).await?;
                let request = introspection("/introspect", &client, &token);
                self.telling("\"active\":true", request).await?
            }
            Work::UserInfo => {
                let request = bearing("/userinfo", &self.floor_token(number).await?);
                self.telling("\"email\":", request).await?
            }
        })
    }

    async fn with_issuer(&self, issuer: &Issuer, work: Work) -> Result<Conversation> {
        let same = Conversation::Same;
        let service = &issuer.story.client;
        Ok(match work {
            Work::Jwks => same(load::get("/.well-known/jwks.json")),
            Work::Discovery => same(load::get("/.well-known/openid-configuration")),
            Work::StatusList => same(load::get("/status/1")),
            // It records every token.
            Work::ClientCredentials | Work::Unrecorded => same(grant("/oauth2/token", service)),
            Work::ClientCredentialsRsa => {
                let request = grant("/oauth2/token", &issuer.rsa_service);
                self.check_algorithm(&request).await?;
                same(request)
            }
            Work::Refresh => Conversation::Refresh {
                path: "/v1/refresh",
                token: self.log_in(issuer, "refresh_token").await?,
            },
            Work::Introspection => {
                let token = self.log_in(issuer, "access_token").await?;
                let request = introspection("/oauth2/introspect", &issuer.of_people, &token);
                self.telling("\"active\":true", request).await?
            }
            Work::UserInfo => {
                let request = bearing("/oauth2/userinfo", &self.openid_token(issuer).await?);
                self.telling("\"email\":", request).await?
            }
        })
    }

    async fn floor_token(&self, session: usize) -> Result<String> {
        let session = session % floor::SESSIONS;
        let answer = load::once(self.address, &load::get(&format!("/session/{session}"))).await?;
        load::member(&answer, "access_token")
    }

    /// One of the tokens of a new session.
    async fn log_in(&self, issuer: &Issuer, which: &str) -> Result<String> {
        let answer = load::once(self.address, &login(issuer)).await?;
        load::member(&answer, which)
    }

    /// An access token of somebody who logged in at the page, for a client that may know the address.
    async fn openid_token(&self, issuer: &Issuer) -> Result<String> {
        let client = &issuer.of_people;
        let code = browser::code(self.address, &issuer.story.user, &client.client_id).await?;
        let form = browser::form_of(&code);
        let request = load::post("/oauth2/token", FORM, &basic(client), &form);
        load::member(&load::once(self.address, &request).await?, "access_token")
    }

    /// A request, once it has been seen that the answer tells what it should: one that says less costs less.
    async fn telling(&self, what: &str, request: Vec<u8>) -> Result<Conversation> {
        let answer = String::from_utf8(load::once(self.address, &request).await?)?;
        ensure!(answer.contains(what), "no {what} in {answer}");
        Ok(Conversation::Same(request))
    }

    /// While an API's key waits until verifiers know it, its tokens are signed with another, which costs a tenth.
    async fn check_algorithm(&self, request: &[u8]) -> Result<()> {
        let token = load::member(&load::once(self.address, request).await?, "access_token")?;
        let header = decode_unverified(&token)?.header;
        ensure!(header["alg"] == "RS256", "{header}");
        Ok(())
    }

    /// A login by password, again and again, over each connection.
    pub(super) fn logins(&self, connections: usize) -> Result<Vec<Conversation>> {
        let issuer = self.issuer()?;
        let same = || Conversation::Same(login(issuer));
        Ok((0..connections).map(|_| same()).collect())
    }

    pub(super) fn issuer(&self) -> Result<&Issuer> {
        match &self.kind {
            Kind::Floor => None,
            Kind::Keywright(issuer) => Some(issuer.as_ref()),
        }
        .context("the floor has no users")
    }
}

fn login(issuer: &Issuer) -> Vec<u8> {
    let user = &issuer.story.user;
    let body = serde_json::json!({ "username": user.username, "password": user.password });
    load::post("/v1/login", JSON, "", &body.to_string())
}

fn floor_client() -> Client {
    Client {
        client_id: "floor".to_owned(),
        client_secret: floor::SECRET.to_owned(),
    }
}

fn basic(client: &Client) -> String {
    let pair = format!("{}:{}", client.client_id, client.client_secret);
    let credentials = base64_simd::STANDARD.encode_to_string(pair);
    format!("Authorization: Basic {credentials}\r\n")
}

fn grant(path: &str, client: &Client) -> Vec<u8> {
    load::post(path, FORM, &basic(client), "grant_type=client_credentials")
}

fn introspection(path: &str, client: &Client, token: &str) -> Vec<u8> {
    load::post(path, FORM, &basic(client), &format!("token={token}"))
}

fn bearing(path: &str, token: &str) -> Vec<u8> {
    load::get_with(path, &format!("Authorization: Bearer {token}\r\n"))
}
