use std::time::Duration;

use keywright_jwt::{JwkSet, JwkSetError};
use reqwest::{Client, Url};

use super::Origin;
use super::client::{self, Fetched, Want};
use super::discovery;
use super::snapshot::{Confirmed, Saved, SnapshotFile};
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
    /// Longer than any such document has reason to be.
    #[error("the document is too large")]
    TooLarge,
    /// The metadata is no metadata.
    #[error("the issuer's metadata is malformed")]
    Metadata,
    /// The metadata names another issuer (RFC 8414 §3.3).
    #[error("the metadata is of another issuer")]
    IssuerMismatch,
    /// The snapshot file could not be written. Keys are current all the same.
    #[error("the snapshot cannot be written")]
    Snapshot,
    /// The service had no access token to follow the feed with.
    #[error("there is no access token for the issuer")]
    NoToken,
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
    snapshot: Option<SnapshotFile>,
    last_good: Option<Confirmed>,
}

impl Fetcher {
    pub fn new(origin: Origin, timeout: Duration) -> Result<Self, FetchError> {
        let client = client::build(&client::parse_url(origin.url())?, timeout)?;
        Ok(Self {
            client,
            origin,
            jwks_url: None,
            etag: None,
            snapshot: None,
            last_good: None,
        })
    }

    /// Saves each good key set to `file`.
    pub fn save_to(&mut self, file: SnapshotFile) {
        self.snapshot = Some(file);
    }

    /// The keys that an earlier run saved.
    pub fn saved(&mut self) -> Option<Saved> {
        let saved = self.snapshot.as_ref()?.load(self.origin.url())?;
        self.last_good = Some(saved.confirmed.clone());
        Some(saved)
    }

    /// Saves the last good keys, and which keys must never count again.
    pub async fn save(&self, revoked: Vec<String>) -> Result<(), FetchError> {
        match (&self.snapshot, &self.last_good) {
            (Some(file), Some(confirmed)) => {
                file.save(self.origin.url(), confirmed.clone(), revoked)
                    .await
            }
            (Some(_), None) | (None, _) => Ok(()),
        }
    }

    /// Fetches once and fills `slot`; says how long its keys are fresh. A failure leaves the slot alone, and makes the
    /// next attempt read the issuer's metadata again: its key set may have moved.
    pub async fn fetch_into(&mut self, slot: &KeySlot, anew: bool) -> Result<Duration, FetchError> {
        let outcome = self
            .try_fetch_into(
                slot,
                Want {
                    anew,
                    ..client::JSON
                },
            )
            .await;
        if outcome.is_err() {
            self.jwks_url = None;
        }
        outcome
    }

    /// The slot was emptied: "unchanged" is no longer an answer.
    pub fn forget(&mut self) {
        self.etag = None;
    }

    async fn try_fetch_into(&mut self, slot: &KeySlot, want: Want) -> Result<Duration, FetchError> {
        let url = self.locate().await?;
        match client::get(&self.client, &url, self.etag.as_deref(), &want).await? {
            Fetched::Unchanged { max_age } => {
                self.confirm(None, max_age);
                Ok(max_age)
            }
            Fetched::New(document) => {
                slot.replace(JwkSet::parse(&document.body)?)?;
                self.etag = document.etag;
                self.confirm(Some(document.body), document.max_age);
                Ok(document.max_age)
            }
        }
    }

    /// Keeps what the snapshot is made of, if there is one: the new document, or the one at hand once more.
    fn confirm(&mut self, new: Option<Vec<u8>>, max_age: Duration) {
        let Some(file) = &self.snapshot else {
            return;
        };
        let body = new.or_else(|| self.last_good.take().map(|last| last.body));
        self.last_good = body.map(|body| file.confirmed_now(body, max_age));
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
