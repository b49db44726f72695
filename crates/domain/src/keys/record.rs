//! A signing key at rest: its state and the times that led there.

use std::fmt;

use keywright_jwt::{Algorithm, Jwk};

use crate::Time;
use crate::access::{Api, Audience};
use crate::secret::Sealed;

/// `Next → Published → Active → Retiring → Retired`, or `Revoked` from any of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum KeyState {
    /// Generated and sealed; nobody has seen it.
    Next,
    /// Served in JWKS, does not sign yet.
    Published,
    /// Signs.
    Active,
    /// Signs no more; served until the last token that it signed has died.
    Retiring,
    /// Served no more.
    Retired,
    /// Taken out at once; its tokens are refused.
    Revoked,
}

/// Keys rotate in rings: one for each asymmetric algorithm, and one for each API that chose HS*, since two APIs that shared
/// a symmetric key could forge each other's tokens.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RingId {
    pub algorithm: Algorithm,
    /// Present exactly for HS*.
    pub audience: Option<Audience>,
}

#[derive(Clone, Debug, PartialEq)]
pub struct KeyRecord {
    /// RFC 7638 thumbprint.
    pub kid: String,
    pub ring: RingId,
    /// `None` for HS*: a symmetric key has no public half, and JWKS never holds it.
    pub public: Option<Jwk>,
    pub sealed: Sealed,
    pub state: KeyState,
    pub created_at: Time,
    pub published_at: Option<Time>,
    pub activated_at: Option<Time>,
    /// While retiring: when the last token that it signed is dead.
    pub verifies_until: Option<Time>,
    /// When it was retired or revoked.
    pub ended_at: Option<Time>,
}

impl RingId {
    /// The ring of an algorithm that has public halves.
    pub fn public(algorithm: Algorithm) -> Self {
        Self {
            algorithm,
            audience: None,
        }
    }

    /// The ring that signs for `api`.
    pub fn of(api: &Api) -> Self {
        let audience = api.algorithm.is_symmetric().then(|| api.audience.clone());
        Self {
            algorithm: api.algorithm,
            audience,
        }
    }
}

impl KeyRecord {
    /// When the key entered the state that it is in; while it retires, when it began to sign, which is as near as the
    /// record tells.
    pub fn entered_state_at(&self) -> Time {
        let at = match self.state {
            KeyState::Next => None,
            KeyState::Published => self.published_at,
            KeyState::Active | KeyState::Retiring => self.activated_at,
            KeyState::Retired | KeyState::Revoked => self.ended_at,
        };
        at.unwrap_or(self.created_at)
    }
}

impl KeyState {
    pub const ALL: [KeyState; 6] = [
        KeyState::Next,
        KeyState::Published,
        KeyState::Active,
        KeyState::Retiring,
        KeyState::Retired,
        KeyState::Revoked,
    ];

    pub const fn as_str(self) -> &'static str {
        match self {
            KeyState::Next => "next",
            KeyState::Published => "published",
            KeyState::Active => "active",
            KeyState::Retiring => "retiring",
            KeyState::Retired => "retired",
            KeyState::Revoked => "revoked",
        }
    }

    /// Whether verifiers are served the key.
    pub const fn is_served(self) -> bool {
        matches!(
            self,
            KeyState::Published | KeyState::Active | KeyState::Retiring
        )
    }
}

impl fmt::Display for KeyState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
