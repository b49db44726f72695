//! Scopes (RFC 6749 §3.3): a set of case-sensitive words.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// The scopes that ask for something other than an API's: claims about the user, and tokens that outlive the browser's login
/// (OpenID Connect Core §5.4, §11).
pub const OPENID_SCOPES: [&str; 6] = [
    "openid",
    "profile",
    "email",
    "address",
    "phone",
    "offline_access",
];

/// [`OPENID_SCOPES`] as a set.
pub fn openid_words() -> ScopeSet {
    let words = OPENID_SCOPES.iter().filter_map(|word| word.parse().ok());
    words.collect::<Vec<Scope>>().iter().collect()
}

const LONGEST: usize = 64;
const MOST: usize = 128;

/// One scope, such as `read:orders`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Scope(String);

/// A set of scopes, held as it is written on the wire and in the database: words separated by single spaces, here always sorted
/// and each once. A set is read, narrowed and written at every mint; as one text it is copied at once.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ScopeSet(String);

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
        if is_scope(text) {
            Ok(Self(text.to_owned()))
        } else {
            Err(MalformedScope)
        }
    }
}

fn is_scope(text: &str) -> bool {
    let token = |b: u8| matches!(b, 0x21 | 0x23..=0x5b | 0x5d..=0x7e);
    (1..=LONGEST).contains(&text.len()) && text.bytes().all(token)
}

/// Whether this is how a set is written here. What the database holds is.
fn is_set(text: &str) -> bool {
    let (mut last, mut count) = ("", 0);
    text.split(' ').all(|word| {
        let follows = last < word && is_scope(word);
        (last, count) = (word, count + 1);
        follows && count <= MOST
    })
}

impl ScopeSet {
    pub fn as_str(&self) -> &str {
        &self.0
    }

    pub fn contains(&self, scope: &str) -> bool {
        self.iter().any(|own| own == scope)
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// In the order of their bytes.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        self.0.split(' ').filter(|word| !word.is_empty())
    }

    #[must_use]
    pub fn intersection(&self, other: &ScopeSet) -> ScopeSet {
        self.those(other, true)
    }

    #[must_use]
    pub fn union(&self, other: &ScopeSet) -> ScopeSet {
        Self::of(self.iter().chain(other.iter()).collect())
    }

    /// The scopes of `self` that `other` lacks.
    #[must_use]
    pub fn without(&self, other: &ScopeSet) -> ScopeSet {
        self.those(other, false)
    }

    /// Both are sorted, so one walk along the two tells which are common.
    fn those(&self, other: &ScopeSet, common: bool) -> ScopeSet {
        let mut others = other.iter().peekable();
        let mut chosen = String::with_capacity(self.0.len());
        for scope in self.iter() {
            while others.next_if(|theirs| *theirs < scope).is_some() {}
            if (others.peek() == Some(&scope)) == common {
                push(&mut chosen, scope);
            }
        }
        Self(chosen)
    }

    fn of(mut scopes: Vec<&str>) -> Self {
        scopes.sort_unstable();
        scopes.dedup();
        let mut text = String::with_capacity(scopes.iter().map(|scope| scope.len() + 1).sum());
        for scope in scopes {
            push(&mut text, scope);
        }
        Self(text)
    }
}

fn push(text: &mut String, scope: &str) {
    if !text.is_empty() {
        text.push(' ');
    }
    text.push_str(scope);
}

impl<'a> FromIterator<&'a Scope> for ScopeSet {
    fn from_iter<I: IntoIterator<Item = &'a Scope>>(scopes: I) -> Self {
        Self::of(scopes.into_iter().map(Scope::as_str).collect())
    }
}

impl FromStr for ScopeSet {
    type Err = MalformedScope;

    fn from_str(text: &str) -> Result<Self, MalformedScope> {
        if is_set(text) {
            return Ok(Self(text.to_owned()));
        }
        let words: Vec<&str> = text.split(' ').filter(|word| !word.is_empty()).collect();
        if !words.iter().all(|word| is_scope(word)) {
            return Err(MalformedScope);
        }
        let set = Self::of(words);
        if set.iter().count() <= MOST {
            Ok(set)
        } else {
            Err(MalformedScope)
        }
    }
}

impl fmt::Display for ScopeSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
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
        scopes.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set(text: &str) -> ScopeSet {
        text.parse().unwrap()
    }

    #[test]
    fn a_set_has_one_spelling() {
        for text in ["b a", "a b", " a  b b ", "a a b"] {
            assert_eq!(set(text).as_str(), "a b", "{text:?}");
        }
        assert_eq!(set("").iter().count(), 0);
    }

    #[test]
    fn sets_are_narrowed_and_joined() {
        for (one, other, both, either, only_one) in [
            ("a b c", "b c d", "b c", "a b c d", "a"),
            ("a", "b", "", "a b", "a"),
            ("b", "a", "", "a b", "b"),
            ("", "a", "", "a", ""),
            ("a", "", "", "a", "a"),
            ("read reader", "reader", "reader", "read reader", "read"),
        ] {
            let (one, other) = (set(one), set(other));
            assert_eq!(one.intersection(&other), set(both), "{one} and {other}");
            assert_eq!(one.union(&other), set(either), "{one} or {other}");
            assert_eq!(one.without(&other), set(only_one), "{one} but not {other}");
        }
    }

    #[test]
    fn only_whole_words_are_contained() {
        assert!(set("read:orders write").contains("write"));
        for word in ["read", "orders write", "", " "] {
            assert!(!set("read:orders write").contains(word), "{word:?}");
        }
    }

    #[test]
    fn words_are_checked_and_counted() {
        for word in ["a\"b", "a\\b", "\u{e9}", &"x".repeat(LONGEST + 1)] {
            assert_eq!(word.parse::<ScopeSet>(), Err(MalformedScope), "{word:?}");
        }
        let many = |count: usize| (0..count).map(|n| format!("{n:03}")).collect::<Vec<_>>();
        assert!(many(MOST).join(" ").parse::<ScopeSet>().is_ok());
        for between in [" ", "  "] {
            let too_many = many(MOST + 1).join(between);
            assert_eq!(too_many.parse::<ScopeSet>(), Err(MalformedScope));
        }
        let again = "same ".repeat(MOST + 1);
        assert!(again.parse::<ScopeSet>().is_ok(), "each counts once");
    }
}
