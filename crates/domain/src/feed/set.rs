//! The payload of a security event token (RFC 8417 §2.2), with the CAEP types where one fits.

use serde_json::{Value, json};

use crate::feed::{Event, Kind, StatusEntry};
use crate::session::EndReason;
use crate::{IssuerUrl, Time};

/// The `typ` of the header (RFC 8417 §2.3).
pub const TYPE: &str = "secevent+jwt";

/// What a token is about.
#[derive(Clone, Copy, Debug)]
pub enum Content<'a> {
    Event(&'a Event),
    /// Nothing has happened; whoever has not reached the position has missed something.
    Heartbeat,
    /// The follower is too far behind or ahead: it must fetch the key set and the status lists, and go on from the position.
    Snapshot,
}

/// What all tokens have in common.
#[derive(Clone, Copy, Debug)]
pub struct Envelope<'a> {
    pub issuer: &'a IssuerUrl,
    pub jti: &'a str,
    pub iat: Time,
    pub position: u64,
}

pub fn payload(envelope: Envelope<'_>, content: Content<'_>) -> Value {
    let issuer = envelope.issuer;
    let (kind, claims) = match content {
        Content::Event(event) => described(event, issuer),
        Content::Heartbeat => ("urn:keywright:event:heartbeat", json!({})),
        Content::Snapshot => ("urn:keywright:event:snapshot", json!({})),
    };
    let mut payload = json!({
        "iss": issuer.as_str(),
        "aud": issuer.join("/feed"),
        "iat": envelope.iat.secs(),
        "jti": envelope.jti,
        "position": envelope.position,
        "events": { kind: claims },
    });
    if let Content::Event(event) = content {
        // RFC 9493 §3.2.7: the identifier means something to the issuer and to whoever holds a token that names it.
        payload["sub_id"] = json!({ "format": "opaque", "id": subject(&event.kind) });
    }
    payload
}

fn subject(kind: &Kind) -> String {
    match kind {
        Kind::SessionRevoked { session, .. } | Kind::SessionStale { session, .. } => {
            session.to_string()
        }
        Kind::ClientStatus { client, .. } => client.to_string(),
        Kind::KeyPublished { kid }
        | Kind::KeyActivated { kid }
        | Kind::KeyRetired { kid }
        | Kind::KeyRevoked { kid } => kid.clone(),
    }
}

/// The type of the event, and what it says.
fn described(event: &Event, issuer: &IssuerUrl) -> (&'static str, Value) {
    let at = event.at.secs();
    let about_key = |kid: &str| json!({ "event_timestamp": at, "kid": kid });
    match &event.kind {
        Kind::SessionRevoked { status, reason, .. } => (
            "https://schemas.openid.net/secevent/caep/event-type/session-revoked",
            json!({
                "event_timestamp": at,
                "initiating_entity": initiator(*reason),
                "reason_admin": { "en": reason.as_str() },
                "status": entry(*status, issuer),
            }),
        ),
        Kind::SessionStale { status, .. } => (
            "https://schemas.openid.net/secevent/caep/event-type/token-claims-change",
            json!({ "event_timestamp": at, "claims": {}, "status": entry(*status, issuer) }),
        ),
        Kind::ClientStatus { status, .. } => (
            "urn:keywright:event:client-status",
            json!({ "event_timestamp": at, "status": entry(*status, issuer) }),
        ),
        Kind::KeyPublished { kid } => ("urn:keywright:event:key-published", about_key(kid)),
        Kind::KeyActivated { kid } => ("urn:keywright:event:key-activated", about_key(kid)),
        Kind::KeyRetired { kid } => ("urn:keywright:event:key-retired", about_key(kid)),
        Kind::KeyRevoked { kid } => ("urn:keywright:event:key-revoked", about_key(kid)),
    }
}

fn entry(status: StatusEntry, issuer: &IssuerUrl) -> Value {
    json!({
        "uri": issuer.join(&format!("/status/{}", status.list)),
        "idx": status.index,
        "value": u8::from(status.value),
    })
}

/// CAEP 1.0 §2.
const fn initiator(reason: EndReason) -> &'static str {
    match reason {
        EndReason::Logout
        | EndReason::LogoutEverywhere
        | EndReason::EndedByUser
        | EndReason::ConsentWithdrawn
        | EndReason::PasswordChanged => "user",
        EndReason::EndedByAdmin
        | EndReason::UserDisabled
        | EndReason::UserDeleted
        | EndReason::ClientDisabled => "admin",
        EndReason::RefreshReused | EndReason::CodeReused | EndReason::Anomaly => "policy",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::feed::StatusValue;

    const SESSION: &str = "018f0000-0000-7000-8000-000000000000";

    fn of(content: Content<'_>) -> Value {
        let envelope = Envelope {
            issuer: &"https://id.example".parse().unwrap(),
            jti: "feed-42",
            iat: Time::from_millis(1_700_000_001_999),
            position: 42,
        };
        payload(envelope, content)
    }

    fn event(kind: Kind) -> Event {
        let at = Time::from_millis(1_700_000_000_999);
        Event { at, kind }
    }

    fn status(value: StatusValue) -> StatusEntry {
        StatusEntry {
            list: 3,
            index: 77,
            value,
        }
    }

    #[test]
    fn a_revoked_session_is_a_caep_event() {
        let told = of(Content::Event(&event(Kind::SessionRevoked {
            session: SESSION.parse().unwrap(),
            status: status(StatusValue::Invalid),
            reason: EndReason::Logout,
        })));
        let expected = json!({
            "iss": "https://id.example",
            "aud": "https://id.example/feed",
            "iat": 1_700_000_001,
            "jti": "feed-42",
            "position": 42,
            "sub_id": { "format": "opaque", "id": SESSION },
            "events": {
                "https://schemas.openid.net/secevent/caep/event-type/session-revoked": {
                    "event_timestamp": 1_700_000_000,
                    "initiating_entity": "user",
                    "reason_admin": { "en": "logout" },
                    "status": { "uri": "https://id.example/status/3", "idx": 77, "value": 1 },
                },
            },
        });
        assert_eq!(told, expected);
    }

    #[test]
    fn a_stale_session_and_a_suspended_client_name_their_entry() {
        let stale = of(Content::Event(&event(Kind::SessionStale {
            session: SESSION.parse().unwrap(),
            status: status(StatusValue::Stale),
        })));
        let expected = json!({
            "https://schemas.openid.net/secevent/caep/event-type/token-claims-change": {
                "event_timestamp": 1_700_000_000,
                "claims": {},
                "status": { "uri": "https://id.example/status/3", "idx": 77, "value": 3 },
            },
        });
        assert_eq!(stale["events"], expected);
        let suspended = of(Content::Event(&event(Kind::ClientStatus {
            client: "orders".parse().unwrap(),
            status: status(StatusValue::Suspended),
        })));
        let expected = json!({
            "urn:keywright:event:client-status": {
                "event_timestamp": 1_700_000_000,
                "status": { "uri": "https://id.example/status/3", "idx": 77, "value": 2 },
            },
        });
        assert_eq!(suspended["events"], expected);
        assert_eq!(
            suspended["sub_id"],
            json!({ "format": "opaque", "id": "orders" })
        );
    }

    #[test]
    fn key_events_name_the_key() {
        let kid = || "k1".to_owned();
        for (kind, name) in [
            (Kind::KeyPublished { kid: kid() }, "key-published"),
            (Kind::KeyActivated { kid: kid() }, "key-activated"),
            (Kind::KeyRetired { kid: kid() }, "key-retired"),
            (Kind::KeyRevoked { kid: kid() }, "key-revoked"),
        ] {
            let told = of(Content::Event(&event(kind)));
            let said = json!({ "event_timestamp": 1_700_000_000, "kid": "k1" });
            assert_eq!(told["events"][format!("urn:keywright:event:{name}")], said);
            assert_eq!(told["sub_id"]["id"], "k1");
        }
    }

    #[test]
    fn heartbeats_and_snapshots_have_a_position_and_no_subject() {
        for (content, name) in [
            (Content::Heartbeat, "urn:keywright:event:heartbeat"),
            (Content::Snapshot, "urn:keywright:event:snapshot"),
        ] {
            let told = of(content);
            assert_eq!(told["events"], json!({ name: {} }));
            assert_eq!(told["position"], 42);
            assert_eq!(told.get("sub_id"), None);
        }
    }
}
