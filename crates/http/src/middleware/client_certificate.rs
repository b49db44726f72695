//! The certificate of the client's own connection, when a proxy of ours ended it (RFC 9440).

use base64_simd::STANDARD;
use http::{HeaderMap, HeaderName, HeaderValue};
use keywright_domain::client::ClientCertificate;

use super::TrustedProxies;
use crate::server::Peer;

const CLIENT_CERT: HeaderName = HeaderName::from_static("client-cert");

impl TrustedProxies {
    /// Anybody can copy a certificate into a header, so only a proxy that is trusted, and was said to overwrite what its clients send, is
    /// believed. Two of them, or one that cannot be read, prove nothing (RFC 9651 §4.2).
    pub(super) fn certificate(&self, peer: Peer, headers: &HeaderMap) -> Option<ClientCertificate> {
        if !self.tell_certificates || !self.contains(peer.address.ip().to_canonical()) {
            return None;
        }
        let mut fields = headers.get_all(CLIENT_CERT).iter();
        let certificate = match (fields.next(), fields.next()) {
            (None, _) => return None,
            (Some(only), None) => read(only),
            (Some(_), Some(_)) => None,
        };
        if certificate.is_none() {
            tracing::debug!(target: "http.client_certificate.unreadable", proxy = %peer.address.ip());
        }
        certificate
    }
}

/// DER as a byte sequence: base64 between colons (RFC 9651 §3.3.5).
fn read(field: &HeaderValue) -> Option<ClientCertificate> {
    let text = field.to_str().ok()?.trim_matches(' ');
    let encoded = text.strip_prefix(':')?.strip_suffix(':')?;
    let der = STANDARD.decode_to_vec(encoded).ok()?;
    ClientCertificate::from_der(&der).ok()
}

#[cfg(test)]
mod tests {
    use std::net::SocketAddr;

    use super::*;

    const PROXY: &str = "10.0.0.1";

    fn told(tell_certificates: bool, peer: &str, fields: &[&str]) -> bool {
        let proxies = TrustedProxies {
            ranges: vec!["10.0.0.0/8".parse().unwrap()],
            tell_certificates,
            ..TrustedProxies::default()
        };
        let mut headers = HeaderMap::new();
        for field in fields {
            headers.append(CLIENT_CERT, field.parse().unwrap());
        }
        let peer = Peer {
            address: SocketAddr::new(peer.parse().unwrap(), 4000),
            is_tls: false,
        };
        proxies.certificate(peer, &headers).is_some()
    }

    #[test]
    fn one_readable_certificate_of_a_trusted_proxy_is_believed_where_that_is_switched_on() {
        let own = rcgen::generate_simple_self_signed(["shop.example".to_owned()]).unwrap();
        let encoded = STANDARD.encode_to_string(own.cert.der());
        let good = format!(":{encoded}:");
        assert!(told(true, PROXY, &[&good]));
        assert!(told(true, "::ffff:10.0.0.1", &[&good]));
        assert!(!told(false, PROXY, &[&good]), "off");
        assert!(!told(true, "198.51.100.7", &[&good]), "a stranger");
        let doubled = format!("{good}, {good}");
        let unreadable: [&[&str]; 9] = [
            &[],
            &[&good, &good],
            &[&encoded],
            &[&good[1..]],
            &[":AAAA:"],
            &["::"],
            &[":"],
            &[""],
            &[&doubled],
        ];
        for fields in unreadable {
            assert!(!told(true, PROXY, fields), "{fields:?}");
        }
    }
}
