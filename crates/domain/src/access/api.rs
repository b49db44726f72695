//! An API (resource server) is an audience: a name, the scopes that it knows, its token lifetime and algorithm.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use keywright_jwt::Algorithm;
use serde::{Deserialize, Serialize};

use crate::access::{DetailTypes, Scope, ScopeSet};
use crate::claims::ClaimsPolicy;
use crate::client::ClientId;
use crate::{Period, Time};

/// The `aud` of an API's tokens. Compared byte for byte (RFC 7519 §4.1.3): no trailing-slash or case folding.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Audience(String);

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("an audience is 1 to 255 printable ASCII characters without spaces or quotes")]
pub struct MalformedAudience;

/// A resource server, as registered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Api {
    pub audience: Audience,
    pub name: String,
    /// Each scope that the API knows, with the words a person reads about it.
    pub scopes: BTreeMap<Scope, String>,
    /// How long its access tokens live; seconds granularity on the wire.
    pub access_lifetime: Period,
    /// What its tokens are signed with, as soon as that ring has an active key.
    pub algorithm: Algorithm,
    /// What its tokens carry beyond the registered claims.
    pub claims: ClaimsPolicy,
    /// What may be asked for of it beyond scopes (RFC 9396).
    pub details: DetailTypes,
    pub created_at: Time,
}

impl Api {
    /// All scopes that the API knows.
    pub fn scope_set(&self) -> ScopeSet {
        self.scopes.keys().collect()
    }
}

impl Audience {
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Whom an ID token is for. What names a client can name an API.
impl From<&ClientId> for Audience {
    fn from(id: &ClientId) -> Self {
        Self(id.as_str().to_owned())
    }
}

impl fmt::Display for Audience {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for Audience {
    type Err = MalformedAudience;

    fn from_str(text: &str) -> Result<Self, MalformedAudience> {
        let plain = |b: u8| b.is_ascii_graphic() && !matches!(b, b'"' | b'\\');
        if (1..=255).contains(&text.len()) && text.bytes().all(plain) {
            Ok(Self(text.to_owned()))
        } else {
            Err(MalformedAudience)
        }
    }
}

impl TryFrom<String> for Audience {
    type Error = MalformedAudience;

    fn try_from(text: String) -> Result<Self, MalformedAudience> {
        text.parse()
    }
}

impl From<Audience> for String {
    fn from(audience: Audience) -> String {
        audience.0
    }
}

/// The scopes of Keywright's own admin API, whose audience is the issuer URL itself.
pub const ISSUER_SCOPES: &[(&str, &str)] = &[
    ("apis:read", "See the APIs and their scopes"),
    ("apis:write", "Create, change and delete APIs"),
    ("audit:read", "Read and verify the audit log"),
    ("clients:read", "See the registered clients"),
    ("clients:write", "Create, change and delete clients"),
    ("config:read", "See the configuration, without secrets"),
    (
        crate::feed::FOLLOW,
        "Follow the feed of revocations and keys, and report to it",
    ),
    ("keys:read", "See signing keys and their schedule"),
    ("keys:write", "Rotate, roll back and revoke signing keys"),
    ("roles:read", "See roles and what they grant"),
    ("roles:write", "Create, change and delete roles"),
    ("sessions:read", "See everybody's sessions"),
    ("sessions:write", "End anybody's session"),
    ("tokens:read", "See which access tokens live"),
    (
        "tokens:write",
        "Revoke access tokens by what they have in common",
    ),
    ("users:read", "See user accounts"),
    (
        "users:write",
        "Create, change, disable and delete user accounts",
    ),
    (
        "verifiers:read",
        "See the services that verify tokens and report back",
    ),
];
