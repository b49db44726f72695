//! Identifiers. A UUID v7 sorts by time, which keeps the database's B-trees dense; it is never a secret.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::Time;

macro_rules! uuid_id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(Uuid);

        impl $name {
            /// A new identifier: the time in front (RFC 9562 §5.7), `random` behind.
            pub fn new(now: Time, random: [u8; 10]) -> Self {
                let millis = u64::try_from(now.millis()).unwrap_or(0);
                Self(uuid::Builder::from_unix_timestamp_millis(millis, &random).into_uuid())
            }

            pub fn from_bytes(bytes: [u8; 16]) -> Self {
                Self(Uuid::from_bytes(bytes))
            }

            pub fn as_bytes(&self) -> &[u8; 16] {
                self.0.as_bytes()
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl FromStr for $name {
            type Err = MalformedId;

            fn from_str(text: &str) -> Result<Self, MalformedId> {
                // One spelling only: a second spelling of an identifier is a second key in somebody's cache.
                let id = Uuid::try_parse(text).map_err(|_| MalformedId)?;
                if id.hyphenated().to_string() == text { Ok(Self(id)) } else { Err(MalformedId) }
            }
        }

        impl TryFrom<String> for $name {
            type Error = MalformedId;

            fn try_from(text: String) -> Result<Self, MalformedId> {
                text.parse()
            }
        }

        impl From<$name> for String {
            fn from(id: $name) -> String {
                id.to_string()
            }
        }
    };
}

uuid_id!(
    /// A person's account; the `sub` of tokens.
    UserId
);
uuid_id!(
    /// One login on one device; the `sid` of tokens.
    SessionId
);

uuid_id!(
    /// A person's login in one browser; several clients' sessions may come from it.
    LoginId
);

uuid_id!(
    /// An initial access token (RFC 7591 §1.2).
    InitialAccessId
);

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not an identifier: expected a lower-case hyphenated UUID")]
pub struct MalformedId;

/// The issuer's identifier, `iss`: an absolute http(s) URL without query, fragment or trailing slash (RFC 8414 §2).
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct IssuerUrl(String);

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{0}` is not an issuer: expected http(s)://host[:port][/path] without query, fragment or trailing slash"
)]
pub struct MalformedIssuer(String);

impl IssuerUrl {
    pub fn as_str(&self) -> &str {
        &self.0
    }

    pub fn is_https(&self) -> bool {
        self.0.starts_with("https://")
    }

    /// Scheme, host and port: what browsers call an origin (RFC 6454 §6.2).
    pub fn origin(&self) -> &str {
        &self.0[..self.path_at()]
    }

    /// What stands behind the origin: nothing, or a path without a slash at its end.
    pub fn path(&self) -> &str {
        &self.0[self.path_at()..]
    }

    fn path_at(&self) -> usize {
        let host_at = self.0.find("://").map_or(0, |at| at + "://".len());
        let rest = &self.0[host_at..];
        rest.find('/').map_or(self.0.len(), |at| host_at + at)
    }

    /// An address below this issuer; `path` begins with a slash.
    pub fn join(&self, path: &str) -> String {
        format!("{}{path}", self.0)
    }
}

impl FromStr for IssuerUrl {
    type Err = MalformedIssuer;

    fn from_str(text: &str) -> Result<Self, MalformedIssuer> {
        let rest = text
            .strip_prefix("https://")
            .or_else(|| text.strip_prefix("http://"));
        let host = rest
            .map(|r| r.split('/').next().unwrap_or_default())
            .unwrap_or_default();
        let plain = |c: char| {
            c.is_ascii_graphic() && !matches!(c, '?' | '#' | '@' | '\\' | '"' | '<' | '>')
        };
        let lower = !host.chars().any(|c| c.is_ascii_uppercase());
        if !host.is_empty() && lower && !text.ends_with('/') && text.chars().all(plain) {
            Ok(Self(text.to_owned()))
        } else {
            Err(MalformedIssuer(text.to_owned()))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn issuer_is_an_origin_and_a_path() {
        for (url, origin, path) in [
            ("https://id.example", "https://id.example", ""),
            ("http://127.0.0.1:8080", "http://127.0.0.1:8080", ""),
            ("https://id.example/a/b", "https://id.example", "/a/b"),
        ] {
            let issuer: IssuerUrl = url.parse().unwrap();
            assert_eq!((issuer.origin(), issuer.path()), (origin, path));
        }
    }
}
