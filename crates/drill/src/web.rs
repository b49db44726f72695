//! The HTTP client of the drill, and what it keeps of an answer.

use std::time::Duration;

use reqwest::header::{HeaderMap, RETRY_AFTER, WWW_AUTHENTICATE};
use reqwest::{Certificate, Client, RequestBuilder, Url, redirect};
use serde_json::Value;

use crate::CannotRun;

/// More than any answer here has reason to be.
const LONGEST_BODY: usize = 4 * 1024 * 1024;
/// What of a strange answer is shown.
const SHOWN: usize = 160;

/// Follows no redirect: where an answer leads is not what is judged. `ca` is trusted instead of what the machine trusts; PEM.
pub fn client(patience: Duration, ca: Option<&[u8]>) -> Result<Client, CannotRun> {
    if rustls::crypto::CryptoProvider::get_default().is_none() {
        // Another thread may have been faster, which is just as well.
        let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    }
    let no_client = |error| CannotRun::Unusable(format!("no HTTP client: {error}"));
    let mut client = Client::builder()
        .redirect(redirect::Policy::none())
        .timeout(patience)
        .user_agent(concat!("keywright-drill/", env!("CARGO_PKG_VERSION")));
    if let Some(pem) = ca {
        let trusted = Certificate::from_pem_bundle(pem).map_err(no_client)?;
        client = client.tls_certs_only(trusted);
    }
    client.build().map_err(no_client)
}

pub fn url(text: &str) -> Result<Url, CannotRun> {
    let url = Url::parse(text).map_err(|error| CannotRun::Unusable(format!("{text}: {error}")))?;
    match url.scheme() {
        "http" | "https" if url.host().is_some() => Ok(url),
        _ => Err(CannotRun::Unusable(format!("{text} is no HTTP URL"))),
    }
}

/// Whether only this machine can mean it.
pub fn is_loopback(url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default();
    let host = host.trim_start_matches('[').trim_end_matches(']');
    let address = host.parse::<std::net::IpAddr>();
    host == "localhost" || address.is_ok_and(|address| address.is_loopback())
}

/// An answer that came.
#[derive(Clone, Debug)]
pub struct Reply {
    pub status: u16,
    pub headers: HeaderMap,
    pub body: Vec<u8>,
}

/// No answer came: the connection was refused or cut, or patience ran out.
#[derive(Clone, Debug)]
pub struct NoReply {
    pub timed_out: bool,
    pub why: String,
}

pub async fn ask(request: RequestBuilder) -> Result<Reply, NoReply> {
    let no_reply = |error: reqwest::Error| NoReply {
        timed_out: error.is_timeout(),
        why: innermost(&error),
    };
    let mut answer = request.send().await.map_err(no_reply)?;
    let (status, headers) = (answer.status().as_u16(), answer.headers().clone());
    let mut body = Vec::new();
    while let Some(chunk) = answer.chunk().await.map_err(no_reply)? {
        body.extend_from_slice(&chunk);
        if body.len() > LONGEST_BODY {
            break;
        }
    }
    Ok(Reply {
        status,
        headers,
        body,
    })
}

impl Reply {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }

    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or(Value::Null)
    }

    pub fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }

    /// The `code` of a problem document, or the `error` of OAuth.
    pub fn code(&self) -> String {
        let body = self.json();
        let code = body["code"].as_str().or_else(|| body["error"].as_str());
        code.unwrap_or_default().to_owned()
    }

    /// One line about it, without anything that could be a credential.
    pub fn told(&self) -> String {
        let challenge = self.header(WWW_AUTHENTICATE.as_str());
        let wait = self.header(RETRY_AFTER.as_str());
        let code = self.code();
        let mut told = self.status.to_string();
        if !code.is_empty() {
            told.push_str(&format!(" {code}"));
        }
        told.extend(challenge.map(|challenge| format!(", WWW-Authenticate: {challenge}")));
        told.extend(wait.map(|wait| format!(", Retry-After: {wait}")));
        told.chars().take(SHOWN).collect()
    }
}

impl NoReply {
    pub fn told(&self) -> String {
        format!("no answer: {}", self.why)
    }
}

pub fn told(answer: &Result<Reply, NoReply>) -> String {
    match answer {
        Ok(reply) => reply.told(),
        Err(silence) => silence.told(),
    }
}

/// The outer layers only say that sending a request failed.
fn innermost(error: &dyn std::error::Error) -> String {
    let mut cause = error;
    while let Some(next) = cause.source() {
        cause = next;
    }
    cause.to_string()
}
