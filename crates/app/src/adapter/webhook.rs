//! The receiver of the webhook: one signed POST for each notice. Whatever it answers is not read; 2xx means that it has it.

use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use keywright_domain::Unavailable;
use keywright_domain::ports::{self, Answer, Message};
use keywright_domain::webhook::{MalformedWebhookSecret, WebhookSecret};
use reqwest::header::CONTENT_TYPE;
use reqwest::redirect::Policy;
use reqwest::{Client, StatusCode, Url};

use crate::causes::with_causes;
use crate::config::{Config, Environment, SecretError};

/// Below the time for which a notice is hidden from other nodes.
const TIMEOUT: Duration = Duration::from_secs(10);

/// Empty until a server fills it; replaced as a whole on reload.
#[derive(Default)]
pub struct Webhook(RwLock<Option<Arc<Receiver>>>);

pub struct Receiver {
    url: Url,
    secret: WebhookSecret,
    client: Client,
}

#[derive(Debug, thiserror::Error)]
pub enum WebhookError {
    #[error("the URL is none")]
    Url,
    #[error("the secret: {0}")]
    Secret(#[from] SecretError),
    #[error("the secret is {0}")]
    Malformed(#[from] MalformedWebhookSecret),
    #[error("no client for it: {0}")]
    Client(#[from] reqwest::Error),
}

impl Webhook {
    pub fn replace(&self, receiver: Option<Receiver>) {
        let receiver = receiver.map(Arc::new);
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = receiver;
    }

    fn receiver(&self) -> Option<Arc<Receiver>> {
        self.0
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }
}

impl Receiver {
    /// `None` if nobody is to be told.
    pub fn from_config(
        config: &Config,
        environment: &Environment,
    ) -> Result<Option<Self>, WebhookError> {
        let webhooks = &config.webhooks;
        let (Some(url), Some(secret)) = (&webhooks.url, &webhooks.secret) else {
            return Ok(None);
        };
        let url = Url::parse(url).map_err(|_| WebhookError::Url)?;
        let secret = WebhookSecret::parse(&secret.read(&config.base, environment)?)?;
        Ok(Some(Self {
            client: client(url.scheme() == "https")?,
            url,
            secret,
        }))
    }

    async fn post(&self, message: &Message<'_>) -> Result<StatusCode, reqwest::Error> {
        let signature = self.secret.sign(&message.id, message.at, message.body);
        let request = self
            .client
            .post(self.url.clone())
            .header(CONTENT_TYPE, "application/json")
            .header("webhook-id", &message.id)
            .header("webhook-timestamp", message.at.secs().to_string())
            .header("webhook-signature", signature)
            .body(message.body.to_owned());
        Ok(request.send().await?.status())
    }
}

fn client(https: bool) -> Result<Client, reqwest::Error> {
    // An error says that another part of the process was first.
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    let mut client = Client::builder()
        .timeout(TIMEOUT)
        // Where it leads to has not been declared by the operator.
        .redirect(Policy::none())
        .user_agent(concat!("keywright/", env!("CARGO_PKG_VERSION")));
    if !https {
        // Loopback without TLS must work on a machine that has no certificate store at all.
        client = client.tls_certs_only([]).no_proxy();
    }
    client.build()
}

impl ports::Webhook for Webhook {
    fn tell<'a>(&'a self, message: &'a Message<'a>) -> Answer<'a, ()> {
        Box::pin(async move {
            let unavailable = |detail: String| Unavailable::new("webhook", detail);
            let Some(receiver) = self.receiver() else {
                return Err(unavailable("no receiver is configured".to_owned()));
            };
            match receiver.post(message).await {
                Ok(status) if status.is_success() => Ok(()),
                Ok(status) => Err(unavailable(format!("the receiver answered {status}"))),
                // The path of such a URL is often a secret.
                Err(error) => Err(unavailable(with_causes(&error.without_url()))),
            }
        })
    }
}
