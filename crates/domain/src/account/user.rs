//! What an account is.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::access::RoleName;
use crate::account::password::PasswordHash;
use crate::{Time, UserId};

/// 3 to 32 characters of `a-z 0-9 . _ -`, beginning with a letter; upper case is folded. Never an e-mail address: a name
/// with `@` could shadow somebody's address at login.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Username(String);

/// An e-mail address, folded to lower case so that it is unique in the way people think of it.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Email(String);

/// What a person types into the field "user name or e-mail address". Anything: what fits nobody finds nobody.
#[derive(Clone, PartialEq, Eq)]
pub enum LoginName {
    Username(String),
    Email(String),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum UserStatus {
    Active,
    Disabled,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct User {
    pub id: UserId,
    pub username: Option<Username>,
    pub email: Email,
    pub email_verified: bool,
    /// `None`: this account cannot log in by password.
    pub password: Option<PasswordHash>,
    pub status: UserStatus,
    /// Sorted, without duplicates.
    pub roles: Vec<RoleName>,
    /// Counts password changes, disabling and the like. A login that read an older epoch opens no session, so that a login
    /// which races with "disable" cannot win.
    pub epoch: i64,
    pub created_at: Time,
    pub updated_at: Time,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "a user name is 3 to 32 characters of a-z, 0-9, `.`, `_` and `-`, and begins with a letter"
)]
pub struct MalformedUsername;

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not an e-mail address: expected name@domain, at most 254 characters")]
pub struct MalformedEmail;

impl User {
    pub fn is_active(&self) -> bool {
        self.status == UserStatus::Active
    }

    /// What a person recognises their account by.
    pub fn shown_name(&self) -> &str {
        match &self.username {
            Some(name) => name.as_str(),
            None => self.email.as_str(),
        }
    }
}

impl Username {
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Email {
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl LoginName {
    pub fn new(text: &str) -> Self {
        let folded = text.trim().to_lowercase();
        if folded.contains('@') {
            Self::Email(folded)
        } else {
            Self::Username(folded)
        }
    }

    pub fn as_str(&self) -> &str {
        match self {
            Self::Username(text) | Self::Email(text) => text,
        }
    }
}

impl UserStatus {
    pub const fn as_str(self) -> &'static str {
        match self {
            UserStatus::Active => "active",
            UserStatus::Disabled => "disabled",
        }
    }
}

impl FromStr for Username {
    type Err = MalformedUsername;

    fn from_str(text: &str) -> Result<Self, MalformedUsername> {
        let folded = text.to_ascii_lowercase();
        let plain = |b: u8| matches!(b, b'a'..=b'z' | b'0'..=b'9' | b'.' | b'_' | b'-');
        let letter = folded
            .bytes()
            .next()
            .is_some_and(|b| b.is_ascii_lowercase());
        if letter && (3..=32).contains(&folded.len()) && folded.bytes().all(plain) {
            Ok(Self(folded))
        } else {
            Err(MalformedUsername)
        }
    }
}

impl FromStr for Email {
    type Err = MalformedEmail;

    /// Deliberately narrower than RFC 5321: no quoted local part, no comments, no address literals. What passes can be put
    /// into a header and an SMTP command without escaping.
    fn from_str(text: &str) -> Result<Self, MalformedEmail> {
        let folded = text.to_lowercase();
        let (local, domain) = folded.rsplit_once('@').ok_or(MalformedEmail)?;
        let local_ok = (1..=64).contains(&local.len())
            && local
                .split('.')
                .all(|part| !part.is_empty() && part.chars().all(local_char));
        let domain_ok = domain.len() <= 253
            && domain.contains('.')
            && domain.split('.').all(|label| {
                (1..=63).contains(&label.len())
                    && !label.starts_with('-')
                    && !label.ends_with('-')
                    && label.chars().all(|c| c.is_alphanumeric() || c == '-')
            });
        if local_ok && domain_ok && folded.len() <= 254 {
            Ok(Self(folded))
        } else {
            Err(MalformedEmail)
        }
    }
}

fn local_char(c: char) -> bool {
    c.is_alphanumeric() || "!#$%&'*+-/=?^_`{|}~".contains(c)
}

impl fmt::Debug for Email {
    /// Personal data stays out of logs, also by accident.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Email(…)")
    }
}

impl fmt::Debug for LoginName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("LoginName(…)")
    }
}

impl TryFrom<String> for Username {
    type Error = MalformedUsername;

    fn try_from(text: String) -> Result<Self, MalformedUsername> {
        text.parse()
    }
}

impl From<Username> for String {
    fn from(name: Username) -> String {
        name.0
    }
}

impl TryFrom<String> for Email {
    type Error = MalformedEmail;

    fn try_from(text: String) -> Result<Self, MalformedEmail> {
        text.parse()
    }
}

impl From<Email> for String {
    fn from(email: Email) -> String {
        email.0
    }
}
