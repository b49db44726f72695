//! What is told: that it happened and to whom, by identifiers. Why is in the audit log, which the notice names.

use aws_lc_rs::digest;
use serde::Serialize;

use crate::audit::{Entry, Event, EventKind, Hash};
use crate::client::ClientId;
use crate::{SessionId, Time};

/// Of an anomaly the hash of its audit entry: who keeps the notices can show that an entry was taken out of the log. Of the end of a
/// session a hash of its identifier: nobody is told twice while it waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NoticeId(Hash);

/// Who is to be told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Addressee {
    /// The receiver of the webhook, of an anomaly.
    Webhook,
    /// A client, of the end of a login.
    Client(ClientId),
}

/// A notice that waits to be told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    pub id: NoticeId,
    pub to: Addressee,
    /// JSON; the same bytes at every attempt.
    pub body: String,
    pub created_at: Time,
    /// How often it was tried, the attempt under way included.
    pub attempts: u32,
}

/// What is told of; nothing else leaves.
const TOLD: [EventKind; 5] = [
    EventKind::FleetAnomaly,
    EventKind::RefreshReused,
    EventKind::RefreshAnomalous,
    EventKind::RefreshStepUp,
    EventKind::RefreshEnded,
];

#[derive(Serialize)]
struct Body<'a> {
    #[serde(rename = "type")]
    kind: &'a str,
    timestamp: String,
    data: Data<'a>,
}

#[derive(Serialize)]
struct Data<'a> {
    entry: Place<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    user: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    session: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    client: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    anomaly: Option<&'a str>,
}

/// Where the audit entry is.
#[derive(Serialize)]
struct Place<'a> {
    chain: &'a str,
    seq: i64,
}

impl std::fmt::Display for Addressee {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Webhook => f.write_str("webhook"),
            Self::Client(client) => write!(f, "client {client}"),
        }
    }
}

impl NoticeId {
    pub const fn of(entry: Hash) -> Self {
        Self(entry)
    }

    pub fn of_session(session: SessionId) -> Self {
        let mut context = digest::Context::new(&digest::SHA256);
        context.update(b"end of a session");
        context.update(session.as_bytes());
        let mut hash = [0; 32];
        hash.copy_from_slice(context.finish().as_ref());
        Self(Hash::from_bytes(hash))
    }

    pub fn as_bytes(&self) -> &[u8; 32] {
        self.0.as_bytes()
    }
}

impl std::fmt::Display for NoticeId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

impl Notice {
    /// Of the entry that records `event`; `None` if nobody is told of such events.
    pub fn of(event: &Event, entry: &Entry) -> Option<Self> {
        if !TOLD.contains(&event.kind) {
            return None;
        }
        // What happened to a session is explained by networks, programs and countries of a person: that stays in the log.
        let of_fleet = event.kind == EventKind::FleetAnomaly;
        let body = Body {
            kind: event.kind.as_str(),
            timestamp: event.at.to_string(),
            data: Data {
                entry: Place {
                    chain: &entry.chain,
                    seq: entry.seq,
                },
                user: entry.user.as_deref(),
                session: entry.session.as_deref(),
                client: entry.client.as_deref(),
                anomaly: entry.detail.as_deref().filter(|_| of_fleet),
            },
        };
        Some(Self {
            id: NoticeId::of(entry.hash),
            to: Addressee::Webhook,
            // Strings and one integer: there is nothing in it that JSON could not hold.
            body: serde_json::to_string(&body).ok()?,
            created_at: event.at,
            attempts: 0,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::UserId;
    use crate::audit::{Actor, Origin};

    fn entry(event: &Event) -> Entry {
        Entry {
            chain: "main/2".to_owned(),
            seq: 7,
            at: event.at.millis(),
            kind: event.kind.as_str().to_owned(),
            actor: event.actor.to_string(),
            user: event.user.map(|id| id.to_string()),
            session: event.session.map(|id| id.to_string()),
            client: event.client.as_ref().map(ToString::to_string),
            address: event.address.map(|address| address.to_string()),
            detail: event.detail.clone(),
            hash: Hash::from_bytes([0xab; 32]),
        }
    }

    fn event(kind: EventKind) -> Event {
        Event::new(kind, Actor::Issuer, Time::from_secs(1_800_000_000))
    }

    #[test]
    fn a_session_is_told_by_its_identifiers_alone() {
        let at = Time::from_secs(1_800_000_000);
        let (user, session) = (UserId::new(at, [1; 10]), SessionId::new(at, [2; 10]));
        let origin = Origin {
            address: "203.0.113.7".parse().ok(),
            user_agent: None,
        };
        let event = event(EventKind::RefreshStepUp)
            .user(user)
            .session(session)
            .client(&"web".parse().unwrap())
            .from(&origin)
            .detail("score 95: travel +30 (DE to US, 8400 km/h)");
        let notice = Notice::of(&event, &entry(&event)).unwrap();
        let expected = format!(
            r#"{{"type":"session.refresh.step_up_required","timestamp":"2027-01-15T08:00:00Z","data":{{"entry":{{"chain":"main/2","seq":7}},"user":"{user}","session":"{session}","client":"web"}}}}"#
        );
        assert_eq!(notice.body, expected);
        assert_eq!(notice.id.to_string(), "ab".repeat(32));
    }

    #[test]
    fn a_verifier_is_told_with_what_rose() {
        let event = event(EventKind::FleetAnomaly)
            .client(&"orders".parse().unwrap())
            .detail("tampering");
        let notice = Notice::of(&event, &entry(&event)).unwrap();
        assert!(
            notice
                .body
                .ends_with(r#""client":"orders","anomaly":"tampering"}}"#),
            "{}",
            notice.body
        );
    }

    #[test]
    fn only_anomalies_are_told() {
        let told: Vec<_> = EventKind::ALL
            .iter()
            .filter(|kind| {
                let event = event(**kind);
                Notice::of(&event, &entry(&event)).is_some()
            })
            .map(|kind| kind.as_str())
            .collect();
        let mut expected = [
            "fleet.anomaly.detected",
            "session.refresh.anomalous",
            "session.refresh.ended_as_anomalous",
            "session.refresh.reused",
            "session.refresh.step_up_required",
        ];
        expected.sort_unstable();
        let mut told = told;
        told.sort_unstable();
        assert_eq!(told, expected);
    }
}
