//! A role grants scopes per API.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::access::{Audience, ScopeSet};

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct RoleName(String);

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a role is 1 to 64 characters of a-z, 0-9, `-`, `_` and `.`, and begins with a letter")]
pub struct MalformedRole;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Role {
    pub name: RoleName,
    pub description: String,
    pub grants: BTreeMap<Audience, ScopeSet>,
}

impl RoleName {
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for RoleName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for RoleName {
    type Err = MalformedRole;

    fn from_str(text: &str) -> Result<Self, MalformedRole> {
        let plain = |b: u8| matches!(b, b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.');
        let letter = text.bytes().next().is_some_and(|b| b.is_ascii_lowercase());
        if letter && text.len() <= 64 && text.bytes().all(plain) {
            Ok(Self(text.to_owned()))
        } else {
            Err(MalformedRole)
        }
    }
}

impl TryFrom<String> for RoleName {
    type Error = MalformedRole;

    fn try_from(text: String) -> Result<Self, MalformedRole> {
        text.parse()
    }
}

impl From<RoleName> for String {
    fn from(role: RoleName) -> String {
        role.0
    }
}
