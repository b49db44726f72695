//! The certificate of the client's own connection, whether it ended here or at a proxy of ours (RFC 9440).

use base64_simd::STANDARD;
use http::{HeaderMap, HeaderName, HeaderValue};
use keywright_domain::client::{ClientCertificate, ClientCertificates};

use super::TrustedProxies;
use crate::server::Peer;

const CLIENT_CERT: HeaderName = HeaderName::from_static("client-cert");

impl TrustedProxies {
    /// Anybody can copy a certificate into a header, so only a proxy that is trusted, and was said to overwrite what its clients send, is
    /// believed. Two of them, or one that cannot be read, prove nothing (RFC 9651 §4.2). What a proxy shows itself is not its client's.
    pub(super) fn certificate(
        &self,
        peer: &Peer,
        headers: &HeaderMap,
    ) -> Option<ClientCertificate> {
        if !self.contains(peer.address.ip().to_canonical()) {
            return peer.certificate.clone();
        }
        match self.certificates {
            ClientCertificates::Off => None,
            ClientCertificates::Unverified => told(peer, headers),
            ClientCertificates::Verified => {
                told(peer, headers).map(ClientCertificate::with_trusted_chain)
            }
        }
    }
}

fn told(peer: &Peer, headers: &HeaderMap) -> Option<ClientCertificate> {
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

    use ClientCertificates::{Off, Unverified, Verified};

    use super::*;

    const PROXY: &str = "10.0.0.1";

    fn arrived(
        certificates: ClientCertificates,
        peer: &str,
        fields: &[&str],
        shown: Option<ClientCertificate>,
    ) -> Option<ClientCertificate> {
        let proxies = TrustedProxies {
            ranges: vec!["10.0.0.0/8".parse().unwrap()],
            certificates,
            ..TrustedProxies::default()
        };
        let mut headers = HeaderMap::new();
        for field in fields {
            headers.append(CLIENT_CERT, field.parse().unwrap());
        }
        let peer = Peer {
            address: SocketAddr::new(peer.parse().unwrap(), 4000),
            is_tls: shown.is_some(),
            certificate: shown,
        };
        proxies.certificate(&peer, &headers)
    }

    fn certificate() -> (ClientCertificate, String) {
        let own = rcgen::generate_simple_self_signed(["shop.example".to_owned()]).unwrap();
        let encoded = STANDARD.encode_to_string(own.cert.der());
        let read = ClientCertificate::from_der(own.cert.der()).unwrap();
        (read, encoded)
    }

    #[test]
    fn what_a_proxy_says_of_a_certificate_is_what_it_is_worth() {
        let (_, encoded) = certificate();
        let good = format!(":{encoded}:");
        for (certificates, expected) in [
            (Off, None),
            (Unverified, Some(false)),
            (Verified, Some(true)),
        ] {
            let arrived = arrived(certificates, PROXY, &[&good], None);
            assert_eq!(arrived.map(|own| own.has_trusted_chain()), expected);
        }
    }

    #[test]
    fn the_connection_tells_of_the_client_and_the_header_then_tells_nothing() {
        let (own, _) = certificate();
        let (other, encoded) = certificate();
        let field = format!(":{encoded}:");
        let stranger = "198.51.100.7";
        let shown = Some(own.clone());
        assert_eq!(arrived(Off, stranger, &[&field], shown.clone()), shown);
        assert_eq!(arrived(Off, stranger, &[&field], None), None);
        let proxys = arrived(Off, PROXY, &[], shown.clone());
        assert_eq!(proxys, None, "a proxy shows its own");
        let told = arrived(Unverified, PROXY, &[&field], shown);
        assert_eq!(told, Some(other));
    }

    #[test]
    fn one_readable_certificate_of_a_trusted_proxy_is_believed_where_that_is_switched_on() {
        let told = |taken, peer: &str, fields: &[&str]| {
            arrived(if taken { Unverified } else { Off }, peer, fields, None).is_some()
        };
        let (_, encoded) = certificate();
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
