//! Encryption on the way.

use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

use crate::CannotRun;
use crate::card::{Card, Evidence, Outcome, Severity};
use crate::server::range::Range;
use crate::web;

pub const TLS: Card = Card {
    name: "tls",
    title: "Only current TLS is spoken, and browsers are told to insist on it",
    severity: Severity::High,
    why: "TLS 1.0 and 1.1 are broken, and without HSTS the first request of a browser may go in clear.",
    source: "RFC 8996, RFC 9325 §3.1, RFC 6797",
    fix: "Allow TLS 1.2 and 1.3 only, and send Strict-Transport-Security with at least half a year.",
};

const PATIENCE: Duration = Duration::from_secs(5);
/// In seconds.
const HALF_A_YEAR: u64 = 15_768_000;

pub async fn is_encrypted(range: &Range) -> Result<Outcome, CannotRun> {
    let url = web::url(&range.issuer.url)?;
    if url.scheme() != "https" {
        return Ok(if web::is_loopback(&url) {
            Outcome::skipped("plain HTTP on loopback, where nobody listens in between")
        } else {
            Outcome::found(
                range.issuer.url.clone(),
                "plain HTTP: tokens and passwords travel in clear",
            )
        });
    }
    let mut evidence = Vec::new();
    let reply = web::ask(range.issuer.http.get(url.clone())).await;
    let promised = reply
        .as_ref()
        .ok()
        .and_then(|reply| reply.header("strict-transport-security"));
    if promised
        .and_then(max_age)
        .is_none_or(|seconds| seconds < HALF_A_YEAR)
    {
        evidence.push(Evidence::of(
            "GET /",
            format!("Strict-Transport-Security: {promised:?}"),
        ));
    }
    let (host, port) = (
        url.host_str().unwrap_or_default(),
        url.port_or_known_default().unwrap_or(443),
    );
    for (minor, name) in [(1, "TLS 1.0"), (2, "TLS 1.1")] {
        if speaks(host, port, minor).await {
            evidence.push(Evidence::of(
                format!("a hello of {name}"),
                "the handshake went on",
            ));
        }
    }
    Ok(Outcome::of(3, evidence))
}

fn max_age(header: &str) -> Option<u64> {
    let directives = header.split(';').map(str::trim);
    directives
        .filter_map(|directive| directive.strip_prefix("max-age=")?.parse().ok())
        .next()
}

/// Whether the server answers an old ClientHello with a ServerHello of that version. Our own TLS library is too young to ask.
async fn speaks(host: &str, port: u16, minor: u8) -> bool {
    let asked = timeout(PATIENCE, async {
        let mut stream = TcpStream::connect((host, port)).await.ok()?;
        stream.write_all(&hello(host, minor)).await.ok()?;
        let mut head = [0; 11];
        stream.read_exact(&mut head).await.ok()?;
        // A handshake record with a ServerHello of the version that was offered (RFC 4346 §7.4.1.3); else an alert.
        Some(head[0] == 22 && head[5] == 2 && head[9..] == [3, minor])
    });
    asked.await.ok().flatten().unwrap_or_default()
}

/// RFC 4346 §7.4.1.2, with server_name (RFC 6066 §3) so that shared addresses know whom we mean.
fn hello(host: &str, minor: u8) -> Vec<u8> {
    const SUITES: &[u8] = &[
        0xc0, 0x13, 0xc0, 0x14, 0xc0, 0x09, 0xc0, 0x0a, 0x00, 0x2f, 0x00, 0x35,
    ];
    let name = [&[0][..], &prefixed(host.as_bytes())].concat();
    let server_name = [&[0, 0][..], &prefixed(&prefixed(&name))].concat();
    let groups = [&[0, 10][..], &prefixed(&prefixed(&[0, 23, 0, 24]))].concat();
    let points = [&[0, 11][..], &prefixed(&[1, 0])].concat();
    let extensions = prefixed(&[server_name, groups, points].concat());
    let body = [
        &[3, minor][..],
        &[0x5a; 32],
        &[0],
        &prefixed(SUITES),
        &[1, 0],
        &extensions,
    ]
    .concat();
    let handshake = [&[1, 0][..], &prefixed(&body)].concat();
    [&[22, 3, 1][..], &prefixed(&handshake)].concat()
}

/// Behind its length in two bytes.
fn prefixed(bytes: &[u8]) -> Vec<u8> {
    let length = u16::try_from(bytes.len()).unwrap_or(u16::MAX);
    [&length.to_be_bytes()[..], bytes].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hello_holds_the_version_and_lengths_that_add_up() {
        let hello = hello("id.example", 1);
        assert_eq!(hello[..3], [22, 3, 1]);
        assert_eq!(
            usize::from(u16::from_be_bytes([hello[3], hello[4]])),
            hello.len() - 5
        );
        assert_eq!((hello[5], hello[9..11].to_vec()), (1, vec![3, 1]));
    }

    #[test]
    fn max_age_is_found_among_directives() {
        assert_eq!(
            max_age("max-age=63072000; includeSubDomains"),
            Some(63_072_000)
        );
        assert_eq!(max_age("includeSubDomains"), None);
    }
}
