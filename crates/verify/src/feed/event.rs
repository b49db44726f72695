use std::borrow::Cow;
use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::value::RawValue;

use crate::{KeySlot, Refusal, signed};

/// The clocks of issuer and verifier may differ by this many seconds.
const LEEWAY: i64 = 300;

const SESSION_REVOKED: &str = "https://schemas.openid.net/secevent/caep/event-type/session-revoked";
const CLAIMS_CHANGED: &str =
    "https://schemas.openid.net/secevent/caep/event-type/token-claims-change";
const CLIENT_STATUS: &str = "urn:keywright:event:client-status";
const KEY_PUBLISHED: &str = "urn:keywright:event:key-published";
const KEY_ACTIVATED: &str = "urn:keywright:event:key-activated";
const KEY_RETIRED: &str = "urn:keywright:event:key-retired";
const KEY_REVOKED: &str = "urn:keywright:event:key-revoked";
const HEARTBEAT: &str = "urn:keywright:event:heartbeat";
const SNAPSHOT: &str = "urn:keywright:event:snapshot";

/// One event of the feed, its signature verified.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct SecurityEvent {
    /// The event's number. Of a heartbeat and a snapshot: the number of the newest event there is.
    pub position: u64,
    /// When it was signed (Unix time).
    pub issued_at: i64,
    /// What happened.
    pub kind: EventKind,
}

/// What an event says.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum EventKind {
    /// An entry of a status list has another value: a session has ended or its claims are out of date, or a client is
    /// suspended.
    StatusChanged {
        /// The list.
        uri: String,
        /// The entry.
        index: u64,
        /// What the list will say.
        value: u8,
    },
    /// A key was published, activated or retired: the key set is another.
    KeysChanged {
        /// The key's name.
        kid: String,
    },
    /// A key is in the wrong hands: nothing signed by it counts from now on.
    KeyRevoked {
        /// The key's name.
        kid: String,
    },
    /// Nothing has happened, and `position` is the newest event.
    Heartbeat,
    /// Too much has happened to tell: keys and lists are to be fetched anew, and events go on behind `position`.
    Snapshot,
    /// An event of a newer issuer, which says nothing to this verifier.
    Other,
}

/// Why an event is not believed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum EventError {
    /// Not a `secevent+jwt` signed by the issuer.
    #[error("the security event is not acceptable: {0}")]
    Token(#[from] Refusal),
    /// `iss` is another issuer.
    #[error("the security event is from another issuer")]
    WrongIssuer,
    /// `aud` is not the feed.
    #[error("the security event is for another audience")]
    WrongAudience,
    /// `iat` is absent or in the future; or this is a heartbeat or a snapshot that somebody has kept back.
    #[error("the security event is not of this time")]
    WrongTime,
    /// It lacks what its type must have, or is of no type or of several.
    #[error("the security event is malformed")]
    Malformed,
}

/// What an event must be to be believed.
#[derive(Clone, Copy, Debug)]
pub struct ExpectedEvent<'a> {
    /// Whose event: `iss`.
    pub issuer: &'a str,
    /// For which stream: one of `aud`.
    pub audience: &'a str,
    /// Unix time.
    pub now: i64,
}

#[derive(Deserialize)]
struct Payload<'a> {
    position: u64,
    #[serde(borrow)]
    events: BTreeMap<Cow<'a, str>, &'a RawValue>,
}

#[derive(Deserialize)]
struct WithStatus {
    status: StatusEntry,
}

#[derive(Deserialize)]
struct StatusEntry {
    uri: String,
    idx: u64,
    value: u8,
}

#[derive(Deserialize)]
struct WithKey {
    kid: String,
}

impl EventError {
    /// A stable name in `snake_case`, for logs and tests.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Token(refusal) => refusal.code(),
            Self::WrongIssuer => "wrong_issuer",
            Self::WrongAudience => "wrong_audience",
            Self::WrongTime => "wrong_time",
            Self::Malformed => "event_malformed",
        }
    }
}

impl SecurityEvent {
    /// Checks signature and type, then for whom and of when the event is, then what it says.
    pub fn verify(
        token: &str,
        keys: &KeySlot,
        expected: &ExpectedEvent<'_>,
    ) -> Result<Self, EventError> {
        let scratch = signed::verify(token, "secevent+jwt", keys)?;
        let claims = scratch.claims();
        if claims.iss() != Some(expected.issuer) {
            return Err(EventError::WrongIssuer);
        }
        if !claims.aud().any(|audience| audience == expected.audience) {
            return Err(EventError::WrongAudience);
        }
        let issued_at = claims.iat().ok_or(EventError::WrongTime)?;
        let payload: Payload<'_> = claims.deserialize().map_err(|_| EventError::Malformed)?;
        let event = Self {
            position: payload.position,
            issued_at,
            kind: payload.kind()?,
        };
        match event.is_of_this_time(expected.now) {
            true => Ok(event),
            false => Err(EventError::WrongTime),
        }
    }

    /// An event is true however late it comes. What speaks of this moment must be of this moment, or whoever keeps it back
    /// could pretend that nothing has happened since.
    fn is_of_this_time(&self, now: i64) -> bool {
        let age = now.saturating_sub(self.issued_at);
        let speaks_of_now = matches!(self.kind, EventKind::Heartbeat | EventKind::Snapshot);
        age >= -LEEWAY && (age <= LEEWAY || !speaks_of_now)
    }
}

impl Payload<'_> {
    /// RFC 8417 §2.2 allows several types, which would have to describe one event; this feed has one per token.
    fn kind(&self) -> Result<EventKind, EventError> {
        let mut events = self.events.iter();
        let (Some((name, event)), None) = (events.next(), events.next()) else {
            return Err(EventError::Malformed);
        };
        Ok(match &**name {
            SESSION_REVOKED | CLAIMS_CHANGED | CLIENT_STATUS => {
                let WithStatus { status } = read(event)?;
                EventKind::StatusChanged {
                    uri: status.uri,
                    index: status.idx,
                    value: status.value,
                }
            }
            KEY_PUBLISHED | KEY_ACTIVATED | KEY_RETIRED => {
                let WithKey { kid } = read(event)?;
                EventKind::KeysChanged { kid }
            }
            KEY_REVOKED => {
                let WithKey { kid } = read(event)?;
                EventKind::KeyRevoked { kid }
            }
            HEARTBEAT => EventKind::Heartbeat,
            SNAPSHOT => EventKind::Snapshot,
            _ => EventKind::Other,
        })
    }
}

fn read<'a, T: Deserialize<'a>>(event: &'a RawValue) -> Result<T, EventError> {
    serde_json::from_str(event.get()).map_err(|_| EventError::Malformed)
}
