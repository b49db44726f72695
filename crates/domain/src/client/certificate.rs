//! The certificate that a client's connection showed (RFC 8705), and what it is worth.

use std::fmt;
use std::net::IpAddr;
use std::sync::Arc;

use aws_lc_rs::digest;
use base64_simd::URL_SAFE_NO_PAD;
use keywright_jwt::Jwk;

use super::distinguished_name::DistinguishedName;
use super::x509::{AlternativeName, Certificate};
use crate::client::{AuthMethod, Registration};

/// One certificate, without its chain. That the peer holds its key was proved by the handshake; everything else that it says is worth
/// nothing without an authority that is trusted.
#[derive(Clone, PartialEq, Eq)]
pub struct ClientCertificate {
    der: Arc<[u8]>,
    has_trusted_chain: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("it is no X.509 certificate in DER")]
pub struct MalformedCertificate;

/// What the operator says of the certificates that arrive here.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ClientCertificates {
    /// None do.
    #[default]
    Off,
    /// Nobody looks who issued them: a certificate stands for its key, and its names for nothing.
    Unverified,
    /// Those with a chain to an authority that the operator trusts are marked so, and their names count.
    Verified,
}

/// By what a client is known among the certificates of an authority (RFC 8705 §2.1.2).
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum CertificateSubject<'a> {
    Name(DistinguishedName),
    Dns(&'a str),
    Uri(&'a str),
    Ip(IpAddr),
    Email(&'a str),
}

impl ClientCertificates {
    /// The methods of RFC 8705 §2 that can work.
    pub fn methods(self) -> &'static [AuthMethod] {
        match self {
            ClientCertificates::Off => &[],
            ClientCertificates::Unverified => &[AuthMethod::SelfSignedTlsClientAuth],
            ClientCertificates::Verified => &[
                AuthMethod::TlsClientAuth,
                AuthMethod::SelfSignedTlsClientAuth,
            ],
        }
    }

    pub fn are_taken(self) -> bool {
        self != ClientCertificates::Off
    }
}

impl ClientCertificate {
    pub fn from_der(der: &[u8]) -> Result<Self, MalformedCertificate> {
        match Certificate::read(der) {
            Some(_) => Ok(Self {
                der: der.into(),
                has_trusted_chain: false,
            }),
            None => Err(MalformedCertificate),
        }
    }

    /// The same, which an authority that the operator trusts has issued.
    #[must_use]
    pub fn with_trusted_chain(self) -> Self {
        Self {
            has_trusted_chain: true,
            ..self
        }
    }

    pub fn has_trusted_chain(&self) -> bool {
        self.has_trusted_chain
    }

    pub fn as_der(&self) -> &[u8] {
        &self.der
    }

    /// `x5t#S256`: of the whole certificate (RFC 8705 §3.1).
    pub fn thumbprint(&self) -> String {
        let hash = digest::digest(&digest::SHA256, &self.der);
        URL_SAFE_NO_PAD.encode_to_string(hash.as_ref())
    }

    /// Its public key, if it is of a kind that clients register here.
    pub(super) fn key(&self) -> Option<Jwk> {
        Certificate::read(&self.der)?.key()
    }

    pub(super) fn bears(&self, subject: &CertificateSubject<'_>) -> bool {
        let Some(certificate) = Certificate::read(&self.der) else {
            return false;
        };
        if let CertificateSubject::Name(name) = subject {
            return certificate.subject().as_ref() == Some(name);
        }
        let names = certificate.alternative_names().unwrap_or_default();
        names.into_iter().any(|name| is_named(name, subject))
    }
}

impl fmt::Debug for ClientCertificate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ClientCertificate({})", self.thumbprint())
    }
}

impl Registration {
    /// `None` unless exactly one member says it, and says it well.
    pub(super) fn certificate_subject(&self) -> Option<CertificateSubject<'_>> {
        let said = [
            &self.tls_client_auth_subject_dn,
            &self.tls_client_auth_san_dns,
            &self.tls_client_auth_san_uri,
            &self.tls_client_auth_san_ip,
            &self.tls_client_auth_san_email,
        ];
        match said.map(|member| member.as_deref().filter(|text| !text.is_empty())) {
            [Some(name), None, None, None, None] => name.parse().ok().map(CertificateSubject::Name),
            [None, Some(dns), None, None, None] => Some(CertificateSubject::Dns(dns)),
            [None, None, Some(uri), None, None] => Some(CertificateSubject::Uri(uri)),
            [None, None, None, Some(ip), None] => ip.parse().ok().map(CertificateSubject::Ip),
            [None, None, None, None, Some(email)] => Some(CertificateSubject::Email(email)),
            _ => None,
        }
    }
}

/// A wildcard is not expanded: it would stand for clients that nobody registered.
fn is_named(name: AlternativeName<'_>, subject: &CertificateSubject<'_>) -> bool {
    match (name, subject) {
        (AlternativeName::Dns(own), CertificateSubject::Dns(dns)) => own.eq_ignore_ascii_case(dns),
        (AlternativeName::Uri(own), CertificateSubject::Uri(uri)) => own == *uri,
        (AlternativeName::Email(own), CertificateSubject::Email(email)) => own == *email,
        (AlternativeName::Ip(own), CertificateSubject::Ip(IpAddr::V4(ip))) => own == ip.octets(),
        (AlternativeName::Ip(own), CertificateSubject::Ip(IpAddr::V6(ip))) => own == ip.octets(),
        (
            AlternativeName::Dns(_)
            | AlternativeName::Uri(_)
            | AlternativeName::Email(_)
            | AlternativeName::Ip(_)
            | AlternativeName::Other,
            _,
        ) => false,
    }
}

#[cfg(test)]
#[path = "certificate_tests.rs"]
mod tests;
