//! What of a certificate matters here (RFC 5280 §4.1): its subject, its alternative names and its key. Whether anybody should believe it is
//! decided elsewhere.

use std::collections::BTreeSet;

use base64_simd::URL_SAFE_NO_PAD;
use keywright_jwt::Jwk;
use serde_json::{Value, json};

use super::der::{
    BIT_STRING, Der, INTEGER, OBJECT_IDENTIFIER, OCTET_STRING, SEQUENCE, SET, dotted,
};
use super::distinguished_name::DistinguishedName;

/// The parts of a certificate, each as it is encoded.
pub(super) struct Certificate<'a> {
    subject: &'a [u8],
    key: &'a [u8],
    names: Option<&'a [u8]>,
}

/// RFC 5280 §4.2.1.6.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum AlternativeName<'a> {
    Email(&'a [u8]),
    Dns(&'a [u8]),
    Uri(&'a [u8]),
    Ip(&'a [u8]),
    Other,
}

impl<'a> Certificate<'a> {
    /// Nothing may stand before or behind it.
    pub fn read(der: &'a [u8]) -> Option<Self> {
        let mut outer = Der(der);
        let mut certificate = Der(outer.take(SEQUENCE)?);
        let mut signed = Der(certificate.take(SEQUENCE)?);
        certificate.take(SEQUENCE)?;
        certificate.take(BIT_STRING)?;
        if !outer.is_empty() || !certificate.is_empty() {
            return None;
        }
        const VERSION: u8 = 0xa0;
        const ISSUER_ID: u8 = 0x81;
        const SUBJECT_ID: u8 = 0x82;
        const EXTENSIONS: u8 = 0xa3;
        signed.take_optional(VERSION)?;
        signed.take(INTEGER)?;
        let [_algorithm, _issuer, _validity, subject, key] =
            [(); 5].map(|()| signed.take(SEQUENCE));
        signed.take_optional(ISSUER_ID)?;
        signed.take_optional(SUBJECT_ID)?;
        let extensions = signed.take_optional(EXTENSIONS)?;
        if !signed.is_empty() {
            return None;
        }
        let names = match extensions {
            Some(extensions) => alternative_names(Der(extensions).take(SEQUENCE)?)?,
            None => None,
        };
        Some(Self {
            subject: subject?,
            key: key?,
            names,
        })
    }

    /// `None` if a value is no text: it could be compared with nothing that anybody writes.
    pub fn subject(&self) -> Option<DistinguishedName> {
        let relative = Der(self.subject).all(SET)?.into_iter().map(|relative| {
            let attributes = Der(relative).all(SEQUENCE)?.into_iter().map(attribute);
            attributes.collect::<Option<BTreeSet<_>>>()
        });
        relative.collect::<Option<Vec<_>>>().map(DistinguishedName)
    }

    pub fn alternative_names(&self) -> Option<Vec<AlternativeName<'a>>> {
        let mut names = Der(Der(self.names?).take(SEQUENCE)?);
        let mut found = Vec::new();
        while !names.is_empty() {
            found.push(match names.next()? {
                (0x81, email) => AlternativeName::Email(email),
                (0x82, dns) => AlternativeName::Dns(dns),
                (0x86, uri) => AlternativeName::Uri(uri),
                (0x87, ip) => AlternativeName::Ip(ip),
                _ => AlternativeName::Other,
            });
        }
        Some(found)
    }

    /// `None` if it is of a kind that no client registers.
    pub fn key(&self) -> Option<Jwk> {
        Jwk::parse(jwk_of(self.key)?.to_string().as_bytes()).ok()
    }
}

/// The extension of that name; there is one of each (RFC 5280 §4.2).
fn alternative_names(extensions: &[u8]) -> Option<Option<&[u8]>> {
    const SUBJECT_ALT_NAME: &[u8] = &[0x55, 0x1d, 0x11];
    const BOOLEAN: u8 = 0x01;
    let mut found = None;
    for extension in Der(extensions).all(SEQUENCE)? {
        let mut extension = Der(extension);
        let name = extension.take(OBJECT_IDENTIFIER)?;
        extension.take_optional(BOOLEAN)?;
        let value = extension.take(OCTET_STRING)?;
        if name == SUBJECT_ALT_NAME && found.replace(value).is_some() {
            return None;
        }
    }
    Some(found)
}

fn attribute(der: &[u8]) -> Option<(String, String)> {
    const UTF8: u8 = 0x0c;
    const PRINTABLE: u8 = 0x13;
    const IA5: u8 = 0x16;
    let mut attribute = Der(der);
    let kind = dotted(attribute.take(OBJECT_IDENTIFIER)?)?;
    let (tag, value) = attribute.next()?;
    let is_text = tag == UTF8 || (matches!(tag, PRINTABLE | IA5) && value.is_ascii());
    let text = std::str::from_utf8(value).ok().filter(|_| is_text)?;
    attribute.is_empty().then(|| (kind, text.to_owned()))
}

/// The key of a certificate (RFC 3279 §2.3, RFC 5480 §2, RFC 8410 §4) as a JWK (RFC 7518 §6, RFC 8037 §2).
fn jwk_of(der: &[u8]) -> Option<Value> {
    let mut key = Der(der);
    let mut algorithm = Der(key.take(SEQUENCE)?);
    // A key is whole bytes.
    let [0, key @ ..] = key.take(BIT_STRING)? else {
        return None;
    };
    let encode = |bytes: &[u8]| URL_SAFE_NO_PAD.encode_to_string(bytes);
    match dotted(algorithm.take(OBJECT_IDENTIFIER)?)?.as_str() {
        "1.2.840.113549.1.1.1" => {
            let mut numbers = Der(Der(key).take(SEQUENCE)?);
            let (n, e) = (numbers.take(INTEGER)?, numbers.take(INTEGER)?);
            Some(json!({ "kty": "RSA", "n": encode(shortest(n)), "e": encode(shortest(e)) }))
        }
        "1.2.840.10045.2.1" => {
            let curve = dotted(algorithm.take(OBJECT_IDENTIFIER)?)?;
            let (crv, size) = match curve.as_str() {
                "1.2.840.10045.3.1.7" => ("P-256", 32),
                "1.3.132.0.34" => ("P-384", 48),
                _ => return None,
            };
            let [4, coordinates @ ..] = key else {
                return None;
            };
            let (x, y) = coordinates.split_at_checked(size)?;
            Some(json!({ "kty": "EC", "crv": crv, "x": encode(x), "y": encode(y) }))
        }
        "1.3.101.112" => Some(json!({ "kty": "OKP", "crv": "Ed25519", "x": encode(key) })),
        _ => None,
    }
}

/// DER puts a zero before a number whose first bit is set; a JWK has none.
fn shortest(integer: &[u8]) -> &[u8] {
    integer.strip_prefix(&[0]).unwrap_or(integer)
}
