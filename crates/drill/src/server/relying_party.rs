//! A confidential client of the drill's own. The drill's user logs in to it by way of the pages, so that its tokens have the scope `openid`;
//! and it may ask what tokens are worth.

use std::collections::BTreeMap;

use reqwest::header::{COOKIE, LOCATION, SET_COOKIE};
use reqwest::{Method, RequestBuilder, Url};
use serde_json::json;

use super::range::{Range, relying_party};
use crate::CannotRun;
use crate::web::{self, Reply};

/// Nobody is there: the drill reads the code before a browser would follow.
const REDIRECT_URI: &str = "https://drill.invalid/callback";
/// RFC 7636 appendix B. Nobody can come between: the code never leaves this process.
const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
/// From the request to the login page, and from there to the client.
const MOST_REDIRECTS: usize = 5;

pub struct RelyingParty<'r> {
    range: &'r Range,
    id: String,
    secret: String,
    /// Of the browser, in which somebody is logged in after the first time.
    cookies: BTreeMap<String, String>,
}

/// What came of a login by way of the pages.
pub struct OpenIdTokens {
    pub access: String,
    pub id_token: String,
}

impl<'r> RelyingParty<'r> {
    pub async fn register(range: &'r Range) -> Result<Self, CannotRun> {
        let (id, own) = (relying_party(&range.name), &range.issuer.url);
        let client = json!({
            "client_id": id, "name": "keywright drill", "kind": "confidential", "grants": ["authorization_code"],
            "allowed": { own: "users:read" }, "default_audience": own,
            "registration": {
                "redirect_uris": [REDIRECT_URI], "openid_scope": "openid", "first_party": true,
                "id_token_signed_response_alg": range.algorithm(),
            },
        });
        let created = range.admin(Method::POST, "/admin/v1/clients", &client);
        let created = created.await?.json();
        Ok(Self {
            range,
            id,
            secret: created["client_secret"]
                .as_str()
                .unwrap_or_default()
                .to_owned(),
            cookies: BTreeMap::new(),
        })
    }

    pub async fn remove(self) -> Result<(), CannotRun> {
        let path = format!("/admin/v1/clients/{}", self.id);
        self.range.remove(&path).await.map(|_| ())
    }

    /// Its name and secret.
    pub fn credentials(&self) -> (String, String) {
        (self.id.clone(), self.secret.clone())
    }

    pub async fn log_in(&mut self) -> Result<OpenIdTokens, CannotRun> {
        let code = self.code().await?;
        let issuer = &self.range.issuer;
        let request = issuer.http.post(issuer.at("/oauth2/token"));
        let request = request.basic_auth(&self.id, Some(&self.secret)).form(&[
            ("grant_type", "authorization_code"),
            ("code", code.as_str()),
            ("redirect_uri", REDIRECT_URI),
            ("code_verifier", VERIFIER),
        ]);
        let answer = web::ask(request).await;
        let body = answer.as_ref().map(Reply::json).unwrap_or_default();
        match (body["access_token"].as_str(), body["id_token"].as_str()) {
            (Some(access), Some(id_token)) => Ok(OpenIdTokens {
                access: access.to_owned(),
                id_token: id_token.to_owned(),
            }),
            _ => Err(CannotRun::unreachable("a code", web::told(&answer))),
        }
    }

    async fn code(&mut self) -> Result<String, CannotRun> {
        let issuer = &self.range.issuer;
        let asked = issuer.http.get(issuer.at("/oauth2/authorize")).query(&[
            ("client_id", self.id.as_str()),
            ("redirect_uri", REDIRECT_URI),
            ("response_type", "code"),
            ("scope", "openid"),
            ("code_challenge", CHALLENGE),
            ("code_challenge_method", "S256"),
        ]);
        let mut reply = self.visit(asked).await?;
        if let Some(csrf) = attribute(&reply, "name=\"csrf\" value=\"") {
            let ticket = attribute(&reply, "name=\"ticket\" value=\"").unwrap_or_default();
            let typed = issuer.http.post(issuer.at("/login")).form(&[
                ("csrf", csrf.as_str()),
                ("ticket", &ticket),
                ("username", &self.range.name),
                ("password", &self.range.password),
            ]);
            reply = self
                .visit(typed.header("sec-fetch-site", "same-origin"))
                .await?;
        }
        let arrived = reply
            .header(LOCATION.as_str())
            .and_then(|to| Url::parse(to).ok());
        let code = arrived.as_ref().and_then(|url| {
            let mut pairs = url.query_pairs();
            pairs
                .find(|(name, _)| name == "code")
                .map(|(_, code)| code.into_owned())
        });
        code.ok_or_else(|| CannotRun::unreachable("a login by way of the pages", reply.told()))
    }

    /// As a browser: with the cookies, and on to where an answer leads on this server.
    async fn visit(&mut self, request: RequestBuilder) -> Result<Reply, CannotRun> {
        let issuer = &self.range.issuer;
        let own = web::url(&issuer.url)?;
        let mut request = request;
        for _ in 0..MOST_REDIRECTS {
            let pairs: Vec<_> = self
                .cookies
                .iter()
                .map(|(name, value)| format!("{name}={value}"))
                .collect();
            let answer = web::ask(request.header(COOKIE, pairs.join("; "))).await;
            let reply = answer
                .map_err(|silence| CannotRun::unreachable("the login page", silence.told()))?;
            self.keep_cookies(&reply);
            let next = reply
                .header(LOCATION.as_str())
                .and_then(|to| own.join(to).ok());
            match next {
                Some(next) if next.origin() == own.origin() => request = issuer.http.get(next),
                Some(_) | None => return Ok(reply),
            }
        }
        Err(CannotRun::unreachable(
            "the login page",
            "it goes round in circles",
        ))
    }

    fn keep_cookies(&mut self, reply: &Reply) {
        for value in reply.headers.get_all(SET_COOKIE) {
            let text = value.to_str().unwrap_or_default();
            let pair = text.split(';').next().and_then(|pair| pair.split_once('='));
            if let Some((name, value)) = pair {
                self.cookies.insert(name.to_owned(), value.to_owned());
            }
        }
    }
}

/// What stands behind `start` in a page, up to the next quote.
fn attribute(reply: &Reply, start: &str) -> Option<String> {
    let page = String::from_utf8_lossy(&reply.body);
    let (_, rest) = page.split_once(start)?;
    rest.split_once('"').map(|(value, _)| value.to_owned())
}
