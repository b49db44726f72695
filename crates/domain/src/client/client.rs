//! What a client is.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::Time;
use crate::access::{Audience, ScopeSet};
use crate::client::Registration;
use crate::secret::HashedSecret;
use crate::status::StatusRef;

/// `client_id`: 1 to 64 characters of `A-Z a-z 0-9 - . _ ~`, which need no escaping in Basic or in a form.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ClientId(String);

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a client id is 1 to 64 characters of A-Z, a-z, 0-9, `-`, `.`, `_` and `~`")]
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
    /// Following the feed and reporting to it; not an OAuth grant.
    Feed,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Client {
    pub id: ClientId,
    pub name: String,
    pub kind: ClientKind,
    /// Present exactly for confidential clients.
    pub secret: Option<HashedSecret>,
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

impl ClientId {
    pub fn as_str(&self) -> &str {
        &self.0
    }
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
        if (1..=64).contains(&text.len()) && text.bytes().all(unreserved) {
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
            Grant::Feed => "feed",
        }
    }
}
