//! The certificate and key that the server shows, and what it makes of those of clients; replaceable while it runs.

use std::fmt;
use std::sync::{Arc, PoisonError, RwLock};

use keywright_domain::client::ClientCertificate;
use rustls::CipherSuite;
use rustls::crypto::{CryptoProvider, aws_lc_rs};
use rustls::version::{TLS12, TLS13};
use rustls_pki_types::pem::{self, PemObject};
use rustls_pki_types::{CertificateDer, PrivateKeyDer};

use super::client_certificate::{AskClients, Judge, TakeAny};

const RECOMMENDED: [CipherSuite; 4] = [
    CipherSuite::TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256,
    CipherSuite::TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384,
    CipherSuite::TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256,
    CipherSuite::TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384,
];

/// TLS for a server: 1.2 and 1.3, HTTP/2 and HTTP/1.1 by ALPN. Clones share what [`TlsHandle::replace`] puts in.
#[derive(Clone)]
pub struct TlsHandle(Arc<RwLock<Arc<Tls>>>);

/// One state of it.
pub(super) struct Tls {
    config: Arc<rustls::ServerConfig>,
    /// `None`: clients are not asked for certificates.
    clients: Option<Judge>,
}

/// Why a certificate and a key cannot be used. Says nothing of what is in the key.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    #[error("the certificate is not PEM: {0}")]
    MalformedCertificate(pem::Error),
    #[error(
        "there is no certificate in it: expected a block that begins with `-----BEGIN CERTIFICATE-----`"
    )]
    NoCertificate,
    #[error("the private key is not PEM")]
    MalformedKey,
    #[error("there is no private key in it: expected PKCS#8, PKCS#1 or SEC1 in PEM, not encrypted")]
    NoKey,
    #[error(
        "the private key does not belong to the certificate (the first one is the server's own)"
    )]
    KeyMismatch,
    #[error("the certificate or its key cannot be used: {0}")]
    Unusable(rustls::Error),
    #[error("the authorities of clients are not one or more certificates in PEM")]
    ClientRoots,
}

impl TlsHandle {
    /// `certificates` is the chain, the server's own first; `key` its private key; both PEM.
    pub fn from_pem(
        certificates: &[u8],
        key: &[u8],
        clients: AskClients<'_>,
    ) -> Result<Self, TlsError> {
        let tls = Tls::new(certificates, key, clients)?;
        Ok(Self(Arc::new(RwLock::new(Arc::new(tls)))))
    }

    /// New connections get the new pair; open ones keep theirs. What cannot be used changes nothing.
    pub fn replace(
        &self,
        certificates: &[u8],
        key: &[u8],
        clients: AskClients<'_>,
    ) -> Result<(), TlsError> {
        let tls = Arc::new(Tls::new(certificates, key, clients)?);
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = tls;
        Ok(())
    }

    pub(super) fn current(&self) -> Arc<Tls> {
        self.0
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }
}

impl fmt::Debug for TlsHandle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TlsHandle")
    }
}

impl Tls {
    fn new(certificates: &[u8], key: &[u8], clients: AskClients<'_>) -> Result<Self, TlsError> {
        let provider = Arc::new(provider());
        let clients = clients.judge(&provider)?;
        let config = server_config(certificates, key, provider, clients.is_some())?;
        Ok(Self {
            config: Arc::new(config),
            clients,
        })
    }

    pub fn config(&self) -> Arc<rustls::ServerConfig> {
        self.config.clone()
    }

    /// What the other end of a connection under this configuration showed.
    pub fn certificate(&self, connection: &rustls::ServerConnection) -> Option<ClientCertificate> {
        let shown = connection.peer_certificates()?;
        let now = self.config.time_provider.current_time();
        self.clients.as_ref()?.certificate(shown, now)
    }
}

/// The cryptography of connections: of TLS 1.2, the four suites of RFC 9325 §4.2, to which FAPI 2.0 §5.2.1 holds servers too.
fn provider() -> CryptoProvider {
    let mut provider = aws_lc_rs::default_provider();
    provider
        .cipher_suites
        .retain(|suite| suite.version() == &TLS13 || RECOMMENDED.contains(&suite.suite()));
    provider
}

fn server_config(
    certificates: &[u8],
    key: &[u8],
    provider: Arc<CryptoProvider>,
    asks_clients: bool,
) -> Result<rustls::ServerConfig, TlsError> {
    let chain = CertificateDer::pem_slice_iter(certificates)
        .collect::<Result<Vec<_>, _>>()
        .map_err(TlsError::MalformedCertificate)?;
    if chain.is_empty() {
        return Err(TlsError::NoCertificate);
    }
    // Details of a decoding error may quote the key.
    let key = PrivateKeyDer::from_pem_slice(key).map_err(|error| {
        if matches!(error, pem::Error::NoItemsFound) {
            TlsError::NoKey
        } else {
            TlsError::MalformedKey
        }
    })?;
    let builder = rustls::ServerConfig::builder_with_provider(provider.clone())
        .with_protocol_versions(&[&TLS13, &TLS12])
        .map_err(TlsError::Unusable)?;
    let builder = if asks_clients {
        builder.with_client_cert_verifier(Arc::new(TakeAny(provider)))
    } else {
        builder.with_no_client_auth()
    };
    let mut config = builder.with_single_cert(chain, key).map_err(unusable)?;
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    // Stateless tickets under keys that rotate by themselves: resumption saves a signature, and needs no memory per client.
    // A replaced certificate starts with new ticket keys, so nobody resumes past it.
    config.ticketer = aws_lc_rs::Ticketer::new().map_err(TlsError::Unusable)?;
    Ok(config)
}

fn unusable(error: rustls::Error) -> TlsError {
    if matches!(
        error,
        rustls::Error::InconsistentKeys(rustls::InconsistentKeys::KeyMismatch)
    ) {
        TlsError::KeyMismatch
    } else {
        TlsError::Unusable(error)
    }
}

#[cfg(test)]
#[path = "tls_tests.rs"]
mod tests;
