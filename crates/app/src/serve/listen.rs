//! The configuration in the terms of the HTTP server.

use std::fs;
use std::net::SocketAddr;
use std::path::Path;

use anyhow::{Context, Result};
use keywright_domain::client::ClientCertificates;
use keywright_domain::secret::PlainSecret;
use keywright_http::metrics::ConnectionMetrics;
use keywright_http::middleware::{ForwardedBy, ProxiesHandle, TrustedProxies};
use keywright_http::server::{AskClients, ServerConfig, ServerLimits, TlsError, TlsHandle};

use crate::config::{CertificateSource, Config, ForwardedHeader};

/// A certificate chain and its key, as their files hold them, and what clients are asked for.
pub struct Pem {
    certificate: Vec<u8>,
    key: PlainSecret,
    asks_clients: bool,
    client_roots: Option<Vec<u8>>,
}

impl Pem {
    fn handle(&self) -> Result<TlsHandle, TlsError> {
        TlsHandle::from_pem(
            &self.certificate,
            self.key.expose().as_bytes(),
            self.clients(),
        )
    }

    pub fn replace_in(&self, tls: &TlsHandle) -> Result<(), TlsError> {
        tls.replace(
            &self.certificate,
            self.key.expose().as_bytes(),
            self.clients(),
        )
    }

    fn clients(&self) -> AskClients<'_> {
        match &self.client_roots {
            Some(roots) if self.asks_clients => AskClients::WithRoots(roots),
            None if self.asks_clients => AskClients::AnyKey,
            Some(_) | None => AskClients::No,
        }
    }
}

pub fn server(config: &Config, metrics: ConnectionMetrics) -> Result<ServerConfig> {
    let tls = pem(config)?.map(|pem| pem.handle());
    Ok(ServerConfig {
        listen: config.listen.address,
        tls: tls.transpose().context("tls")?,
        limits: limits(config),
        proxies: proxies(config).into(),
        metrics,
    })
}

/// Without TLS: for scrapers inside.
pub fn plain(address: SocketAddr, metrics: ConnectionMetrics) -> ServerConfig {
    ServerConfig {
        listen: address,
        tls: None,
        limits: ServerLimits::default(),
        proxies: ProxiesHandle::default(),
        metrics,
    }
}

pub fn proxies(config: &Config) -> TrustedProxies {
    TrustedProxies {
        ranges: config
            .listen
            .trusted_proxies
            .iter()
            .map(|network| network.0)
            .collect(),
        writes: match config.listen.forwarded_by {
            ForwardedHeader::XForwarded => ForwardedBy::XForwarded,
            ForwardedHeader::Forwarded => ForwardedBy::Forwarded,
        },
        certificates: match config.tls.client_certificates {
            // Whatever a header says: the connection itself tells.
            CertificateSource::Off | CertificateSource::Listener => ClientCertificates::Off,
            CertificateSource::Proxy => ClientCertificates::Unverified,
            CertificateSource::ProxyVerified => ClientCertificates::Verified,
        },
    }
}

/// `None`: plain HTTP.
pub fn pem(config: &Config) -> Result<Option<Pem>> {
    let (Some(certificate), Some(key)) = (&config.tls.certificate, &config.tls.key) else {
        return Ok(None);
    };
    let certificate = read("tls.certificate", &config.path(certificate))?;
    let key = String::from_utf8(read("tls.key", &config.path(key))?)
        .map_err(|_| anyhow::anyhow!("tls.key: not PEM"))?;
    let client_roots = config.tls.client_roots.as_ref();
    let client_roots = client_roots.map(|file| read("tls.client_roots", &config.path(file)));
    Ok(Some(Pem {
        certificate,
        key: PlainSecret::new(key),
        asks_clients: config.tls.client_certificates == CertificateSource::Listener,
        client_roots: client_roots.transpose()?,
    }))
}

fn read(key: &'static str, path: &Path) -> Result<Vec<u8>> {
    fs::read(path).with_context(|| format!("{key}: cannot read {}", path.display()))
}

fn limits(config: &Config) -> ServerLimits {
    let listen = &config.listen;
    let most = |number: u32| usize::try_from(number).unwrap_or(usize::MAX);
    ServerLimits {
        connections: most(listen.max_connections),
        connections_per_network: most(listen.max_connections_per_network),
        drain_deadline: listen.drain.to_std(),
        ..ServerLimits::default()
    }
}
