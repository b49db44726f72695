//! Where a browser may be sent back to.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::client::host;

/// An absolute URI without a fragment (RFC 6749 §3.1.2): `https`, `http` to a loopback address, or an app's own scheme
/// with a dot in it (RFC 8252 §7.1). No user info, no wildcard, no control character, and a host that can exist.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct RedirectUri(String);

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{0}` cannot be redirected to: expected https://…, http:// to a loopback address, or a scheme of an app such as com.example.app:/…, without fragment, user info or wildcard, on a host that is a DNS name or an IP address"
)]
pub struct MalformedRedirectUri(String);

impl RedirectUri {
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether a web address names a host that can exist. RFC 3986 §3.2.2 lets `;`, `,` and quotes stand in a name, which no DNS name has
    /// and which mean something where hosts are listed (a content security policy).
    pub(super) fn is_on_a_host(&self) -> bool {
        host::authority_of_site(&self.0).is_none_or(host::is_host_and_port)
    }

    /// Whether a request that names `presented` means this URI. Byte for byte; only the port of a loopback address may
    /// differ, because an app on a desktop takes the one that is free (RFC 8252 §7.3).
    pub fn matches(&self, presented: &str) -> bool {
        self.0 == presented
            || match (loopback(&self.0), loopback(presented)) {
                (Some((host, path)), Some((theirs, their_path))) => {
                    host == theirs && path == their_path
                }
                _ => false,
            }
    }
}

/// Host and path of `http://127.0.0.1[:port]/path` or `http://[::1][:port]/path`; RFC 8252 §7.3 speaks of addresses, and
/// `localhost` is a name that may be somebody else's (§8.3).
fn loopback(uri: &str) -> Option<(&str, &str)> {
    let rest = uri.strip_prefix("http://")?;
    let end = rest.find(['/', '?']).unwrap_or(rest.len());
    let (authority, path) = rest.split_at(end);
    let host = ["127.0.0.1", "[::1]"]
        .into_iter()
        .find(|host| authority.starts_with(host))?;
    let port = &authority[host.len()..];
    let is_port = |digits: &str| digits.parse::<u16>().is_ok() && !digits.starts_with('+');
    (port.is_empty() || port.strip_prefix(':').is_some_and(is_port)).then_some((host, path))
}

fn is_redirect_uri(text: &str) -> bool {
    let plain = |b: u8| {
        b.is_ascii_graphic() && !matches!(b, b'#' | b'"' | b'<' | b'>' | b'\\' | b'*' | b'`')
    };
    let Some((scheme, rest)) = text.split_once(':') else {
        return false;
    };
    if text.len() > 2_048 || !text.bytes().all(plain) {
        return false;
    }
    let host = |rest: &str| {
        let authority = rest.strip_prefix("//")?;
        let end = authority.find(['/', '?']).unwrap_or(authority.len());
        let authority = &authority[..end];
        (!authority.is_empty() && !authority.contains('@')).then(|| authority.to_owned())
    };
    match scheme {
        "https" => host(rest).is_some(),
        "http" => host(rest).is_some_and(|authority| {
            loopback(text).is_some()
                || authority == "localhost"
                || authority.starts_with("localhost:")
        }),
        _ => {
            let word = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b"+-.".contains(&b);
            scheme.contains('.')
                && scheme.starts_with(|c: char| c.is_ascii_lowercase())
                && scheme.bytes().all(word)
                && !rest.is_empty()
        }
    }
}

impl fmt::Display for RedirectUri {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for RedirectUri {
    type Err = MalformedRedirectUri;

    fn from_str(text: &str) -> Result<Self, MalformedRedirectUri> {
        let uri = Self::try_from(text.to_owned())?;
        if uri.is_on_a_host() {
            Ok(uri)
        } else {
            Err(MalformedRedirectUri::of(text))
        }
    }
}

/// For what is at rest: an older release looked at no host, and a client of those days must still be readable. It is looked at when the
/// client is registered ([`Registration::check`]).
impl TryFrom<String> for RedirectUri {
    type Error = MalformedRedirectUri;

    fn try_from(text: String) -> Result<Self, MalformedRedirectUri> {
        if is_redirect_uri(&text) {
            Ok(Self(text))
        } else {
            Err(MalformedRedirectUri::of(&text))
        }
    }
}

impl MalformedRedirectUri {
    fn of(text: &str) -> Self {
        Self(text.chars().take(200).collect())
    }
}

impl From<RedirectUri> for String {
    fn from(uri: RedirectUri) -> String {
        uri.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_may_be_redirected_to() {
        for good in [
            "https://app.example/cb",
            "https://app.example:8443/cb?tenant=1",
            "http://127.0.0.1/cb",
            "http://127.0.0.1:3000/cb",
            "http://[::1]:3000/cb",
            "http://localhost:3000/cb",
            "com.example.app:/oauth",
        ] {
            assert!(good.parse::<RedirectUri>().is_ok(), "{good}");
        }
        for bad in [
            "",
            "/cb",
            "http://app.example/cb",
            "http://127.0.0.1.evil.example/cb",
            "http://localhost.evil.example/cb",
            "http://localhost@evil.example/cb",
            "https://user@app.example/cb",
            "https://app.example;x/cb",
            "https://app.example,evil.example/cb",
            "https://app.example'/cb",
            "https://app.example:/cb",
            "https:///cb",
            "https://app.example/cb#fragment",
            "https://*.example/cb",
            "https://app.example/c b",
            "javascript:alert(1)",
            "data:text/html,x",
            "app:/cb",
            "com.example.app:",
        ] {
            assert!(bad.parse::<RedirectUri>().is_err(), "{bad}");
        }
    }

    #[test]
    fn only_the_port_of_a_loopback_address_may_differ() {
        for (registered, presented, is_match) in [
            ("https://app.example/cb", "https://app.example/cb", true),
            (
                "https://app.example/cb",
                "https://app.example:443/cb",
                false,
            ),
            ("https://app.example/cb", "https://APP.example/cb", false),
            ("https://app.example/cb", "https://app.example/cb/", false),
            (
                "https://app.example/cb",
                "https://app.example/cb?x=1",
                false,
            ),
            ("https://app.example/cb", "https://app.example/%63b", false),
            ("http://127.0.0.1/cb", "http://127.0.0.1:49152/cb", true),
            ("http://127.0.0.1:80/cb", "http://127.0.0.1/cb", true),
            ("http://127.0.0.1/cb", "http://127.0.0.1:1/other", false),
            (
                "http://127.0.0.1/cb",
                "http://127.0.0.1:1@evil.example/cb",
                false,
            ),
            ("http://127.0.0.1/cb", "http://[::1]:1/cb", false),
            ("http://localhost/cb", "http://localhost:1/cb", false),
        ] {
            let registered: RedirectUri = registered.parse().unwrap();
            assert_eq!(
                registered.matches(presented),
                is_match,
                "{registered} {presented}"
            );
        }
    }
}
