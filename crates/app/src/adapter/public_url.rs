//! The key set through the issuer's public URL: whatever proxies and caches stand before this node are asked as well.

use std::time::Duration;

use keywright_domain::ports::{Answer, Probe};
use keywright_domain::{IssuerUrl, Unavailable};
use reqwest::redirect::Policy;
use reqwest::{Client, Response};

const TIMEOUT: Duration = Duration::from_secs(5);
/// A key set of hundreds of keys stays below this.
const LONGEST: usize = 256 * 1024;

pub struct PublicUrl {
    key_set: String,
    client: Client,
}

impl PublicUrl {
    pub fn of(issuer: &IssuerUrl) -> Result<Self, reqwest::Error> {
        // An error says that another part of the process was first.
        let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
        let mut client = Client::builder()
            .timeout(TIMEOUT)
            // Verifiers follow none either.
            .redirect(Policy::none())
            .user_agent(concat!("keywright/", env!("CARGO_PKG_VERSION")));
        if !issuer.is_https() {
            // Loopback without TLS must work on a machine that has no certificate store at all.
            client = client.tls_certs_only([]).no_proxy();
        }
        Ok(Self {
            key_set: issuer.join("/.well-known/jwks.json"),
            client: client.build()?,
        })
    }

    async fn fetch(&self) -> Result<Vec<u8>, reqwest::Error> {
        let response = self.client.get(&self.key_set).send().await?;
        read(response.error_for_status()?).await
    }
}

async fn read(mut response: Response) -> Result<Vec<u8>, reqwest::Error> {
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await? {
        body.extend_from_slice(&chunk);
        if body.len() > LONGEST {
            // What is cut is no JSON, and is refused as such.
            break;
        }
    }
    Ok(body)
}

impl Probe for PublicUrl {
    fn key_set(&self) -> Answer<'_, Vec<u8>> {
        Box::pin(async move {
            let failed = |error: reqwest::Error| {
                Unavailable::new("public URL", crate::causes::with_causes(&error))
            };
            self.fetch().await.map_err(failed)
        })
    }
}

#[cfg(test)]
mod tests;
