use keywright_jwt::ClaimIndex;
use serde_json::{Value, json};

use super::*;
use crate::client::{Registration, fixtures};

const NOW: i64 = 1_700_000_000;

fn client(fapi: bool) -> Client {
    Client {
        registration: Registration {
            fapi,
            ..Registration::default()
        },
        ..fixtures::client("shop")
    }
}

fn good() -> Value {
    json!({
        "iss": "shop", "sub": "shop", "aud": "https://id.example", "jti": "one",
        "iat": NOW, "exp": NOW + 60,
    })
}

fn with(name: &str, value: Value) -> Value {
    let mut claims = good();
    claims[name] = value;
    claims
}

fn check(claims: &Value, fapi: bool) -> Result<i64, &'static str> {
    let issuer = "https://id.example".parse().unwrap();
    let mut payload = claims.to_string();
    let index = ClaimIndex::read(&mut payload).unwrap();
    let expected = Expected {
        client: &client(fapi),
        issuer: &issuer,
        mtls: Some(&"https://mtls.example".parse().unwrap()),
        now: Time::from_secs(NOW),
    };
    match expected.check(&index.claims(&payload)) {
        Ok(until) => Ok(until.secs() - NOW),
        Err(AssertionRefused::Subject) => Err("subject"),
        Err(AssertionRefused::Audience) => Err("audience"),
        Err(AssertionRefused::Expired) => Err("expired"),
        Err(AssertionRefused::Early) => Err("early"),
        Err(AssertionRefused::NoName) => Err("name"),
        Err(other) => panic!("{other}"),
    }
}

#[test]
fn an_assertion_is_by_the_client_about_itself_and_named() {
    assert_eq!(check(&good(), false), Ok(70));
    for name in ["iss", "sub"] {
        assert_eq!(check(&with(name, json!("other")), false), Err("subject"));
        assert_eq!(
            check(&with(name, Value::Null).without(name), false),
            Err("subject")
        );
    }
    assert_eq!(check(&with("jti", json!("")), false), Err("name"));
    assert_eq!(check(&good().without("jti"), false), Err("name"));
    let long = "j".repeat(LONGEST_JTI + 1);
    assert_eq!(check(&with("jti", json!(long)), false), Err("name"));
}

#[test]
fn an_assertion_is_for_us_alone_and_in_fapi_for_the_issuer_as_one_string() {
    let (issuer, endpoint) = ("https://id.example", "https://id.example/oauth2/token");
    for (audience, ordinary, fapi) in [
        (json!(issuer), true, true),
        (json!(endpoint), true, false),
        (json!("https://id.example/oauth2/par"), true, false),
        (json!("https://mtls.example/oauth2/par"), true, false),
        (json!("https://mtls.example"), false, false),
        (json!([issuer]), true, false),
        (json!([issuer, endpoint]), true, false),
        (json!([issuer, "https://evil.example"]), false, false),
        (json!("https://id.example/"), false, false),
        (json!("https://evil.example"), false, false),
        (json!([]), false, false),
    ] {
        let claims = with("aud", audience.clone());
        let is_taken = |fapi| check(&claims, fapi) != Err("audience");
        assert_eq!(
            (is_taken(false), is_taken(true)),
            (ordinary, fapi),
            "{audience}"
        );
    }
    assert_eq!(check(&good().without("aud"), false), Err("audience"));
}

#[test]
fn an_assertion_lives_five_minutes_at_most_whatever_it_says() {
    for (iat, exp, outcome) in [
        (Some(0), 60, Ok(70)),
        (Some(0), 3600, Ok(310)),
        (Some(-299), 3600, Ok(11)),
        (Some(-300), 3600, Err("expired")),
        (Some(10), 60, Ok(70)),
        (Some(11), 60, Err("early")),
        (Some(-60), 0, Err("expired")),
        (None, 300, Ok(310)),
        (None, 301, Err("expired")),
        (None, 0, Err("expired")),
        (None, 1 << 50, Err("expired")),
    ] {
        let mut claims = with("exp", json!(NOW + exp));
        match iat {
            Some(iat) => claims["iat"] = json!(NOW + iat),
            None => claims = claims.without("iat"),
        }
        assert_eq!(check(&claims, false), outcome, "{iat:?} {exp}");
    }
    assert_eq!(check(&good().without("exp"), false), Err("expired"));
    assert_eq!(check(&with("nbf", json!(NOW + 10)), false), Ok(70));
    assert_eq!(check(&with("nbf", json!(NOW + 11)), false), Err("early"));
}

#[test]
fn other_kinds_of_jwt_are_no_assertions() {
    for (typ, is_one) in [
        (None, true),
        (Some("JWT"), true),
        (Some("client-authentication+jwt"), true),
        (Some("application/client-authentication+jwt"), true),
        (Some("dpop+jwt"), false),
        (Some("oauth-authz-req+jwt"), false),
        (Some("at+jwt"), false),
    ] {
        assert_eq!(is_assertion_type(typ), is_one, "{typ:?}");
    }
}

#[test]
fn names_of_different_clients_never_meet() {
    let (shop, sho): (ClientId, ClientId) = ("shop".parse().unwrap(), "sho".parse().unwrap());
    assert_ne!(name_of(shop.as_str(), "one"), name_of(sho.as_str(), "pone"));
    assert_ne!(name_of(shop.as_str(), "one"), name_of(shop.as_str(), "two"));
}

trait Without {
    fn without(self, name: &str) -> Self;
}

impl Without for Value {
    fn without(mut self, name: &str) -> Self {
        self.as_object_mut().unwrap().remove(name);
        self
    }
}
