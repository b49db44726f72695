//! Scopes (RFC 6749 §3.3): a set of case-sensitive words.

use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

const LONGEST: usize = 64;
const MOST: usize = 128;

/// One scope, such as `read:orders`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Scope(String);

/// A set of scopes. On the wire: words separated by single spaces, here always sorted.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ScopeSet(BTreeSet<Scope>);

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "a scope is 1 to 64 printable ASCII characters without space, quote or backslash, at most 128 of them (RFC 6749 §3.3)"
)]
pub struct MalformedScope;

impl Scope {
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Scope {
    type Err = MalformedScope;

    fn from_str(text: &str) -> Result<Self, MalformedScope> {
        let token = |b: u8| matches!(b, 0x21 | 0x23..=0x5b | 0x5d..=0x7e);
        if (1..=LONGEST).contains(&text.len()) && text.bytes().all(token) {
            Ok(Self(text.to_owned()))
        } else {
            Err(MalformedScope)
        }
    }
}

impl ScopeSet {
    pub fn contains(&self, scope: &str) -> bool {
        // A BTreeSet<Scope> cannot be asked by &str without a Borrow impl; sets are a handful of words.
        self.0.iter().any(|s| s.as_str() == scope)
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub fn iter(&self) -> impl Iterator<Item = &Scope> {
        self.0.iter()
    }

    #[must_use]
    pub fn intersection(&self, other: &ScopeSet) -> ScopeSet {
        Self(self.0.intersection(&other.0).cloned().collect())
    }

    #[must_use]
    pub fn union(&self, other: &ScopeSet) -> ScopeSet {
        Self(self.0.union(&other.0).cloned().collect())
    }

    /// The scopes of `self` that `other` lacks.
    #[must_use]
    pub fn without(&self, other: &ScopeSet) -> ScopeSet {
        Self(self.0.difference(&other.0).cloned().collect())
    }
}

impl FromIterator<Scope> for ScopeSet {
    fn from_iter<I: IntoIterator<Item = Scope>>(scopes: I) -> Self {
        Self(scopes.into_iter().collect())
    }
}

impl FromStr for ScopeSet {
    type Err = MalformedScope;

    fn from_str(text: &str) -> Result<Self, MalformedScope> {
        let scopes: BTreeSet<Scope> = text
            .split(' ')
            .filter(|s| !s.is_empty())
            .map(str::parse)
            .collect::<Result<_, _>>()?;
        if scopes.len() <= MOST {
            Ok(Self(scopes))
        } else {
            Err(MalformedScope)
        }
    }
}

impl fmt::Display for ScopeSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, scope) in self.0.iter().enumerate() {
            if i > 0 {
                f.write_str(" ")?;
            }
            f.write_str(scope.as_str())?;
        }
        Ok(())
    }
}

impl TryFrom<String> for Scope {
    type Error = MalformedScope;

    fn try_from(text: String) -> Result<Self, MalformedScope> {
        text.parse()
    }
}

impl From<Scope> for String {
    fn from(scope: Scope) -> String {
        scope.0
    }
}

impl TryFrom<String> for ScopeSet {
    type Error = MalformedScope;

    fn try_from(text: String) -> Result<Self, MalformedScope> {
        text.parse()
    }
}

impl From<ScopeSet> for String {
    fn from(scopes: ScopeSet) -> String {
        scopes.to_string()
    }
}
