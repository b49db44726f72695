//! Over the network, with an administrator's token.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use anyhow::{Context as _, Result, anyhow};
use keywright_domain::secret::PlainSecret;
use reqwest::header::CONTENT_TYPE;
use reqwest::{Certificate, Client, RequestBuilder, redirect};
use serde_json::Value;

use super::answer::Answer;
use super::arguments::{Base, Elsewhere};
use super::call::Request;
use super::credentials::{Applicant, Credentials, Wanted};
use crate::causes::with_causes;
use crate::config::Environment;
use crate::failure::{Failure, could_not_run};

const JSON: &str = "application/json";
const CONNECT: Duration = Duration::from_secs(10);
/// The server itself gives up on a request after half of this.
const ANSWER: Duration = Duration::from_secs(60);

pub struct There {
    http: Client,
    base: String,
    credentials: Option<Credentials>,
    /// One for each scope that was needed: no token can do more than the call that it was asked for.
    tokens: BTreeMap<&'static str, PlainSecret>,
}

impl There {
    pub fn new(base: &Base, elsewhere: &Elsewhere, environment: &Environment) -> Result<Self> {
        Ok(Self {
            http: client(base, elsewhere.ca.as_deref())?,
            base: base.to_string(),
            credentials: elsewhere.credentials(environment)?,
            tokens: BTreeMap::new(),
        })
    }

    pub async fn send(&mut self, request: Request) -> Result<Answer, Failure> {
        let token = self.token(request.scope).await?;
        let url = format!("{}{}", self.base, request.target);
        let asked = self
            .http
            .request(request.method, url)
            .bearer_auth(token.expose());
        self.exchange(match request.body {
            Some(body) => asked.header(CONTENT_TYPE, JSON).body(body),
            None => asked,
        })
        .await
    }

    /// What verifiers need: the issuer's name and its key set. It takes no credentials.
    pub async fn published(&self) -> Result<(String, Value), Failure> {
        let keys = self.public("/.well-known/jwks.json").await?;
        Ok((self.issuer().await?, keys))
    }

    /// Ends the sessions that logins opened. Where that fails they end by themselves, unused.
    pub async fn leave(self) {
        if let Some(Credentials::Applicant(Applicant::Person { .. })) = self.credentials {
            for token in self.tokens.values() {
                let url = format!("{}/v1/logout", self.base);
                let _ = self.http.post(url).bearer_auth(token.expose()).send().await;
            }
        }
    }

    async fn token(&mut self, scope: &'static str) -> Result<PlainSecret, Failure> {
        if let Some(token) = self.tokens.get(scope) {
            return Ok(token.clone());
        }
        let token = self.new_token(scope).await?;
        self.tokens.insert(scope, token.clone());
        Ok(token)
    }

    async fn new_token(&self, scope: &'static str) -> Result<PlainSecret, Failure> {
        let applicant = match &self.credentials {
            Some(Credentials::Token(token)) => return Ok(token.clone()),
            Some(Credentials::Applicant(applicant)) => applicant,
            None => {
                let ask = "asks who you are: give --client-id, --token or --login";
                return Err(could_not_run(anyhow!("{} {ask}", self.base)));
            }
        };
        let audience = &self.issuer().await?;
        let request = applicant.ask(&self.http, &self.base, &Wanted { audience, scope });
        let tokens = self.exchange(request).await?.into_document();
        let tokens = tokens.map_err(|refusal| {
            if refusal.code == "invalid_scope" {
                Failure::Refused(anyhow!("this requires the scope {scope}: {refusal}"))
            } else {
                could_not_run(refusal)
            }
        })?;
        let token = tokens["access_token"].as_str().map(PlainSecret::new);
        let token = token.context("the server's answer has no access token");
        token.map_err(could_not_run)
    }

    /// The audience of the issuer's own API, which an address inside a network does not tell.
    async fn issuer(&self) -> Result<String, Failure> {
        let metadata = self.public("/.well-known/openid-configuration").await?;
        let issuer = metadata["issuer"]
            .as_str()
            .context("the metadata names no issuer");
        Ok(issuer.map_err(could_not_run)?.to_owned())
    }

    async fn public(&self, path: &str) -> Result<Value, Failure> {
        let request = self.http.get(format!("{}{path}", self.base));
        let document = self.exchange(request).await?.into_document();
        document.map_err(could_not_run)
    }

    async fn exchange(&self, request: RequestBuilder) -> Result<Answer, Failure> {
        let unreachable = |error: reqwest::Error| {
            let why = with_causes(&error.without_url());
            could_not_run(anyhow!("cannot reach {}: {why}", self.base))
        };
        let response = request.send().await.map_err(unreachable)?;
        let request_id = response.headers().get("x-request-id");
        Ok(Answer {
            status: response.status().as_u16(),
            request_id: request_id.and_then(|id| Some(id.to_str().ok()?.to_owned())),
            body: response.bytes().await.map_err(unreachable)?.into(),
        })
    }
}

fn client(base: &Base, ca: Option<&Path>) -> Result<Client> {
    // An error says that somebody was faster, which is just as well.
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    let builder = Client::builder()
        // A redirect would take the credentials to wherever it points.
        .redirect(redirect::Policy::none())
        .connect_timeout(CONNECT)
        .timeout(ANSWER)
        .user_agent(concat!("keywright/", env!("CARGO_PKG_VERSION")));
    let builder = if base.is_plain() {
        // Loopback without TLS must work on a machine that has no certificate store, and never through a proxy.
        builder.tls_certs_only([]).no_proxy()
    } else if let Some(file) = ca {
        builder.tls_certs_only(certificates(file)?)
    } else {
        builder
    };
    builder
        .build()
        .context("TLS cannot be used on this machine")
}

fn certificates(file: &Path) -> Result<Vec<Certificate>> {
    let pem = std::fs::read(file).with_context(|| format!("cannot read {}", file.display()))?;
    let certificates = Certificate::from_pem_bundle(&pem)
        .ok()
        .filter(|all| !all.is_empty());
    certificates.with_context(|| format!("{} holds no certificates in PEM", file.display()))
}
