//! The protected resource, and the ways to hand it a token.

use reqwest::header::{AUTHORIZATION, CONTENT_TYPE, HeaderValue};
use reqwest::{Client, Method, Url};

use crate::web::{self, NoReply, Reply};

const FORM: &str = "application/x-www-form-urlencoded";

/// One way of presenting something as a token.
#[derive(Clone, Debug)]
pub enum Presented {
    Nothing,
    /// `Authorization: Bearer …`
    Bearer(Vec<u8>),
    /// The whole value of `Authorization`.
    Authorization(String),
    /// `?access_token=…` (RFC 6750 §2.3).
    Query(String),
}

/// Where a request carries the token.
pub enum Place {
    /// `Authorization` (RFC 6750 §2.1).
    Header,
    /// The form of a client that asks what the token is worth (RFC 7662 §2.1).
    Introspection { id: String, secret: String },
}

pub struct Target {
    pub url: Url,
    pub method: Method,
    pub body: Option<String>,
    pub place: Place,
    pub http: Client,
}

impl Target {
    pub async fn present(&self, presented: &Presented) -> Result<Reply, NoReply> {
        match &self.place {
            Place::Header => self.present_in_header(presented).await,
            Place::Introspection { id, secret } => {
                let form = match presented {
                    Presented::Bearer(token) => format!("token={}", escaped(token)),
                    Presented::Nothing | Presented::Authorization(_) | Presented::Query(_) => {
                        String::new()
                    }
                };
                let request = self.http.request(self.method.clone(), self.url.clone());
                let request = request.basic_auth(id, Some(secret));
                web::ask(request.header(CONTENT_TYPE, FORM).body(form)).await
            }
        }
    }

    async fn present_in_header(&self, presented: &Presented) -> Result<Reply, NoReply> {
        let mut url = self.url.clone();
        let value = match presented {
            Presented::Nothing => None,
            Presented::Bearer(token) => Some([b"Bearer ", &token[..]].concat()),
            Presented::Authorization(value) => Some(value.clone().into_bytes()),
            Presented::Query(token) => {
                url.query_pairs_mut().append_pair("access_token", token);
                None
            }
        };
        let mut request = self.http.request(self.method.clone(), url);
        if let Some(value) = value {
            // What HTTP itself cannot carry reaches no service.
            let Ok(value) = HeaderValue::from_bytes(&value) else {
                return Err(NoReply {
                    timed_out: false,
                    why: "no header can carry it".to_owned(),
                });
            };
            request = request.header(AUTHORIZATION, value);
        }
        if let Some(body) = &self.body {
            request = request
                .header(CONTENT_TYPE, "application/json")
                .body(body.clone());
        }
        web::ask(request).await
    }

    pub async fn bearer(&self, token: &str) -> Result<Reply, NoReply> {
        self.present(&Presented::Bearer(token.as_bytes().to_vec()))
            .await
    }
}

/// Bytes in a form, which need not be UTF-8.
fn escaped(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("%{byte:02X}")).collect()
}
