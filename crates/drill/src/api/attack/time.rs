//! When a token counts.

use super::{Attack, Means, Variant};
use crate::api::workshop::Workshop;
use crate::card::{Card, Severity};

/// Beyond any leeway that a service has reason to grant.
const LONG: i64 = 600;

const EXPIRED: Card = Card {
    name: "expired-token",
    title: "A token ends when it expires",
    severity: Severity::Critical,
    why: "Whatever token leaked once, from a log or a lost device, opens the door for ever.",
    source: "RFC 7519 §4.1.4, RFC 8725 §3.9, RFC 9068 §4",
    fix: "Let the library check `exp` (it is often an option), with a leeway of a minute at most.",
};

pub const ATTACKS: &[Attack] = &[
    Attack {
        card: EXPIRED,
        by: Means::Seal,
        forge: expired,
    },
    Attack {
        card: Card {
            name: "expiry-not-required",
            title: "A token without a readable expiry is refused",
            severity: Severity::High,
            why: "A check that is skipped when `exp` is absent or of another type makes tokens for ever.",
            source: "CVE-2026-25537, RFC 9068 §2.2, RFC 7519 §4.1.4",
            fix: "Require `exp` (PyJWT: options={\"require\": [\"exp\"]}; jose: requiredClaims) and that it is a number.",
        },
        by: Means::Seal,
        forge: without_expiry,
    },
    Attack {
        card: Card {
            name: "not-yet-valid",
            title: "A token does not count before its time",
            severity: Severity::Medium,
            why: "`nbf` is how an issuer hands out what may be used later.",
            source: "RFC 7519 §4.1.5",
            fix: "Let the library check `nbf`.",
        },
        by: Means::Seal,
        forge: early,
    },
];

fn expired(shop: &Workshop) -> Vec<Variant> {
    let ends = [
        ("ten minutes ago", LONG),
        ("a day ago", 86_400),
        ("in 1970", shop.now - 1),
    ];
    let tokens = ends.into_iter().filter_map(|(what, ago)| {
        let (exp, iat) = (shop.now - ago, shop.now - ago - 300);
        let claims = shop
            .claims()
            .with("exp", exp.to_string())
            .with("iat", iat.to_string());
        Variant::sealed(format!("expired {what}"), shop.sealed(&claims))
    });
    tokens.collect()
}

fn without_expiry(shop: &Workshop) -> Vec<Variant> {
    // Dates of another type lie in the past: some libraries convert them, which is lax and still safe.
    let values = [
        "null",
        "true",
        "[]",
        "{}",
        "\"never\"",
        "\"1\"",
        "[1]",
        "-1",
        "0",
    ];
    let mut variants: Vec<_> = values
        .into_iter()
        .filter_map(|value| {
            let claims = shop.claims().with("exp", value);
            Variant::sealed(format!("`exp` is {value}"), shop.sealed(&claims))
        })
        .collect();
    let none = shop.sealed(&shop.claims().without("exp"));
    variants.extend(Variant::sealed("no `exp`", none));
    variants
}

fn early(shop: &Workshop) -> Vec<Variant> {
    let claims = shop.claims().with("nbf", (shop.now + LONG).to_string());
    Variant::sealed("valid in ten minutes", shop.sealed(&claims))
        .into_iter()
        .collect()
}
