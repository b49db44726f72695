//! What a client is.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::Time;
use crate::access::{Audience, ScopeSet};
use crate::client::{KeptSecret, Registration};
use crate::status::StatusRef;

/// `client_id`: 1 to 64 characters of `A-Z a-z 0-9 - . _ ~`, which need no escaping in Basic or in a form; or the https address of the
/// client's own metadata.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ClientId(String);

const LONGEST_ADDRESS: usize = 512;

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "a client id is 1 to 64 characters of A-Z, a-z, 0-9, `-`, `.`, `_` and `~`, or the https address of a metadata document"
)]
pub struct MalformedClientId;

/// RFC 6749 §2.1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ClientKind {
    /// Runs where it cannot keep a secret: a browser, a phone, a command line.
    Public,
    /// Keeps a secret: a server.
    Confidential,
}

/// What a client may do at the token endpoint and the identity API.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Grant {
    /// The first-party login of the identity API (`POST /v1/login`); not an OAuth grant.
    Login,
    /// A browser's login, exchanged for tokens by a code (RFC 6749 §4.1).
    AuthorizationCode,
    RefreshToken,
    ClientCredentials,
    /// A device without a browser, let in by a person elsewhere (RFC 8628).
    #[serde(rename = "urn:ietf:params:oauth:grant-type:device_code")]
    DeviceCode,
    /// A token for another (RFC 8693).
    #[serde(rename = "urn:ietf:params:oauth:grant-type:token-exchange")]
    TokenExchange,
    /// A trusted issuer's word for who somebody is (RFC 7523 §2.1).
    #[serde(rename = "urn:ietf:params:oauth:grant-type:jwt-bearer")]
    JwtBearer,
    /// Following the feed and reporting to it; not an OAuth grant.
    Feed,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Client {
    pub id: ClientId,
    pub name: String,
    pub kind: ClientKind,
    /// Of a confidential client that proves itself by one.
    pub secret: Option<KeptSecret>,
    pub grants: BTreeSet<Grant>,
    /// The scopes that this client may ask for, per API.
    pub allowed: BTreeMap<Audience, ScopeSet>,
    /// The API that a request without `audience` means.
    pub default_audience: Option<Audience>,
    pub disabled: bool,
    pub created_at: Time,
    /// For browser flows and OpenID Connect.
    pub registration: Registration,
    /// Where the status of its own tokens is published. `None` for a client of an older release, until its next token.
    pub status: Option<StatusRef>,
}

impl Client {
    /// Of OpenID Connect's scopes that were asked for, those that it may have. A claim that it may not ask for is left out, and the answer's
    /// `scope` says so; without `openid` itself it would wait for an ID token in vain, so that is `None`.
    pub(crate) fn openid_within(&self, wanted: &ScopeSet) -> Option<ScopeSet> {
        let allowed = &self.registration.openid_scope;
        if wanted.contains("openid") && !allowed.contains("openid") {
            return None;
        }
        let granted = wanted.intersection(allowed);
        if self.grants.contains(&Grant::RefreshToken) {
            return Some(granted);
        }
        // It asks that refresh tokens outlive the browser's login (OpenID Connect Core §11), and there will be none.
        let pointless = "offline_access".parse().unwrap_or_default();
        Some(granted.without(&pointless))
    }
}

impl ClientId {
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The host that answers for the client, if its id is the address of its metadata.
    pub fn document_host(&self) -> Option<&str> {
        let rest = self.0.strip_prefix("https://")?;
        rest.split('/').next()
    }
}

/// draft-ietf-oauth-client-id-metadata-document §3, and one spelling only: a host in lower case, a path, and nothing behind it.
fn is_document_address(text: &str) -> bool {
    let Some((authority, path)) = text
        .strip_prefix("https://")
        .and_then(|rest| rest.split_once('/'))
    else {
        return false;
    };
    let (host, port) = authority.split_once(':').unwrap_or((authority, "443"));
    let is_label = |label: &str| {
        let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
        !label.is_empty() && label.bytes().all(plain)
    };
    let is_segment = |segment: &str| {
        let plain = |b: u8| b.is_ascii_alphanumeric() || b"-._~%!$&'()+,;=:@".contains(&b);
        segment != "." && segment != ".." && segment.bytes().all(plain)
    };
    text.len() <= LONGEST_ADDRESS
        && host.split('.').all(is_label)
        && port
            .parse::<u16>()
            .is_ok_and(|number| number.to_string() == port)
        && !path.is_empty()
        && path.split('/').all(is_segment)
}

impl fmt::Display for ClientId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for ClientId {
    type Err = MalformedClientId;

    fn from_str(text: &str) -> Result<Self, MalformedClientId> {
        let unreserved =
            |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.' | b'_' | b'~');
        let is_name = (1..=64).contains(&text.len()) && text.bytes().all(unreserved);
        if is_name || is_document_address(text) {
            Ok(Self(text.to_owned()))
        } else {
            Err(MalformedClientId)
        }
    }
}

impl TryFrom<String> for ClientId {
    type Error = MalformedClientId;

    fn try_from(text: String) -> Result<Self, MalformedClientId> {
        text.parse()
    }
}

impl From<ClientId> for String {
    fn from(id: ClientId) -> String {
        id.0
    }
}

impl Grant {
    pub const fn as_str(self) -> &'static str {
        match self {
            Grant::Login => "login",
            Grant::AuthorizationCode => "authorization_code",
            Grant::RefreshToken => "refresh_token",
            Grant::ClientCredentials => "client_credentials",
            Grant::DeviceCode => "urn:ietf:params:oauth:grant-type:device_code",
            Grant::TokenExchange => "urn:ietf:params:oauth:grant-type:token-exchange",
            Grant::JwtBearer => "urn:ietf:params:oauth:grant-type:jwt-bearer",
            Grant::Feed => "feed",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_a_name_or_the_address_of_a_document() {
        let long = format!("https://app.example/{}", "x".repeat(492));
        for (id, host) in [
            ("web", None),
            ("A-z.0_9~", None),
            (&*"x".repeat(64), None),
            ("https://app.example/client.json", Some("app.example")),
            (
                "https://app.example:8443/a/b%20c/",
                Some("app.example:8443"),
            ),
            (&*long, Some("app.example")),
        ] {
            let parsed: ClientId = id.parse().unwrap();
            assert_eq!((parsed.as_str(), parsed.document_host()), (id, host));
        }
        for wrong in [
            "",
            "a b",
            "a/b",
            "http://app.example/client.json",
            "https:",
            "https://",
            "https://app.example",
            "https://app.example/",
            "https:///client.json",
            "https://APP.example/client.json",
            "https://user@app.example/client.json",
            "https://app.example/client.json#x",
            "https://app.example/client.json?x=1",
            "https://app.example/../client.json",
            "https://app.example/./client.json",
            "https://app.example:/client.json",
            "https://app.example:0443/client.json",
            "https://app.example:99999/client.json",
            "https://[::1]/client.json",
            "https://app..example/client.json",
            "https://app.example/cl ient.json",
            "https://app.example/cl\u{e9}ent.json",
            &format!("{long}x"),
        ] {
            assert_eq!(wrong.parse::<ClientId>(), Err(MalformedClientId), "{wrong}");
        }
    }
}
