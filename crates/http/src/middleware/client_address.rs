//! Who the client is, when proxies stand in between.
//!
//! What a proxy adds to a request can be believed only as far back as the proxies are ours: anybody may send
//! `X-Forwarded-For: 127.0.0.1`, and each honest proxy appends the address that it saw. So the list is read from its right end,
//! and the first address that is no trusted proxy is the client.
//!
//! Only the header that the operator's proxies write is read. A proxy that maintains one of `X-Forwarded-For` and `Forwarded`
//! usually passes the other through as the client sent it, so reading both would let the client choose.

use std::net::{IpAddr, SocketAddr};

use http::{HeaderMap, HeaderName, header};
use keywright_domain::client::ClientCertificates;

use super::AddressRange;
use crate::server::Peer;

const X_FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");
const X_FORWARDED_PROTO: HeaderName = HeaderName::from_static("x-forwarded-proto");

/// The reverse proxies whose word counts; none by default.
#[derive(Clone, Debug, Default)]
pub struct TrustedProxies {
    pub ranges: Vec<AddressRange>,
    pub writes: ForwardedBy,
    /// What they tell of the certificate of the client's connection, overwriting what a client says of it.
    pub certificates: ClientCertificates,
}

/// The header in which the trusted proxies tell the client's address.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ForwardedBy {
    /// `X-Forwarded-For`, and `X-Forwarded-Proto` for the scheme: nginx, HAProxy, Traefik, Caddy, the clouds.
    #[default]
    XForwarded,
    /// `Forwarded` (RFC 7239).
    Forwarded,
}

/// The client's address and whether its own connection was TLS.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Client {
    pub address: IpAddr,
    pub https: bool,
}

impl TrustedProxies {
    pub fn contains(&self, address: IpAddr) -> bool {
        self.ranges.iter().any(|range| range.contains(address))
    }

    pub(super) fn client(&self, peer: &Peer, headers: &HeaderMap) -> Client {
        let direct = Client {
            address: peer.address.ip().to_canonical(),
            https: peer.is_tls,
        };
        if !self.contains(direct.address) {
            return direct;
        }
        match self.writes {
            ForwardedBy::XForwarded => {
                let hops = elements(headers, X_FORWARDED_FOR).map(|hop| Hop {
                    address: node(hop),
                    https: None,
                });
                let mut client = self.walk(direct, hops);
                // Set, not appended, by every common proxy; where it was appended, the last value is the nearest proxy's.
                if let Some(scheme) = elements(headers, X_FORWARDED_PROTO).next() {
                    client.https = scheme.eq_ignore_ascii_case("https");
                }
                client
            }
            ForwardedBy::Forwarded => self.walk(
                direct,
                elements(headers, header::FORWARDED).map(forwarded_element),
            ),
        }
    }

    /// Goes back hop by hop. A hop that cannot be read ends the walk: what lies behind it was not vouched for.
    fn walk(&self, direct: Client, hops: impl Iterator<Item = Hop>) -> Client {
        let mut client = direct;
        for hop in hops {
            let Some(address) = hop.address else { break };
            client = Client {
                address,
                https: hop.https.unwrap_or(client.https),
            };
            if !self.contains(address) {
                break;
            }
        }
        client
    }
}

/// What one proxy says of the connection that reached it.
struct Hop {
    address: Option<IpAddr>,
    https: Option<bool>,
}

/// The comma-separated elements of all lines of a header, last first. An unreadable line counts as one unreadable element.
fn elements(headers: &HeaderMap, name: HeaderName) -> impl Iterator<Item = &str> {
    headers
        .get_all(name)
        .iter()
        .rev()
        .flat_map(|line| line.to_str().unwrap_or("unknown").rsplit(','))
        .map(str::trim)
}

/// RFC 7239 §4: `for=192.0.2.60;proto=https;by=203.0.113.43`.
fn forwarded_element(element: &str) -> Hop {
    let mut hop = Hop {
        address: None,
        https: None,
    };
    for pair in element.split(';') {
        let Some((name, value)) = pair.split_once('=') else {
            continue;
        };
        let value = value.trim().trim_matches('"');
        if name.trim().eq_ignore_ascii_case("for") {
            hop.address = node(value);
        } else if name.trim().eq_ignore_ascii_case("proto") {
            hop.https = Some(value.eq_ignore_ascii_case("https"));
        }
    }
    hop
}

/// An address with or without a port; IPv6 in brackets when it has one (RFC 7239 §6). `unknown` and obfuscated names are none.
fn node(text: &str) -> Option<IpAddr> {
    let bare = text
        .strip_prefix('[')
        .and_then(|rest| rest.strip_suffix(']'))
        .unwrap_or(text);
    bare.parse()
        .or_else(|_| text.parse().map(|socket: SocketAddr| socket.ip()))
        .ok()
        .map(|address: IpAddr| address.to_canonical())
}

#[cfg(test)]
#[path = "client_address_tests.rs"]
mod tests;
