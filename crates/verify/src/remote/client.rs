use std::time::Duration;

use reqwest::header::{ACCEPT, CACHE_CONTROL, ETAG, HeaderMap, HeaderValue, IF_NONE_MATCH};
use reqwest::{Client, ClientBuilder, StatusCode, Url};

use super::FetchError;

/// What is asked for, and how much of it is read at most.
#[derive(Clone, Copy)]
pub(super) struct Want {
    pub accept: &'static str,
    pub limit: usize,
    /// Asks caches on the way to ask the issuer: what they hold may be older than the news that we heard.
    pub anew: bool,
}

/// Metadata and key sets: 256 keys with certificates stay below this.
pub(super) const JSON: Want = Want {
    accept: "application/json, application/jwk-set+json",
    limit: 512 * 1024,
    anew: false,
};

/// Freshness is honoured within these bounds: neither a busy loop nor keys that outlive a rotation by days.
const MAX_AGE_BOUNDS: (Duration, Duration) =
    (Duration::from_secs(60), Duration::from_secs(24 * 3600));
const DEFAULT_MAX_AGE: Duration = Duration::from_secs(300);

/// What came back.
pub(super) enum Fetched {
    New(Document),
    /// 304: what we have is current, for this long.
    Unchanged {
        max_age: Duration,
    },
}

pub(super) struct Document {
    pub body: Vec<u8>,
    pub etag: Option<String>,
    pub max_age: Duration,
}

pub(super) fn build(url: &Url, timeout: Duration) -> Result<Client, FetchError> {
    let builder = builder(url, timeout).timeout(timeout);
    builder.build().map_err(|_| FetchError::Client)
}

/// For an answer that never ends: only the connection has to be there in time.
pub(super) fn build_for_stream(url: &Url, timeout: Duration) -> Result<Client, FetchError> {
    builder(url, timeout)
        .build()
        .map_err(|_| FetchError::Client)
}

fn builder(url: &Url, connect_timeout: Duration) -> ClientBuilder {
    if rustls::crypto::CryptoProvider::get_default().is_none() {
        // Another thread may have been faster, which is just as well.
        let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    }
    let mut builder = Client::builder()
        // A redirect would let whoever controls one path of the issuer's host choose the keys.
        .redirect(reqwest::redirect::Policy::none())
        .connect_timeout(connect_timeout)
        .user_agent(concat!("keywright-verify/", env!("CARGO_PKG_VERSION")));
    if url.scheme() == "http" {
        // Loopback without TLS must work on a machine that has no certificate store at all.
        builder = builder.tls_certs_only([]).no_proxy();
    }
    builder
}

/// HTTPS, or plain HTTP to this machine: keys that travel in clear can be exchanged on the way.
pub(super) fn parse_url(text: &str) -> Result<Url, FetchError> {
    let url = Url::parse(text).map_err(|_| FetchError::InsecureUrl)?;
    let loopback = matches!(url.host_str(), Some("localhost" | "127.0.0.1" | "[::1]"));
    if url.scheme() == "https" || (url.scheme() == "http" && loopback) {
        Ok(url)
    } else {
        Err(FetchError::InsecureUrl)
    }
}

pub(super) async fn get(
    client: &Client,
    url: &Url,
    etag: Option<&str>,
    want: &Want,
) -> Result<Fetched, FetchError> {
    let mut request = client.get(url.clone()).header(ACCEPT, want.accept);
    if let Some(etag) = etag {
        request = request.header(IF_NONE_MATCH, etag);
    }
    if want.anew {
        request = request.header(CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    }
    let mut response = request.send().await.map_err(|_| FetchError::Unreachable)?;
    let max_age = max_age(response.headers());
    match response.status() {
        StatusCode::OK => {}
        StatusCode::NOT_MODIFIED if etag.is_some() => return Ok(Fetched::Unchanged { max_age }),
        status => return Err(FetchError::Status(status.as_u16())),
    }
    let etag = response
        .headers()
        .get(ETAG)
        .and_then(|value| value.to_str().ok())
        .map(str::to_owned);
    let mut body = Vec::new();
    while let Some(chunk) = response
        .chunk()
        .await
        .map_err(|_| FetchError::Unreachable)?
    {
        if body.len() + chunk.len() > want.limit {
            return Err(FetchError::TooLarge);
        }
        body.extend_from_slice(&chunk);
    }
    Ok(Fetched::New(Document {
        body,
        etag,
        max_age,
    }))
}

fn max_age(headers: &HeaderMap) -> Duration {
    let directives = headers
        .get_all(CACHE_CONTROL)
        .into_iter()
        .filter_map(|value| value.to_str().ok());
    let seconds = directives
        .flat_map(|value| value.split(','))
        .filter_map(|directive| directive.trim().strip_prefix("max-age="))
        .find_map(|seconds| seconds.parse().ok());
    let (least, most) = MAX_AGE_BOUNDS;
    seconds
        .map_or(DEFAULT_MAX_AGE, Duration::from_secs)
        .clamp(least, most)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_travel_encrypted_or_not_at_all() {
        for good in [
            "https://id.example/jwks",
            "http://127.0.0.1:8080/jwks",
            "http://localhost/jwks",
            "http://[::1]:1/",
        ] {
            assert!(parse_url(good).is_ok(), "{good}");
        }
        let bad = [
            "http://id.example/jwks",
            "http://127.0.0.1.evil.example/",
            "http://localhost.evil.example/",
            "ftp://localhost/",
            "file:///etc/passwd",
            "",
            "jwks",
        ];
        for url in bad {
            assert!(parse_url(url).is_err(), "{url}");
        }
    }

    #[test]
    fn freshness_is_read_and_bounded() {
        let cases = [
            ("max-age=600", 600),
            ("public, max-age=900, stale-if-error=86400", 900),
            ("max-age=0", 60),
            ("max-age=99999999", 86_400),
            ("no-store", 300),
            ("max-age=abc", 300),
            ("s-maxage=5", 300),
        ];
        for (value, seconds) in cases {
            let headers = HeaderMap::from_iter([(CACHE_CONTROL, value.parse().unwrap())]);
            assert_eq!(max_age(&headers), Duration::from_secs(seconds), "{value}");
        }
    }
}
