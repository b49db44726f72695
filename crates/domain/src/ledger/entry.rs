//! The record of one token.

use serde::Deserialize;

use crate::access::{Audience, ScopeSet};
use crate::client::ClientId;
use crate::keys::MacKey;
use crate::ledger::Jti;
use crate::{Period, SessionId, Time};

/// What a token was issued for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum GrantType {
    /// The identity API's login.
    Login,
    /// A browser's login, by a code.
    AuthorizationCode,
    /// Its parent is the session's token before it.
    RefreshToken,
    ClientCredentials,
    DeviceCode,
    TokenExchange,
    JwtBearer,
}

/// Everything that many tokens have in common. It is written once; each token adds a short row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TokenClass {
    pub client: ClientId,
    pub audience: Audience,
    pub scope: ScopeSet,
    pub kid: String,
    pub grant: GrantType,
    pub kind: TokenKind,
    /// From issue to death.
    pub lifetime: Period,
}

/// What a token is, in the words of RFC 8693 §3.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TokenKind {
    AccessToken,
    /// For the client alone, which is its audience.
    IdToken,
}

/// Names a class. Made from the class itself, so that no node has to ask another, or remember, which name it has. Keyed: a
/// client chooses its scopes, and must not be able to choose two sets that have one name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ClassId(i64);

/// One token, on record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    pub jti: Jti,
    pub class_id: ClassId,
    pub class: TokenClass,
    pub session: Option<SessionId>,
}

impl GrantType {
    pub const ALL: [GrantType; 7] = [
        GrantType::Login,
        GrantType::AuthorizationCode,
        GrantType::RefreshToken,
        GrantType::ClientCredentials,
        GrantType::DeviceCode,
        GrantType::TokenExchange,
        GrantType::JwtBearer,
    ];

    /// The `grant_type` of RFC 6749 or the last word of a longer one, or `login`.
    pub const fn as_str(self) -> &'static str {
        match self {
            GrantType::Login => "login",
            GrantType::AuthorizationCode => "authorization_code",
            GrantType::RefreshToken => "refresh_token",
            GrantType::ClientCredentials => "client_credentials",
            GrantType::DeviceCode => "device_code",
            GrantType::TokenExchange => "token_exchange",
            GrantType::JwtBearer => "jwt_bearer",
        }
    }
}

impl std::str::FromStr for GrantType {
    type Err = UnknownGrantType;

    fn from_str(text: &str) -> Result<Self, UnknownGrantType> {
        let found = Self::ALL.into_iter().find(|grant| grant.as_str() == text);
        found.ok_or(UnknownGrantType)
    }
}

impl TokenKind {
    pub const ALL: [TokenKind; 2] = [TokenKind::AccessToken, TokenKind::IdToken];

    pub const fn as_str(self) -> &'static str {
        match self {
            TokenKind::AccessToken => "access_token",
            TokenKind::IdToken => "id_token",
        }
    }
}

impl std::str::FromStr for TokenKind {
    type Err = UnknownTokenKind;

    fn from_str(text: &str) -> Result<Self, UnknownTokenKind> {
        let found = Self::ALL.into_iter().find(|kind| kind.as_str() == text);
        found.ok_or(UnknownTokenKind)
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("expected `access_token` or `id_token`")]
pub struct UnknownTokenKind;

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "expected `login`, `authorization_code`, `refresh_token`, `client_credentials`, `device_code`, `token_exchange` or `jwt_bearer`"
)]
pub struct UnknownGrantType;

impl TokenClass {
    /// When a token of this class that was issued at `issued` dies: `exp` is in whole seconds.
    pub fn dies_at(&self, issued: Time) -> Time {
        Time::from_secs((issued + self.lifetime).secs())
    }

    /// The earliest issue of a token of this class that is alive at `now`.
    pub fn first_alive(&self, now: Time) -> Time {
        Time::from_secs(now.secs() + 1) - self.lifetime
    }

    fn id(&self, key: &MacKey) -> ClassId {
        let mut text = Vec::with_capacity(256);
        let words = [
            self.client.as_str(),
            self.audience.as_str(),
            self.scope.as_str(),
            &self.kid,
            self.grant.as_str(),
        ];
        for word in words {
            text.extend_from_slice(&(word.len() as u64).to_be_bytes());
            text.extend_from_slice(word.as_bytes());
        }
        text.extend_from_slice(&self.lifetime.as_millis().to_be_bytes());
        match self.kind {
            // As older releases name the class.
            TokenKind::AccessToken => {}
            TokenKind::IdToken => text.extend_from_slice(self.kind.as_str().as_bytes()),
        }
        let mac = key.mac(&[&text]);
        let (name, _) = mac.split_first_chunk().unwrap_or((&[0; 8], &[]));
        ClassId(i64::from_be_bytes(*name))
    }
}

impl ClassId {
    pub const fn from_number(number: i64) -> Self {
        Self(number)
    }

    pub const fn number(self) -> i64 {
        self.0
    }
}

impl Entry {
    /// `key` is the server key of the ledger.
    pub fn new(jti: Jti, class: TokenClass, session: Option<SessionId>, key: &MacKey) -> Self {
        Self {
            jti,
            class_id: class.id(key),
            class,
            session,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn class() -> TokenClass {
        TokenClass {
            client: "svc".parse().unwrap(),
            audience: "orders".parse().unwrap(),
            scope: "read write".parse().unwrap(),
            kid: "k1".to_owned(),
            grant: GrantType::ClientCredentials,
            kind: TokenKind::AccessToken,
            lifetime: Period::secs(300),
        }
    }

    #[test]
    fn every_member_and_the_key_name_the_class() {
        let key = MacKey::new(1, &[1; 32]);
        let id = |class: TokenClass| class.id(&key);
        assert_eq!(id(class()), id(class()));
        let others = [
            TokenClass {
                client: "svd".parse().unwrap(),
                ..class()
            },
            TokenClass {
                audience: "order".parse().unwrap(),
                ..class()
            },
            TokenClass {
                scope: "read".parse().unwrap(),
                ..class()
            },
            TokenClass {
                kid: "k2".to_owned(),
                ..class()
            },
            TokenClass {
                grant: GrantType::Login,
                ..class()
            },
            TokenClass {
                lifetime: Period::secs(301),
                ..class()
            },
            TokenClass {
                kind: TokenKind::IdToken,
                ..class()
            },
            // The same letters, cut at another place.
            TokenClass {
                client: "sv".parse().unwrap(),
                audience: "corders".parse().unwrap(),
                ..class()
            },
        ];
        for other in others {
            assert_ne!(id(other.clone()), id(class()), "{other:?}");
        }
        assert_ne!(class().id(&MacKey::new(1, &[2; 32])), id(class()));
    }

    #[test]
    fn a_token_dies_at_a_whole_second() {
        let issued = Time::from_millis(1_800_000_000_999);
        assert_eq!(class().dies_at(issued), Time::from_secs(1_800_000_300));
    }
}
