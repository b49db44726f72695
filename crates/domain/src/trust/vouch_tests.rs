use std::collections::BTreeSet;

use keywright_jwt::{Algorithm, SigningKey};
use serde_json::json;

use super::*;

const NOW: i64 = 1_800_000_000;

fn old_system(key: &SigningKey) -> TrustedIssuer {
    TrustedIssuer {
        issuer: "https://old.example".to_owned(),
        audience: Some("shop".to_owned()),
        keys: TrustedKeys::Secret(key.verifying_key()),
        naming: Naming {
            claim: "email".to_owned(),
            by: NamedBy::Email,
        },
        clients: BTreeSet::new(),
    }
}

/// What is said of a token of that type with those changes; `null` takes a claim out.
fn said(typ: &str, presented_as: PresentedAs, changes: &Value) -> Result<Said, String> {
    let (key, _) = SigningKey::generate(Algorithm::Hs256).unwrap();
    let trusted = old_system(&key);
    let aud = match presented_as {
        PresentedAs::Token => "shop",
        PresentedAs::Assertion => "https://id.example",
    };
    let mut claims = json!({
        "iss": "https://old.example", "aud": aud, "iat": NOW - 60, "exp": NOW + 60, "jti": "j1",
        "sub": "17", "email": "Ann@Example.org",
    });
    for (name, value) in changes.as_object().unwrap() {
        claims[name] = value.clone();
    }
    claims
        .as_object_mut()
        .unwrap()
        .retain(|_, value| !value.is_null());
    let jws = key.sign(typ, claims.to_string().as_bytes()).unwrap();
    let signed = signed_by_secret(&key.verifying_key(), &jws).unwrap();
    let expected = Expected {
        trusted: &trusted,
        us: &"https://id.example".parse().unwrap(),
        now: Time::from_secs(NOW),
    };
    let said = expected.check(&signed, presented_as);
    said.map_err(|refused| refused.to_string())
}

#[test]
fn a_token_is_checked_claim_by_claim() {
    let token = |changes| said("JWT", PresentedAs::Token, &changes);
    let whole = token(json!({})).unwrap_or_else(|refused| panic!("{refused}"));
    assert_eq!(
        whole.name,
        AccountName::Login(LoginName::new("ann@example.org"))
    );
    assert_eq!(whole.authenticated_at, Time::from_secs(NOW - 60));
    assert_eq!(whole.once, None);
    for (changes, says) in [
        (json!({ "iss": "https://old.example/" }), "no issuer"),
        (json!({ "iss": null }), "no issuer"),
        (json!({ "aud": "bank" }), "`aud`"),
        (json!({ "aud": null }), "`aud`"),
        (json!({ "exp": null }), "`exp`"),
        (json!({ "exp": NOW }), "`exp`"),
        (json!({ "nbf": NOW + 11 }), "not valid yet"),
        (json!({ "iat": NOW + 11 }), "not valid yet"),
        (json!({ "email": null }), "names the person"),
        (json!({ "email": 7 }), "names the person"),
        (json!({ "email": "" }), "names the person"),
        (json!({ "email": "ann" }), "names the person"),
        (json!({ "email_verified": false }), "names the person"),
        (json!({ "email_verified": "no" }), "names the person"),
    ] {
        let refused = token(changes.clone()).map(|_| ()).unwrap_err();
        assert!(refused.contains(says), "{changes}: {refused}");
    }
    for holds in [
        json!({ "aud": ["bank", "shop"] }),
        json!({ "exp": NOW + 1, "iat": NOW + 10 }),
        json!({ "iat": null, "jti": null }),
        json!({ "email_verified": true }),
    ] {
        assert!(token(holds.clone()).is_ok(), "{holds}");
    }
}

#[test]
fn an_assertion_is_for_this_issuer_short_and_has_a_name() {
    let assertion = |changes| said("JWT", PresentedAs::Assertion, &changes);
    let (_, until) = assertion(json!({}))
        .ok()
        .and_then(|said| said.once)
        .unwrap();
    assert_eq!(until, Time::from_secs(NOW + 60) + LEEWAY);
    let endpoint = "https://id.example/oauth2/token";
    assert!(assertion(json!({ "aud": ["https://id.example", endpoint] })).is_ok());
    for (changes, says) in [
        (json!({ "aud": "shop" }), "`aud`"),
        (json!({ "aud": [] }), "`aud`"),
        (
            json!({ "aud": ["https://id.example", "https://other.example"] }),
            "`aud`",
        ),
        (json!({ "jti": null }), "`jti`"),
        (json!({ "jti": "" }), "`jti`"),
        (json!({ "exp": null }), "`exp`"),
        (
            json!({ "iat": NOW - 300, "exp": NOW + 3600 }),
            "five minutes",
        ),
        (json!({ "iat": null, "exp": NOW + 301 }), "five minutes"),
        (json!({ "nbf": NOW + 11 }), "not valid yet"),
    ] {
        let refused = assertion(changes.clone()).map(|_| ()).unwrap_err();
        assert!(refused.contains(says), "{changes}: {refused}");
    }
}

#[test]
fn other_jwts_of_that_issuer_are_none_of_a_person() {
    use PresentedAs::{Assertion, Token};
    for (typ, presented_as, holds) in [
        ("JWT", Token, true),
        ("at+jwt", Token, true),
        ("application/at+JWT", Token, true),
        ("logout+jwt", Token, false),
        ("dpop+jwt", Token, false),
        ("authorization-grant+jwt", Token, false),
        ("authorization-grant+jwt", Assertion, true),
        ("at+jwt", Assertion, false),
        ("client-authentication+jwt", Assertion, false),
    ] {
        assert_eq!(
            said(typ, presented_as, &json!({})).is_ok(),
            holds,
            "{typ} {presented_as:?}"
        );
    }
}

#[test]
fn a_person_is_named_as_the_operator_says() {
    let (key, _) = SigningKey::generate(Algorithm::Hs256).unwrap();
    let id = crate::UserId::from_bytes([7; 16]);
    let payload = json!({ "sub": id.to_string(), "name": "Ann", "email": "ann@example.org" });
    let jws = key.sign("JWT", payload.to_string().as_bytes()).unwrap();
    let signed = signed_by_secret(&key.verifying_key(), &jws).unwrap();
    let named = |claim: &str, by| {
        let claim = claim.to_owned();
        named(&signed.claims(), &Naming { claim, by }).ok()
    };
    assert_eq!(named("sub", NamedBy::Id), Some(AccountName::Id(id)));
    let ann = AccountName::Login(LoginName::new("ann"));
    assert_eq!(named("name", NamedBy::Username), Some(ann));
    // An address is no user name, whatever the claim is called, nor the other way round.
    assert_eq!(named("email", NamedBy::Username), None);
    assert_eq!(named("name", NamedBy::Email), None);
    assert_eq!(named("name", NamedBy::Id), None);
}
