//! Clients' own addresses, which strangers may have chosen: documents that are fetched there, and forms that are sent. The network must not be used against
//! its owner (server-side request forgery). HTTPS only, no redirect, no proxy, nothing but public addresses, bounded in size, time
//! and number.

mod address;

use std::error::Error;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use keywright_domain::Unavailable;
use keywright_domain::ports::{Answer, Documents};
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use reqwest::header::CONTENT_TYPE;
use reqwest::redirect::Policy;
use reqwest::{Client, Response, StatusCode, Url};
use tokio::sync::Semaphore;

/// From the first byte sent to the last received.
const TIMEOUT: Duration = Duration::from_secs(5);
/// A key set of a hundred keys with certificates stays below this.
const LONGEST: usize = 256 * 1024;
/// Fetches under way. Those beyond wait, within the same time.
const AT_ONCE: usize = 16;
const FORM: &str = "application/x-www-form-urlencoded";

pub struct PublishedDocuments {
    client: Client,
    reach: Reach,
    room: Arc<Semaphore>,
}

/// Where documents may be fetched from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reach {
    /// Public addresses.
    Public,
    /// The operator's own network as well, and this machine without TLS.
    Private,
}

#[derive(Debug, thiserror::Error)]
enum FetchError {
    #[error("the address is not an https URL")]
    Url,
    #[error("the address is not public")]
    NotPublic,
    #[error("the answer is {0}")]
    Status(StatusCode),
    #[error("the document is longer than {LONGEST} bytes")]
    TooLarge,
    #[error("no answer within {} s", TIMEOUT.as_secs())]
    Timeout,
    #[error(transparent)]
    Http(#[from] reqwest::Error),
}

impl PublishedDocuments {
    pub fn new(reach: Reach) -> Result<Self, reqwest::Error> {
        // An error says that another part of the process was first.
        let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
        let client = Client::builder()
            .redirect(Policy::none())
            // A proxy would look the name up by itself, and may be where the private network begins.
            .no_proxy()
            .dns_resolver(Arc::new(Resolver(reach)))
            .user_agent(concat!("keywright/", env!("CARGO_PKG_VERSION")))
            .build()?;
        Ok(Self {
            client,
            reach,
            room: Arc::new(Semaphore::new(AT_ONCE)),
        })
    }

    async fn get(&self, url: &str) -> Result<Vec<u8>, FetchError> {
        let url = self.reach.allows(url)?;
        self.in_time(async {
            let response = self.client.get(url).send().await?;
            match response.status() {
                StatusCode::OK => read(response).await,
                other => Err(FetchError::Status(other)),
            }
        })
        .await
    }

    /// What is answered beside the status is not read.
    async fn post(&self, url: &str, form: &str) -> Result<(), FetchError> {
        let url = self.reach.allows(url)?;
        self.in_time(async {
            let request = self.client.post(url).header(CONTENT_TYPE, FORM);
            match request.body(form.to_owned()).send().await?.status() {
                taken if taken.is_success() => Ok(()),
                other => Err(FetchError::Status(other)),
            }
        })
        .await
    }

    async fn in_time<T>(
        &self,
        call: impl Future<Output = Result<T, FetchError>>,
    ) -> Result<T, FetchError> {
        let call = async {
            // Closed never: the semaphore lives as long as this.
            let _room = self.room.acquire().await;
            call.await
        };
        tokio::time::timeout(TIMEOUT, call)
            .await
            .unwrap_or(Err(FetchError::Timeout))
    }
}

impl Reach {
    /// What can be told from the URL alone. Names are looked at when they are resolved, so that the address which was checked is
    /// the one that is called.
    fn allows(self, url: &str) -> Result<Url, FetchError> {
        let url = Url::parse(url).map_err(|_| FetchError::Url)?;
        let address = url
            .host_str()
            .map(|host| host.trim_start_matches('[').trim_end_matches(']'))
            .and_then(|host| host.parse::<IpAddr>().ok());
        let is_this_machine =
            url.host_str() == Some("localhost") || address.is_some_and(|ip| ip.is_loopback());
        match (url.scheme(), self) {
            ("https", _) => {}
            ("http", Reach::Private) if is_this_machine => {}
            _ => return Err(FetchError::Url),
        }
        if address.is_some_and(|ip| !self.covers(ip)) {
            return Err(FetchError::NotPublic);
        }
        Ok(url)
    }

    fn covers(self, address: IpAddr) -> bool {
        match self {
            Reach::Public => address::is_public(address),
            Reach::Private => true,
        }
    }
}

async fn read(mut response: Response) -> Result<Vec<u8>, FetchError> {
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await? {
        if body.len() + chunk.len() > LONGEST {
            return Err(FetchError::TooLarge);
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}

struct Resolver(Reach);

impl Resolve for Resolver {
    fn resolve(&self, name: Name) -> Resolving {
        let reach = self.0;
        Box::pin(async move {
            let found = tokio::net::lookup_host((name.as_str(), 0)).await?;
            let allowed: Vec<SocketAddr> = found.filter(|at| reach.covers(at.ip())).collect();
            if allowed.is_empty() {
                let refused = io::Error::other("the name has no public address");
                return Err(Box::new(refused) as Box<dyn Error + Send + Sync>);
            }
            Ok(Box::new(allowed.into_iter()) as Addrs)
        })
    }
}

impl Documents for PublishedDocuments {
    fn fetch<'a>(&'a self, url: &'a str) -> Answer<'a, Vec<u8>> {
        Box::pin(async move {
            let failed = |error: FetchError| {
                Unavailable::new("client document", crate::causes::with_causes(&error))
            };
            self.get(url).await.map_err(failed)
        })
    }

    fn submit<'a>(&'a self, url: &'a str, form: &'a str) -> Answer<'a, ()> {
        Box::pin(async move {
            let failed = |error: FetchError| {
                Unavailable::new("client address", crate::causes::with_causes(&error))
            };
            self.post(url, form).await.map_err(failed)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_https_to_public_addresses_is_called() {
        for (url, public, private) in [
            ("https://app.example/jwks", true, true),
            ("https://8.8.8.8/jwks", true, true),
            ("http://app.example/jwks", false, false),
            ("https://127.0.0.1/jwks", false, true),
            ("https://[::1]/jwks", false, true),
            ("https://10.0.0.1/jwks", false, true),
            ("https://169.254.169.254/latest", false, true),
            ("https://2130706433/jwks", false, true),
            ("https://0x7f.1/jwks", false, true),
            ("http://127.0.0.1:9000/jwks", false, true),
            ("http://localhost:9000/jwks", false, true),
            ("http://10.0.0.1/jwks", false, false),
            ("file:///etc/passwd", false, false),
            ("gopher://app.example/", false, false),
            ("", false, false),
        ] {
            let allowed = |reach: Reach| reach.allows(url).is_ok();
            let allowed = (allowed(Reach::Public), allowed(Reach::Private));
            assert_eq!(allowed, (public, private), "{url}");
        }
    }

    #[tokio::test]
    async fn a_name_that_leads_to_this_machine_is_not_called() {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let documents = PublishedDocuments::new(Reach::Public).unwrap();
        let url = format!("https://localhost:{port}/jwks");
        let failed = documents.fetch(&url).await.unwrap_err();
        assert!(failed.detail.contains("no public address"), "{failed}");
        let failed = documents.submit(&url, "a=b").await.unwrap_err();
        assert!(failed.detail.contains("no public address"), "{failed}");
        let called = tokio::time::timeout(Duration::from_millis(50), listener.accept()).await;
        assert!(called.is_err(), "nobody may have knocked");
    }
}
