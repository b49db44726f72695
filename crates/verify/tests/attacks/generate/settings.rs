use std::collections::BTreeMap;

use keywright_verify::Algorithm;
use serde_json::{Value, json};

use super::weak_key;
use crate::forge::{AUDIENCE, ISSUER, NOW};
use crate::keys::{ASYMMETRIC, HS256_SECRET, HS384_SECRET, HS512_SECRET, encode, kid_of, public};
use crate::settings::{Keys, Secret, Settings, VerifierSettings};

/// What verifiers.json should hold.
pub fn settings() -> Settings {
    Settings {
        now: NOW,
        verifiers: verifiers(),
        key_sets: key_sets(),
        secrets: BTreeMap::from([
            secret("hs256", Algorithm::Hs256, HS256_SECRET),
            secret("hs384", Algorithm::Hs384, HS384_SECRET),
            secret("hs512", Algorithm::Hs512, HS512_SECRET),
        ]),
    }
}

fn verifiers() -> BTreeMap<String, VerifierSettings> {
    let base = || access_tokens(Keys::Set("issuer".to_owned()));
    let set = |name: &str| access_tokens(Keys::Set(name.to_owned()));
    let shared = |name: &str| access_tokens(Keys::Secret(name.to_owned()));
    let named = [
        ("asymmetric", base()),
        (
            "es256-only",
            VerifierSettings {
                algorithms: vec![Algorithm::Es256],
                ..base()
            },
        ),
        ("one-key", set("one-key")),
        ("two-of-one-algorithm", set("two-of-one-algorithm")),
        ("unnamed-key-first", set("unnamed-key-first")),
        ("weak-keys", set("weak-keys")),
        ("hs256", shared("hs256")),
        ("hs384", shared("hs384")),
        ("hs512", shared("hs512")),
        (
            "no-leeway",
            VerifierSettings {
                leeway: 0,
                ..base()
            },
        ),
        (
            "no-size-limit",
            VerifierSettings {
                max_token_bytes: 64 << 20,
                ..base()
            },
        ),
        (
            "max-token-age",
            VerifierSettings {
                max_token_age: Some(3600),
                ..base()
            },
        ),
        (
            "fresh-login",
            VerifierSettings {
                max_login_age: Some(300),
                ..base()
            },
        ),
        (
            "strong-login",
            VerifierSettings {
                acr: Some("phr".to_owned()),
                ..base()
            },
        ),
        (
            "scope-required",
            VerifierSettings {
                scope: Some("write:orders".to_owned()),
                ..base()
            },
        ),
        (
            "role-required",
            VerifierSettings {
                role: Some("admin".to_owned()),
                ..base()
            },
        ),
        (
            "behind-gateway",
            VerifierSettings {
                accept_unproven_binding: true,
                ..base()
            },
        ),
        (
            "id-token",
            VerifierSettings {
                audience: "shop".to_owned(),
                typ: Some("JWT".to_owned()),
                ..base()
            },
        ),
        (
            "no-typ",
            VerifierSettings {
                typ: None,
                ..base()
            },
        ),
    ];
    named
        .into_iter()
        .map(|(name, verifier)| (name.to_owned(), verifier))
        .collect()
}

fn access_tokens(keys: Keys) -> VerifierSettings {
    VerifierSettings {
        issuer: ISSUER.to_owned(),
        audience: AUDIENCE.to_owned(),
        typ: Some("at+jwt".to_owned()),
        keys,
        algorithms: Vec::new(),
        leeway: 60,
        max_token_bytes: 16 * 1024,
        max_token_age: None,
        max_login_age: None,
        acr: None,
        scope: None,
        role: None,
        accept_unproven_binding: false,
    }
}

fn key_sets() -> BTreeMap<String, Value> {
    let issuer = ASYMMETRIC.map(|algorithm| published(kid_of(algorithm), algorithm));
    let mut unnamed = published("es256-2", "ES256");
    unnamed.as_object_mut().unwrap().remove("kid");
    let mut weak = vec![published("ed25519-1", "EdDSA")];
    weak.extend(weak_key::jwks());
    BTreeMap::from([
        ("issuer".to_owned(), json!({ "keys": issuer })),
        (
            "one-key".to_owned(),
            json!({ "keys": [published("es256-1", "ES256")] }),
        ),
        (
            "two-of-one-algorithm".to_owned(),
            json!({ "keys": [published("es256-1", "ES256"), published("es256-2", "ES256")] }),
        ),
        (
            "unnamed-key-first".to_owned(),
            json!({ "keys": [unnamed, published("ed25519-1", "EdDSA")] }),
        ),
        ("weak-keys".to_owned(), json!({ "keys": weak })),
    ])
}

/// A key as its issuer publishes it.
fn published(name: &str, algorithm: &str) -> Value {
    let mut jwk: Value = serde_json::from_str(&public(name).jwk).unwrap();
    jwk["kid"] = name.into();
    jwk["alg"] = algorithm.into();
    jwk["use"] = "sig".into();
    jwk
}

fn secret(name: &str, alg: Algorithm, bytes: &[u8]) -> (String, Secret) {
    (
        name.to_owned(),
        Secret {
            alg,
            k: encode(bytes),
        },
    )
}
