use keywright_verify::feed::{EventKind, ExpectedEvent, SecurityEvent};
use serde_json::Value;

use super::issuer::{ISSUER, NOW, judge, keys, sign};

const HEADER: &[u8] = br#"{"alg":"HS256","typ":"secevent+jwt"}"#;
const ACCESS: &[u8] = br#"{"alg":"HS256","typ":"at+jwt"}"#;
const FEED: &str = "https://id.example/feed";

/// Any bytes as the claims of a security event that is really signed: what is believed is what a common JSON library reads.
pub fn run(data: &[u8]) -> bool {
    let token = sign(HEADER, data);
    assert!(judge(&token).is_err(), "an event is no access token");
    let expected = ExpectedEvent {
        issuer: ISSUER,
        audience: FEED,
        now: NOW,
    };
    let Ok(event) = SecurityEvent::verify(&token, &keys(), &expected) else {
        return false;
    };
    assert!(judge(&sign(ACCESS, data)).is_err(), "not even by its type");
    let claims: Value = serde_json::from_slice(data).expect("accepted claims are JSON");
    assert_eq!(claims["iss"], ISSUER);
    assert_eq!(claims["iat"].as_i64(), Some(event.issued_at), "{claims}");
    assert_eq!(
        claims["position"].as_u64(),
        Some(event.position),
        "{claims}"
    );
    let events = claims["events"].as_object().expect("events are an object");
    assert_eq!(events.len(), 1, "{claims}");
    let said = events.values().next().expect("there is one");
    check_kind(&event.kind, said);
    true
}

fn check_kind(kind: &EventKind, said: &Value) {
    match kind {
        EventKind::StatusChanged { uri, index, value } => {
            let entry = &said["status"];
            assert_eq!(entry["uri"].as_str(), Some(uri.as_str()), "{said}");
            assert_eq!(entry["idx"].as_u64(), Some(*index), "{said}");
            assert_eq!(entry["value"].as_u64(), Some(u64::from(*value)), "{said}");
        }
        EventKind::KeysChanged { kid } | EventKind::KeyRevoked { kid } => {
            assert_eq!(said["kid"].as_str(), Some(kid.as_str()), "{said}");
        }
        // These say nothing, and neither does what a later version may add.
        EventKind::Heartbeat | EventKind::Snapshot | EventKind::Other | _ => {}
    }
}
