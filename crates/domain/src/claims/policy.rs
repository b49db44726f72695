//! What the operator declares: which claims the access tokens of one API carry, from where, and how many bytes they may take.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::lint::Kind;
use super::unique;
use crate::access::RoleName;

/// The claims policy of an API. The default carries nothing but the registered claims.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ClaimsPolicy {
    /// What its tokens carry beside the registered claims, and where each value comes from.
    #[serde(deserialize_with = "unique::map")]
    pub claims: BTreeMap<ClaimName, Source>,
    /// The most that the payload of a token may take, in bytes before base64url.
    pub max_bytes: u32,
    /// Claims that may be personal: the operator has decided that its services need them.
    pub allow_personal: BTreeSet<ClaimName>,
}

/// Where a claim's value comes from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Source {
    /// The same value in every token.
    Static(Value),
    /// An attribute of the user; left out of a service's own tokens.
    User(UserAttribute),
    /// The user's roles, under another name than `roles`.
    RoleNames,
    /// An array: the values of those roles that the user has. Left out when there are none.
    #[serde(deserialize_with = "unique::map")]
    ByRole(BTreeMap<RoleName, Value>),
}

/// What is known about a user, as far as a token can carry it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum UserAttribute {
    Id,
    Username,
    Email,
    EmailVerified,
}

/// 1 to 128 bytes without spaces and control characters. Any script; a URL keeps a claim from colliding (RFC 7519 §4.2).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ClaimName(String);

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a claim name is 1 to 128 bytes without spaces and control characters")]
pub struct MalformedClaimName;

/// With header and signature, a payload of this size is a token of under 3,300 characters with any algorithm: it fits into
/// a browser's cookie (4,096 bytes, RFC 6265 §6.1) and leaves a proxy's usual 8 KiB of headers room for the rest.
const DEFAULT_MAX_BYTES: u32 = 2_048;

impl Default for ClaimsPolicy {
    fn default() -> Self {
        Self {
            claims: BTreeMap::new(),
            max_bytes: DEFAULT_MAX_BYTES,
            allow_personal: BTreeSet::new(),
        }
    }
}

impl UserAttribute {
    /// What makes it personal. The id is a pseudonym that the token carries as `sub` anyway.
    pub const fn personal(self) -> Option<Kind> {
        match self {
            UserAttribute::Username => Some(Kind::Username),
            UserAttribute::Email => Some(Kind::Email),
            UserAttribute::Id | UserAttribute::EmailVerified => None,
        }
    }
}

impl ClaimName {
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for ClaimName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for ClaimName {
    type Err = MalformedClaimName;

    fn from_str(text: &str) -> Result<Self, MalformedClaimName> {
        let plain = |c: char| !c.is_control() && !c.is_whitespace() && !matches!(c, '"' | '\\');
        if (1..=128).contains(&text.len()) && text.chars().all(plain) {
            Ok(Self(text.to_owned()))
        } else {
            Err(MalformedClaimName)
        }
    }
}

impl TryFrom<String> for ClaimName {
    type Error = MalformedClaimName;

    fn try_from(text: String) -> Result<Self, MalformedClaimName> {
        text.parse()
    }
}

impl From<ClaimName> for String {
    fn from(name: ClaimName) -> String {
        name.0
    }
}
