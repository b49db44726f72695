//! What the issuer says about itself and in its tokens.

use serde_json::Value;

use crate::CannotRun;
use crate::card::{Card, Evidence, Outcome, Severity};
use crate::server::range::Range;
use crate::token::Genuine;
use keywright_jwt::decode_unverified;

pub const METADATA: Card = Card {
    name: "metadata",
    title: "The metadata name the issuer that was asked",
    severity: Severity::High,
    why: "Clients and verifiers refuse another issuer's metadata, or trust somebody else's keys.",
    source: "RFC 8414 §3.3, RFC 9700 §4.4",
    fix: "Set issuer.url to the public URL, and let proxies pass requests on unchanged.",
};

pub async fn names_itself(range: &Range) -> Result<Outcome, CannotRun> {
    let said = range.issuer.metadata["issuer"].as_str().unwrap_or_default();
    if said == range.issuer.url {
        return Ok(Outcome::of(1, Vec::new()));
    }
    Ok(Outcome::found(
        format!("discovery at {}", range.issuer.url),
        format!("issuer {said:?}"),
    ))
}

pub const KEY_SET: Card = Card {
    name: "key-set",
    title: "The key set holds named public keys and nothing else",
    severity: Severity::Critical,
    why: "A private or symmetric key that is published signs for everybody; one without a name or an algorithm is taken for another.",
    source: "RFC 7517 §9.2, RFC 8725 §3.1, §3.5",
    fix: "Publish public members only, each with its own `kid` and `alg`; replace any key that was exposed.",
};

const PRIVATE: [&str; 9] = ["d", "p", "q", "dp", "dq", "qi", "oth", "k", "priv"];

pub async fn publishes_public_keys(range: &Range) -> Result<Outcome, CannotRun> {
    let keys = &range.issuer.keys;
    let mut evidence = Vec::new();
    let mut wrong = |key: &Value, what: String| {
        evidence.push(Evidence::of(format!("the key {}", key["kid"]), what));
    };
    for (at, key) in keys.iter().enumerate() {
        for member in PRIVATE.iter().filter(|member| key.get(**member).is_some()) {
            wrong(key, format!("it holds the private member {member:?}"));
        }
        if !key["kid"].is_string() || !key["alg"].is_string() {
            wrong(key, "it lacks `kid` or `alg`".to_owned());
        }
        if keys[..at].iter().any(|other| other["kid"] == key["kid"]) {
            wrong(key, "another key has its name".to_owned());
        }
    }
    if keys.is_empty() {
        wrong(&Value::Null, "the set is empty".to_owned());
    }
    Ok(Outcome::of(keys.len(), evidence))
}

pub const TOKEN: Card = Card {
    name: "access-token",
    title: "An access token is short-lived, typed, and says no more than needed",
    severity: Severity::High,
    why: "Whoever holds a token reads it, and it cannot be changed once it is out.",
    source: "RFC 9068 §2, §6, RFC 9700 §2.2",
    fix: "Follow RFC 9068, keep lifetimes under an hour, and leave personal data to the API that needs it.",
};

const REQUIRED: [&str; 7] = ["iss", "sub", "aud", "exp", "iat", "jti", "client_id"];
const PERSONAL: [&str; 6] = [
    "email",
    "phone_number",
    "name",
    "address",
    "birthdate",
    "password",
];
const AN_HOUR: i64 = 3600;

pub async fn writes_good_tokens(range: &Range) -> Result<Outcome, CannotRun> {
    let token = range.log_in_to_issuer().await?.access;
    let genuine = Genuine::parse(&token)?;
    let mut wrong = Vec::new();
    wrong.extend(
        REQUIRED
            .iter()
            .filter(|name| genuine.claim(name).is_null())
            .map(|name| format!("`{name}` is missing")),
    );
    wrong.extend(
        PERSONAL
            .iter()
            .filter(|name| !genuine.claim(name).is_null())
            .map(|name| format!("`{name}` is in it")),
    );
    let header = decode_unverified(&token)
        .map(|read| read.header)
        .unwrap_or_default();
    if header["typ"] != "at+jwt" {
        wrong.push(format!("`typ` is {}", header["typ"]));
    }
    let life = genuine
        .claim("exp")
        .as_i64()
        .zip(genuine.claim("iat").as_i64());
    if life.is_none_or(|(exp, iat)| exp - iat > AN_HOUR) {
        wrong.push("it lives for more than an hour".to_owned());
    }
    if genuine.algorithm.is_symmetric() {
        wrong.push("it is signed with a shared secret".to_owned());
    }
    let evidence = wrong.into_iter().map(|what| Evidence::of("a login", what));
    Ok(Outcome::of(
        REQUIRED.len() + PERSONAL.len() + 3,
        evidence.collect(),
    ))
}
