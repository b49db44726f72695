//! The connection URL: `sslmode` and `sslrootcert` are ours, the rest is tokio-postgres's.

use tokio_postgres::Config;
use tokio_postgres::config::SslMode;

use super::super::tls::{Tls, TlsError, Trust};

/// Where to connect, and whom to trust there.
pub(super) struct Target {
    pub(super) config: Config,
    pub(super) tls: Tls,
}

#[derive(Debug, thiserror::Error)]
pub enum UrlError {
    /// Without the cause's text, which can quote the URL and so the password.
    #[error(
        "the database URL is malformed: expected postgres://user:password@host:port/database?parameter=value"
    )]
    Malformed,
    #[error("the database URL names no host")]
    NoHost,
    #[error("sslmode `{0}` is not one of disable, prefer, require, verify-ca, verify-full")]
    SslMode(String),
    #[error(transparent)]
    Tls(#[from] TlsError),
}

pub(super) fn parse(url: &str) -> Result<Target, UrlError> {
    let (rest, ours) = split(url);
    let mut config: Config = rest.parse().map_err(|_| UrlError::Malformed)?;
    if config.get_hosts().is_empty() && config.get_hostaddrs().is_empty() {
        return Err(UrlError::NoHost);
    }
    let roots = ours.root_certificate.as_deref();
    // libpq's meaning of each word, so that a URL that works elsewhere works here: `require` checks no certificate unless
    // it is given a root.
    let (mode, trust) = match (ours.mode.as_deref(), roots) {
        (Some("disable"), _) => (SslMode::Disable, Trust::Anybody),
        (Some("prefer") | None, _) => (SslMode::Prefer, Trust::Anybody),
        (Some("require"), None) => (SslMode::Require, Trust::Anybody),
        (Some("require" | "verify-ca"), roots) => (SslMode::Require, Trust::Issuer(roots)),
        (Some("verify-full"), roots) => (SslMode::Require, Trust::IssuerAndName(roots)),
        (Some(other), _) => return Err(UrlError::SslMode(other.to_owned())),
    };
    config.ssl_mode(mode);
    Ok(Target {
        config,
        tls: Tls::new(trust)?,
    })
}

#[derive(Default)]
struct Ours {
    mode: Option<String>,
    root_certificate: Option<String>,
}

/// The URL without our parameters, and our parameters.
fn split(url: &str) -> (String, Ours) {
    let mut ours = Ours::default();
    let Some((address, query)) = url.split_once('?') else {
        return (url.to_owned(), ours);
    };
    let mut rest = Vec::new();
    for parameter in query.split('&') {
        match parameter.split_once('=') {
            Some(("sslmode", mode)) => ours.mode = Some(mode.to_owned()),
            Some(("sslrootcert", file)) => ours.root_certificate = Some(unescaped(file)),
            Some(_) | None => rest.push(parameter),
        }
    }
    (format!("{address}?{}", rest.join("&")), ours)
}

/// Percent-decoding (RFC 3986 §2.1), for a path; anything malformed stays as it is.
fn unescaped(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&first, behind)) = rest.split_first() {
        let escaped = behind.get(..2).filter(|_| first == b'%');
        let byte =
            escaped.and_then(|hex| u8::from_str_radix(std::str::from_utf8(hex).ok()?, 16).ok());
        bytes.push(byte.unwrap_or(first));
        rest = if byte.is_some() { &behind[2..] } else { behind };
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mode(url: &str) -> SslMode {
        parse(url)
            .unwrap_or_else(|error| panic!("{url}: {error}"))
            .config
            .get_ssl_mode()
    }

    #[test]
    fn every_sslmode_of_libpq_is_understood() {
        for (word, expected) in [
            ("disable", SslMode::Disable),
            ("prefer", SslMode::Prefer),
            ("require", SslMode::Require),
            ("verify-ca", SslMode::Require),
            ("verify-full", SslMode::Require),
        ] {
            assert_eq!(
                mode(&format!("postgres://u:p@localhost/db?sslmode={word}")),
                expected,
                "{word}"
            );
        }
        assert_eq!(mode("postgres://u:p@localhost/db"), SslMode::Prefer);
    }

    #[test]
    fn an_unknown_sslmode_is_refused_rather_than_weakened() {
        let refused = parse("postgres://u:p@localhost/db?sslmode=verify_full").err();
        assert!(matches!(refused, Some(UrlError::SslMode(mode)) if mode == "verify_full"));
    }

    #[test]
    fn a_malformed_url_is_refused_without_its_password() {
        let refused = parse("postgres://u:hunter2@localhost:port/db")
            .err()
            .map(|e| e.to_string());
        assert!(!refused.expect("malformed").contains("hunter2"));
    }

    #[test]
    fn other_parameters_stay() {
        let target =
            parse("postgres://u:p@localhost/db?options=-csearch_path%3Dx&sslmode=disable").ok();
        assert_eq!(
            target.expect("well-formed").config.get_options(),
            Some("-csearch_path=x")
        );
    }

    #[test]
    fn paths_are_unescaped() {
        assert_eq!(unescaped("/a%20b%2Fc%zz%4"), "/a b/c%zz%4");
    }
}
