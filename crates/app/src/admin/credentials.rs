//! Who asks, and what the server is asked for in their name.

use keywright_domain::secret::PlainSecret;
use reqwest::header::CONTENT_TYPE;
use reqwest::{Client, RequestBuilder};
use serde_json::json;

use super::call::{escaped, form};

/// What an administrator has.
pub enum Credentials {
    /// A token that somebody got already.
    Token(PlainSecret),
    /// What the server gives tokens for.
    Applicant(Applicant),
}

pub enum Applicant {
    /// A service with `client_credentials`.
    Client { id: String, secret: PlainSecret },
    /// A person, who is logged in for one command.
    Person { name: String, password: PlainSecret },
}

/// What the token shall be good for, and nothing else.
pub struct Wanted<'a> {
    pub audience: &'a str,
    pub scope: &'a str,
}

impl Applicant {
    /// The request for a token at the server `base`.
    pub fn ask(&self, http: &Client, base: &str, wanted: &Wanted<'_>) -> RequestBuilder {
        match self {
            Self::Client { id, secret } => {
                let asked = [
                    ("grant_type", "client_credentials"),
                    ("audience", wanted.audience),
                    ("scope", wanted.scope),
                ];
                let request = http.post(format!("{base}/oauth2/token"));
                // Both encoded before they are joined (RFC 6749 §2.3.1).
                let request = request.basic_auth(escaped(id), Some(escaped(secret.expose())));
                let request = request.header(CONTENT_TYPE, "application/x-www-form-urlencoded");
                request.body(form(&asked))
            }
            Self::Person { name, password } => {
                let asked = json!({
                    "username": name, "password": password.expose(),
                    "audience": wanted.audience, "scope": wanted.scope,
                });
                let request = http.post(format!("{base}/v1/login"));
                let request = request.header(CONTENT_TYPE, "application/json");
                request.body(asked.to_string())
            }
        }
    }
}
