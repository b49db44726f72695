//! Which security events are believed, and what they say.

use keywright_jwt::Algorithm;
use keywright_verify::feed::{EventError, EventKind, ExpectedEvent, SecurityEvent};
use serde_json::{Value, json};

use crate::support::{ISSUER, Issuer, NOW};

const FEED: &str = "https://id.example/feed";
const REVOKED: &str = "https://schemas.openid.net/secevent/caep/event-type/session-revoked";

fn verify(issuer: &Issuer, typ: &str, claims: &Value) -> Result<SecurityEvent, EventError> {
    let token = issuer.key.sign(typ, claims.to_string().as_bytes());
    let expected = ExpectedEvent {
        issuer: ISSUER,
        audience: FEED,
        now: NOW,
    };
    SecurityEvent::verify(&token.expect("a signature"), &issuer.slot(), &expected)
}

fn with_events(events: Value) -> Value {
    json!({"iss": ISSUER, "aud": FEED, "iat": NOW, "jti": "1", "position": 42, "events": events})
}

fn status_event() -> Value {
    let status = json!({"uri": "https://id.example/status/3", "idx": 77, "value": 1});
    json!({REVOKED: {"event_timestamp": NOW, "initiating_entity": "user", "status": status}})
}

#[test]
fn each_type_says_what_it_says() {
    let issuer = Issuer::new(Algorithm::EdDsa);
    let status = EventKind::StatusChanged {
        uri: "https://id.example/status/3".to_owned(),
        index: 77,
        value: 1,
    };
    let changed = || EventKind::KeysChanged {
        kid: "k".to_owned(),
    };
    let entry = status_event()[REVOKED].clone();
    let key = json!({"event_timestamp": NOW, "kid": "k"});
    let cases = [
        (REVOKED, entry.clone(), status.clone()),
        (
            "https://schemas.openid.net/secevent/caep/event-type/token-claims-change",
            entry.clone(),
            status.clone(),
        ),
        ("urn:keywright:event:client-status", entry, status),
        ("urn:keywright:event:key-published", key.clone(), changed()),
        ("urn:keywright:event:key-activated", key.clone(), changed()),
        ("urn:keywright:event:key-retired", key.clone(), changed()),
        (
            "urn:keywright:event:key-revoked",
            key,
            EventKind::KeyRevoked {
                kid: "k".to_owned(),
            },
        ),
        (
            "urn:keywright:event:heartbeat",
            json!({}),
            EventKind::Heartbeat,
        ),
        (
            "urn:keywright:event:snapshot",
            json!({}),
            EventKind::Snapshot,
        ),
        (
            "urn:keywright:event:of-the-future",
            json!([]),
            EventKind::Other,
        ),
    ];
    for (name, event, kind) in cases {
        let event = verify(&issuer, "secevent+jwt", &with_events(json!({name: event})));
        let event = event.expect("the event is the issuer's");
        assert_eq!((event.position, event.issued_at), (42, NOW), "{name}");
        assert_eq!(event.kind, kind, "{name}");
    }
}

#[test]
fn what_is_not_the_issuers_for_this_feed_is_refused() {
    let issuer = Issuer::new(Algorithm::EdDsa);
    let good = with_events(status_event());
    let with = |name: &str, value: Value| {
        let mut claims = good.clone();
        claims[name] = value;
        verify(&issuer, "secevent+jwt", &claims).map_err(|error| error.code())
    };
    assert!(with("aud", json!(["x", FEED])).is_ok());
    let cases = [
        ("iss", json!("https://id.example/"), "wrong_issuer"),
        ("iss", json!("https://evil.example"), "wrong_issuer"),
        ("aud", json!("https://id.example"), "wrong_audience"),
        ("aud", json!("https://id.example/feed/"), "wrong_audience"),
        ("aud", json!([]), "wrong_audience"),
        ("iat", json!(NOW + 301), "wrong_time"),
        ("iat", json!("now"), "claims_malformed"),
        ("position", json!(-1), "event_malformed"),
        ("position", json!("42"), "event_malformed"),
        ("position", Value::Null, "event_malformed"),
        ("events", json!({}), "event_malformed"),
        ("events", json!([REVOKED]), "event_malformed"),
        ("events", json!({REVOKED: {}}), "event_malformed"),
        (
            "events",
            json!({REVOKED: {"status": {"uri": "u", "idx": -1, "value": 1}}}),
            "event_malformed",
        ),
        (
            "events",
            json!({REVOKED: {"status": {"uri": "u", "idx": 1, "value": 256}}}),
            "event_malformed",
        ),
        (
            "events",
            json!({"urn:keywright:event:key-revoked": {"kid": 1}}),
            "event_malformed",
        ),
        (
            "events",
            json!({"urn:keywright:event:heartbeat": {}, "urn:keywright:event:snapshot": {}}),
            "event_malformed",
        ),
    ];
    for (name, value, expected) in cases {
        assert_eq!(with(name, value.clone()), Err(expected), "{name}: {value}");
    }
    for typ in [
        "JWT",
        "at+jwt",
        "application/secevent+jwt",
        "SECEVENT+JWT",
        "logout+jwt",
    ] {
        let answer = verify(&issuer, typ, &good).map_err(|error| error.code());
        assert_eq!(answer, Err("wrong_type"), "{typ}");
    }
    let stranger = Issuer::new(Algorithm::EdDsa).key;
    let token = stranger.sign("secevent+jwt", good.to_string().as_bytes());
    let expected = ExpectedEvent {
        issuer: ISSUER,
        audience: FEED,
        now: NOW,
    };
    let answer = SecurityEvent::verify(&token.expect("a signature"), &issuer.slot(), &expected);
    assert_eq!(answer.map_err(|error| error.code()), Err("unknown_key"));
}

#[test]
fn an_event_is_true_however_late_it_comes_and_a_heartbeat_is_not() {
    let issuer = Issuer::new(Algorithm::EdDsa);
    let answer = |events: Value, iat: i64| {
        let mut claims = with_events(events);
        claims["iat"] = json!(iat);
        verify(&issuer, "secevent+jwt", &claims).is_ok()
    };
    assert!(answer(status_event(), NOW - 100_000));
    for name in [
        "urn:keywright:event:heartbeat",
        "urn:keywright:event:snapshot",
    ] {
        let answers = [-301, -300, 300, 301].map(|skew| answer(json!({name: {}}), NOW + skew));
        assert_eq!(answers, [false, true, true, false], "{name}");
    }
}
