//! Who can listen in, and whose word is believed.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use keywright_http::middleware::AddressRange;

use super::Findings;
use crate::config::{CertificateSource, Config};

pub(super) fn transport_security(config: &Config, findings: &mut Findings) {
    let listen = &config.listen;
    let public = !listen.address.ip().is_loopback();
    findings.error(
        public && config.tls.certificate.is_none() && listen.trusted_proxies.is_empty(),
        "listen.address",
        "is plain HTTP off loopback: anybody on the way reads passwords and tokens. Set [tls], listen on 127.0.0.1, or declare \
         the proxy that terminates TLS in listen.trusted_proxies",
    );
    findings.error(
        listen
            .trusted_proxies
            .iter()
            .any(|network| trusts_everybody(network.0)),
        "listen.trusted_proxies",
        "trusts everybody: any client could choose the address that limits and the audit log see",
    );
    certificates_of_clients(config, findings);
    let url = config
        .issuer
        .url
        .as_ref()
        .map(ToString::to_string)
        .unwrap_or_default();
    findings.error(
        is_plain_off_loopback(&url),
        "issuer.url",
        "is plain HTTP off loopback: verifiers would fetch keys that anybody on the way can replace. Use https://",
    );
    findings.error(
        url.len() > 255,
        "issuer.url",
        "is longer than 255 characters",
    );
    findings.warning(
        public && config.metrics.enabled && config.metrics.address.is_none(),
        "metrics.address",
        "is not set, so /metrics is answered to everybody who reaches the server: give it an address of its own, or block it in the proxy",
    );
}

fn certificates_of_clients(config: &Config, findings: &mut Findings) {
    let tls = &config.tls;
    match tls.client_certificates {
        CertificateSource::Off => {}
        CertificateSource::Proxy | CertificateSource::ProxyVerified => findings.error(
            config.listen.trusted_proxies.is_empty(),
            "tls.client_certificates",
            "is told by proxies, and listen.trusted_proxies names none: no certificate would ever be believed",
        ),
        CertificateSource::Listener => findings.error(
            tls.certificate.is_none(),
            "tls.client_certificates",
            "is `listener`, and without tls.certificate and tls.key this process takes no part in TLS: nobody would be asked",
        ),
    }
    let url = tls.client_url.as_ref().map(ToString::to_string);
    findings.error(
        url.as_deref().is_some_and(is_plain_off_loopback),
        "tls.client_url",
        "is plain HTTP off loopback: nobody can show a certificate there. Use https://",
    );
    findings.error(
        url.is_some() && tls.client_certificates == CertificateSource::Off,
        "tls.client_url",
        "is announced as the place for certificates, and tls.client_certificates is `off`: none would count",
    );
    findings.error(
        tls.client_roots.is_some() && tls.client_certificates != CertificateSource::Listener,
        "tls.client_roots",
        "is for tls.client_certificates = \"listener\" alone: a proxy verifies by its own, and says so by `proxy-verified`",
    );
}

pub(super) fn documents_of_clients(config: &Config, findings: &mut Findings) {
    findings.warning(
        config.clients.private_addresses,
        "clients.private_addresses",
        "lets whoever registers clients make this server call addresses of its own network",
    );
}

/// Whether the range is a whole address family: no narrower one holds addresses of both its ends.
fn trusts_everybody(range: AddressRange) -> bool {
    let both = |low: IpAddr, high: IpAddr| range.contains(low) && range.contains(high);
    both(Ipv4Addr::UNSPECIFIED.into(), Ipv4Addr::BROADCAST.into())
        || both(
            Ipv6Addr::UNSPECIFIED.into(),
            Ipv6Addr::from_bits(u128::MAX).into(),
        )
}

pub(super) fn is_plain_off_loopback(url: &str) -> bool {
    let Some(rest) = url.strip_prefix("http://") else {
        return false;
    };
    let authority = rest.split('/').next().unwrap_or_default();
    let host = match authority.rsplit_once(':') {
        Some((host, port)) if port.bytes().all(|b| b.is_ascii_digit()) => host,
        Some(_) | None => authority,
    };
    !is_loopback(host)
}

pub(super) fn is_loopback(host: &str) -> bool {
    let address = host
        .trim_start_matches('[')
        .trim_end_matches(']')
        .parse::<IpAddr>();
    // RFC 6761 §6.3 keeps `localhost` and what is below it on the machine.
    address.map_or(host == "localhost" || host.ends_with(".localhost"), |ip| {
        ip.is_loopback()
    })
}
