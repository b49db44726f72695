//! HTTP to one server: kept-alive connections, deadlines, no redirects, no proxies.

use std::io::{self, Read};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use rustls::crypto::aws_lc_rs;
use ureq::config::Config;
use ureq::http::{HeaderMap, Method, Request, Uri};
use ureq::tls::{PemItem, RootCerts, TlsConfig, parse_pem};
use ureq::unversioned::resolver::{DefaultResolver, ResolvedSocketAddrs, Resolver};
use ureq::unversioned::transport::{DefaultConnector, NextTimeout};
use ureq::{Agent, Error};
use zeroize::Zeroizing;

use super::error::TransitError;

/// Name, TCP and TLS together.
const CONNECT: Duration = Duration::from_secs(2);
/// One try. With the second, which begins within a second or not at all, a call takes five seconds at most.
const WHOLE: Duration = Duration::from_secs(4);
/// OpenBao closes an idle connection after five minutes.
const IDLE: Duration = Duration::from_secs(60);
/// Connections that are kept. More are opened when more calls are under way.
const KEPT: usize = 16;
const LONGEST_ANSWER: u64 = 1 << 20;
/// Answers with secrets in them are shorter: a buffer that grew would leave copies behind.
const USUAL_ANSWER: usize = 4 << 10;

pub(super) struct Link {
    agent: Agent,
    address: Remembered,
}

pub(super) struct Answer {
    pub status: u16,
    pub body: Zeroizing<Vec<u8>>,
}

impl Link {
    /// `ca` is in PEM; without it the machine's own authorities are believed.
    pub fn new(ca: Option<&[u8]>) -> Result<Self, TransitError> {
        let roots = match ca {
            Some(pem) => authorities(pem)?,
            None => RootCerts::PlatformVerifier,
        };
        let tls = TlsConfig::builder()
            .root_certs(roots)
            .unversioned_rustls_crypto_provider(Arc::new(aws_lc_rs::default_provider()))
            .build();
        let config = Config::builder()
            .tls_config(tls)
            .http_status_as_error(false)
            .max_redirects(0)
            .max_redirects_will_error(false)
            .proxy(None)
            .user_agent(concat!("keywright/", env!("CARGO_PKG_VERSION")))
            .timeout_connect(Some(CONNECT))
            .timeout_global(Some(WHOLE))
            .max_idle_age(IDLE)
            .max_idle_connections(KEPT)
            .max_idle_connections_per_host(KEPT)
            .build();
        let address = Remembered::default();
        let agent = Agent::with_parts(config, DefaultConnector::default(), address.clone());
        Ok(Self { agent, address })
    }

    pub fn send(
        &self,
        method: Method,
        uri: &Uri,
        headers: &HeaderMap,
        body: &[u8],
    ) -> Result<Answer, TransitError> {
        let exchanged = self.exchange(method, uri, headers, body);
        exchanged.map_err(|error| {
            // The server may have moved.
            self.address.forget();
            told(error)
        })
    }

    fn exchange(
        &self,
        method: Method,
        uri: &Uri,
        headers: &HeaderMap,
        body: &[u8],
    ) -> Result<Answer, Error> {
        let mut request = Request::builder().method(method).uri(uri).body(body)?;
        *request.headers_mut() = headers.clone();
        let mut response = self.agent.run(request)?;
        let mut body = Zeroizing::new(Vec::with_capacity(USUAL_ANSWER));
        let reader = response.body_mut().with_config().limit(LONGEST_ANSWER);
        reader.reader().read_to_end(&mut body)?;
        Ok(Answer {
            status: response.status().as_u16(),
            body,
        })
    }
}

fn authorities(pem: &[u8]) -> Result<RootCerts, TransitError> {
    let mut certificates = Vec::new();
    for item in parse_pem(pem) {
        let item = item.map_err(|error| TransitError::Ca(error.to_string()))?;
        if let PemItem::Certificate(certificate) = item {
            certificates.push(certificate);
        }
    }
    match certificates.is_empty() {
        true => Err(TransitError::Ca("there is none in the file".to_owned())),
        false => Ok(certificates.into()),
    }
}

fn told(error: Error) -> TransitError {
    use io::ErrorKind::{BrokenPipe, ConnectionAborted, ConnectionReset, UnexpectedEof};
    let text = error.to_string();
    if let Error::Io(error) = error
        && matches!(
            error.kind(),
            BrokenPipe | ConnectionAborted | ConnectionReset | UnexpectedEof
        )
    {
        return TransitError::Dropped(text);
    }
    TransitError::Unreachable(text)
}

/// Where the server is, until it does not answer there any more: a name is not looked up for each signature.
#[derive(Clone, Debug, Default)]
struct Remembered(Arc<Mutex<Option<ResolvedSocketAddrs>>>);

impl Remembered {
    fn forget(&self) {
        *self.known() = None;
    }

    fn known(&self) -> MutexGuard<'_, Option<ResolvedSocketAddrs>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Resolver for Remembered {
    fn resolve(
        &self,
        uri: &Uri,
        config: &Config,
        timeout: NextTimeout,
    ) -> Result<ResolvedSocketAddrs, Error> {
        if let Some(known) = &*self.known() {
            return Ok(known.clone());
        }
        let found = DefaultResolver::default().resolve(uri, config, timeout)?;
        *self.known() = Some(found.clone());
        Ok(found)
    }
}
