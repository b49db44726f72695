//! What happened, as it rests in the feed log. The JSON is read by the nodes of a newer or older release beside this one:
//! a member may be added, none may change its meaning.

use serde::{Deserialize, Serialize};

use crate::client::ClientId;
use crate::session::EndReason;
use crate::{SessionId, Time};

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Event {
    pub at: Time,
    #[serde(flatten)]
    pub kind: Kind,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Kind {
    SessionRevoked {
        session: SessionId,
        status: StatusEntry,
        reason: EndReason,
    },
    /// The session lives, but what its tokens say about it is no longer so.
    SessionStale {
        session: SessionId,
        status: StatusEntry,
    },
    /// A client's own tokens are revoked, suspended, stale, or valid again.
    ClientStatus {
        client: ClientId,
        status: StatusEntry,
    },
    KeyPublished {
        kid: String,
    },
    KeyActivated {
        kid: String,
    },
    KeyRetired {
        kid: String,
    },
    KeyRevoked {
        kid: String,
    },
}

impl Event {
    /// The entry of a status list that it changes.
    pub fn entry(&self) -> Option<StatusEntry> {
        match &self.kind {
            Kind::SessionRevoked { status, .. }
            | Kind::SessionStale { status, .. }
            | Kind::ClientStatus { status, .. } => Some(*status),
            Kind::KeyPublished { .. }
            | Kind::KeyActivated { .. }
            | Kind::KeyRetired { .. }
            | Kind::KeyRevoked { .. } => None,
        }
    }
}

/// One entry of a status list, and what it says from now on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct StatusEntry {
    pub list: u32,
    pub index: u32,
    pub value: StatusValue,
}

/// Two bits of a status list: the first three by the registry of the Token Status List specification, 3 for the application.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(into = "u8", try_from = "u8")]
#[repr(u8)]
pub enum StatusValue {
    Valid = 0,
    Invalid = 1,
    Suspended = 2,
    /// What the token says of its bearer has changed since: refresh and try again.
    Stale = 3,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{0} is not a status of two bits")]
pub struct UnknownStatus(u8);

impl From<StatusValue> for u8 {
    fn from(value: StatusValue) -> u8 {
        value as u8
    }
}

impl TryFrom<u8> for StatusValue {
    type Error = UnknownStatus;

    fn try_from(bits: u8) -> Result<Self, UnknownStatus> {
        match bits {
            0 => Ok(StatusValue::Valid),
            1 => Ok(StatusValue::Invalid),
            2 => Ok(StatusValue::Suspended),
            3 => Ok(StatusValue::Stale),
            _ => Err(UnknownStatus(bits)),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn stored(kind: Kind) -> serde_json::Value {
        let at = Time::from_millis(1_700_000_000_123);
        let event = Event { at, kind };
        let text = serde_json::to_string(&event).unwrap();
        assert_eq!(serde_json::from_str::<Event>(&text).unwrap(), event);
        serde_json::from_str(&text).unwrap()
    }

    fn entry(value: StatusValue) -> StatusEntry {
        StatusEntry {
            list: 2,
            index: 77,
            value,
        }
    }

    #[test]
    fn the_stored_form_is_stable() {
        let session: SessionId = "018f0000-0000-7000-8000-000000000000".parse().unwrap();
        let revoked = stored(Kind::SessionRevoked {
            session,
            status: entry(StatusValue::Invalid),
            reason: EndReason::RefreshReused,
        });
        let expected = json!({
            "at": 1_700_000_000_123_i64,
            "kind": "session_revoked",
            "session": "018f0000-0000-7000-8000-000000000000",
            "status": {"list": 2, "index": 77, "value": 1},
            "reason": "refresh_reused",
        });
        assert_eq!(revoked, expected);
        let client = stored(Kind::ClientStatus {
            client: "orders".parse().unwrap(),
            status: entry(StatusValue::Suspended),
        });
        let expected = json!({
            "at": 1_700_000_000_123_i64,
            "kind": "client_status",
            "client": "orders",
            "status": {"list": 2, "index": 77, "value": 2},
        });
        assert_eq!(client, expected);
        let key = stored(Kind::KeyRevoked { kid: "k1".into() });
        let expected = json!({"at": 1_700_000_000_123_i64, "kind": "key_revoked", "kid": "k1"});
        assert_eq!(key, expected);
    }

    #[test]
    fn every_reason_is_stored_under_its_public_name() {
        for reason in EndReason::ALL {
            assert_eq!(
                serde_json::to_value(reason).unwrap(),
                json!(reason.as_str())
            );
        }
    }

    #[test]
    fn a_status_of_more_than_two_bits_is_refused() {
        assert_eq!(StatusValue::try_from(3), Ok(StatusValue::Stale));
        assert_eq!(StatusValue::try_from(4), Err(UnknownStatus(4)));
    }
}
