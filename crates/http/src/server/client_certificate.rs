//! Certificates of clients, where the server ends TLS itself (RFC 8705): anybody is asked for one and nobody has to have one.

use std::sync::Arc;

use keywright_domain::client::ClientCertificate;
use rustls::client::danger::HandshakeSignatureValid;
use rustls::crypto::{CryptoProvider, verify_tls12_signature, verify_tls13_signature};
use rustls::server::WebPkiClientVerifier;
use rustls::server::danger::{ClientCertVerified, ClientCertVerifier};
use rustls::{DigitallySignedStruct, DistinguishedName, RootCertStore, SignatureScheme};
use rustls_pki_types::pem::PemObject;
use rustls_pki_types::{CertificateDer, UnixTime};

use super::TlsError;

/// Whether clients are asked for certificates.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AskClients<'a> {
    No,
    /// A certificate stands for its key, whoever made it.
    AnyKey,
    /// One with a chain to these authorities, in PEM, stands for its names too.
    WithRoots(&'a [u8]),
}

/// What is made of a certificate that was shown.
pub(super) struct Judge {
    /// `None`: no authority is trusted.
    chain: Option<Arc<dyn ClientCertVerifier>>,
}

impl AskClients<'_> {
    /// `None`: nobody is asked.
    pub(super) fn judge(self, provider: &Arc<CryptoProvider>) -> Result<Option<Judge>, TlsError> {
        let roots = match self {
            AskClients::No => return Ok(None),
            AskClients::AnyKey => return Ok(Some(Judge { chain: None })),
            AskClients::WithRoots(pem) => roots(pem)?,
        };
        let chain = WebPkiClientVerifier::builder_with_provider(roots.into(), provider.clone())
            .build()
            .map_err(|_| TlsError::ClientRoots)?;
        Ok(Some(Judge { chain: Some(chain) }))
    }
}

fn roots(pem: &[u8]) -> Result<RootCertStore, TlsError> {
    let mut roots = RootCertStore::empty();
    for root in CertificateDer::pem_slice_iter(pem) {
        let root = root.map_err(|_| TlsError::ClientRoots)?;
        roots.add(root).map_err(|_| TlsError::ClientRoots)?;
    }
    Ok(roots)
}

impl Judge {
    /// The handshake proved its key, the one that was resumed if this one resumes another. The chain is looked at each time: it may have ended
    /// since.
    pub fn certificate(
        &self,
        shown: &[CertificateDer<'_>],
        now: Option<UnixTime>,
    ) -> Option<ClientCertificate> {
        let (own, rest) = shown.split_first()?;
        let certificate = ClientCertificate::from_der(own).ok()?;
        let has_chain = self.chain.as_ref().zip(now).is_some_and(|(chain, now)| {
            let verified = chain.verify_client_cert(own, rest, now);
            verified.is_ok()
        });
        Some(if has_chain {
            certificate.with_trusted_chain()
        } else {
            certificate
        })
    }
}

/// Takes every certificate whose key signs the handshake. Refusing one here would keep out clients that register the key of a certificate of
/// their own making, so what it is worth is decided later.
#[derive(Debug)]
pub(super) struct TakeAny(pub Arc<CryptoProvider>);

impl ClientCertVerifier for TakeAny {
    /// No authority is named: a client that has none of them would send nothing (RFC 8446 §4.2.4).
    fn root_hint_subjects(&self) -> &[DistinguishedName] {
        &[]
    }

    fn client_auth_mandatory(&self) -> bool {
        false
    }

    fn verify_client_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: UnixTime,
    ) -> Result<ClientCertVerified, rustls::Error> {
        Ok(ClientCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let algorithms = &self.0.signature_verification_algorithms;
        verify_tls12_signature(message, certificate, signed, algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let algorithms = &self.0.signature_verification_algorithms;
        verify_tls13_signature(message, certificate, signed, algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.signature_verification_algorithms.supported_schemes()
    }
}
