use std::time::Duration;

use keywright_jwt::{JwkSet, JwkSetError};
use reqwest::{Client, Url};

use super::Origin;
use super::client::{self, Fetched};
use super::discovery;
use crate::{KeySetRefused, KeySlot};

/// Why keys could not be fetched.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum FetchError {
    /// The HTTP client could not be built, which means TLS is not usable on this machine.
    #[error("the HTTP client cannot be built")]
    Client,
    /// Not HTTPS, and not plain HTTP to this machine.
    #[error("keys are fetched over HTTPS only")]
    InsecureUrl,
    /// No connection, no answer in time, or an answer that broke off.
    #[error("the issuer cannot be reached")]
    Unreachable,
    /// An answer other than 200 or 304.
    #[error("the issuer answered {0}")]
    Status(u16),
    /// More than 512 KiB.
    #[error("the document is too large")]
    TooLarge,
    /// The metadata is no metadata.
    #[error("the issuer's metadata is malformed")]
    Metadata,
    /// The metadata names another issuer (RFC 8414 §3.3).
    #[error("the metadata is of another issuer")]
    IssuerMismatch,
    /// The document is no key set.
    #[error(transparent)]
    JwkSet(#[from] JwkSetError),
    /// The key set cannot be used.
    #[error(transparent)]
    Keys(#[from] KeySetRefused),
}

/// Gets key sets from one origin and remembers what makes the next request cheaper.
pub(super) struct Fetcher {
    client: Client,
    origin: Origin,
    jwks_url: Option<Url>,
    etag: Option<String>,
}

impl Fetcher {
    pub fn new(origin: Origin, timeout: Duration) -> Result<Self, FetchError> {
        let (Origin::Issuer(url) | Origin::JwkSet(url)) = &origin;
        let client = client::build(&client::parse_url(url)?, timeout)?;
        Ok(Self {
            client,
            origin,
            jwks_url: None,
            etag: None,
        })
    }

    /// Fetches once and fills `slot`; says how long its keys are fresh. A failure leaves the slot alone, and makes the
    /// next attempt read the issuer's metadata again: its key set may have moved.
    pub async fn fetch_into(&mut self, slot: &KeySlot) -> Result<Duration, FetchError> {
        let outcome = self.try_fetch_into(slot).await;
        if outcome.is_err() {
            self.jwks_url = None;
        }
        outcome
    }

    /// The slot was emptied: "unchanged" is no longer an answer.
    pub fn forget(&mut self) {
        self.etag = None;
    }

    async fn try_fetch_into(&mut self, slot: &KeySlot) -> Result<Duration, FetchError> {
        let url = self.locate().await?;
        match client::get(&self.client, &url, self.etag.as_deref()).await? {
            Fetched::Unchanged { max_age } => Ok(max_age),
            Fetched::New(document) => {
                slot.replace(JwkSet::parse(&document.body)?)?;
                self.etag = document.etag;
                Ok(document.max_age)
            }
        }
    }

    async fn locate(&mut self) -> Result<Url, FetchError> {
        if let Some(url) = &self.jwks_url {
            return Ok(url.clone());
        }
        let url = match &self.origin {
            Origin::JwkSet(url) => client::parse_url(url)?,
            Origin::Issuer(issuer) => discovery::find_jwks(&self.client, issuer).await?,
        };
        Ok(self.jwks_url.insert(url).clone())
    }
}
