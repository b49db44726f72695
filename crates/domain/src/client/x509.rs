//! What of a certificate matters here (RFC 5280 §4.1): its subject, its alternative names and its key. Whether anybody should believe it is
//! decided elsewhere.

use std::collections::BTreeSet;

use base64_simd::URL_SAFE_NO_PAD;
use keywright_jwt::Jwk;
use serde_json::{Value, json};
use x509_parser::certificate::X509Certificate;
use x509_parser::extensions::GeneralName;
use x509_parser::prelude::FromDer;
use x509_parser::public_key::PublicKey;
use x509_parser::x509::SubjectPublicKeyInfo;

use super::distinguished_name::DistinguishedName;

pub(super) struct Certificate<'a>(X509Certificate<'a>);

/// RFC 5280 §4.2.1.6.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum AlternativeName<'a> {
    Email(&'a str),
    Dns(&'a str),
    Uri(&'a str),
    Ip(&'a [u8]),
    Other,
}

impl<'a> Certificate<'a> {
    /// Nothing may stand before or behind it.
    pub fn read(der: &'a [u8]) -> Option<Self> {
        match X509Certificate::from_der(der) {
            Ok(([], certificate)) => Some(Self(certificate)),
            Ok(_) | Err(_) => None,
        }
    }

    /// `None` if a value is no text: it could be compared with nothing that anybody writes.
    pub fn subject(&self) -> Option<DistinguishedName> {
        let relative = self.0.subject().iter_rdn().map(|relative| {
            let attributes = relative.iter().map(|attribute| {
                let kind = attribute.attr_type().to_id_string();
                Some((kind, attribute.as_str().ok()?.to_owned()))
            });
            attributes.collect::<Option<BTreeSet<_>>>()
        });
        relative.collect::<Option<Vec<_>>>().map(DistinguishedName)
    }

    /// `None` if it has none, or the extension is there twice (RFC 5280 §4.2).
    pub fn alternative_names(&self) -> Option<Vec<AlternativeName<'_>>> {
        let extension = self.0.subject_alternative_name().ok()??;
        let names = extension.value.general_names.iter().map(|name| match name {
            GeneralName::RFC822Name(email) => AlternativeName::Email(email),
            GeneralName::DNSName(dns) => AlternativeName::Dns(dns),
            GeneralName::URI(uri) => AlternativeName::Uri(uri),
            GeneralName::IPAddress(ip) => AlternativeName::Ip(ip),
            GeneralName::OtherName(..)
            | GeneralName::X400Address(_)
            | GeneralName::DirectoryName(_)
            | GeneralName::EDIPartyName(_)
            | GeneralName::RegisteredID(_)
            | GeneralName::Invalid(..) => AlternativeName::Other,
        });
        Some(names.collect())
    }

    /// `None` if it is of a kind that no client registers.
    pub fn key(&self) -> Option<Jwk> {
        Jwk::parse(jwk_of(self.0.public_key())?.to_string().as_bytes()).ok()
    }
}

/// The key of a certificate (RFC 3279 §2.3, RFC 5480 §2, RFC 8410 §4) as a JWK (RFC 7518 §6, RFC 8037 §2).
fn jwk_of(key: &SubjectPublicKeyInfo<'_>) -> Option<Value> {
    const ED25519: &str = "1.3.101.112";
    let encode = |bytes: &[u8]| URL_SAFE_NO_PAD.encode_to_string(bytes);
    match key.parsed().ok()? {
        PublicKey::RSA(rsa) => {
            let (n, e) = (shortest(rsa.modulus), shortest(rsa.exponent));
            Some(json!({ "kty": "RSA", "n": encode(n), "e": encode(e) }))
        }
        PublicKey::EC(point) => {
            let curve = key.algorithm.parameters.as_ref()?.as_oid().ok()?;
            let (crv, size) = match curve.to_id_string().as_str() {
                "1.2.840.10045.3.1.7" => ("P-256", 32),
                "1.3.132.0.34" => ("P-384", 48),
                _ => return None,
            };
            let [4, coordinates @ ..] = point.data() else {
                return None;
            };
            let (x, y) = coordinates.split_at_checked(size)?;
            Some(json!({ "kty": "EC", "crv": crv, "x": encode(x), "y": encode(y) }))
        }
        PublicKey::Unknown(bytes) if key.algorithm.algorithm.to_id_string() == ED25519 => {
            Some(json!({ "kty": "OKP", "crv": "Ed25519", "x": encode(bytes) }))
        }
        PublicKey::Unknown(_)
        | PublicKey::DSA(_)
        | PublicKey::GostR3410(_)
        | PublicKey::GostR3410_2012(_) => None,
    }
}

/// DER puts a zero before a number whose first bit is set; a JWK has none.
fn shortest(integer: &[u8]) -> &[u8] {
    integer.strip_prefix(&[0]).unwrap_or(integer)
}
