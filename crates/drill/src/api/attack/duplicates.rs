//! One claim twice. A gateway that reads one and a service that reads the other do not mean the same token.

use super::{Attack, Means, Variant};
use crate::api::workshop::Workshop;
use crate::card::{Card, Severity};

const WHY: &str = "Two readers of one token see different claims, so what a gateway has checked is not what the service believes.";
const SOURCE: &str = "RFC 7519 §4, RFC 7515 §4, RFC 8259 §4";

pub const ATTACKS: &[Attack] = &[
    Attack {
        card: Card {
            name: "duplicate-claims",
            title: "Of a claim that stands twice, the first is not taken",
            severity: Severity::Medium,
            why: WHY,
            source: SOURCE,
            fix: "Use a JSON reader that refuses duplicate members, or takes the last one as RFC 7519 allows.",
        },
        by: Means::Seal,
        forge: good_first,
    },
    Attack {
        card: Card {
            name: "duplicate-claims-last",
            title: "A claim that stands twice is refused",
            severity: Severity::Note,
            why: WHY,
            source: SOURCE,
            fix: "Use a JSON reader that refuses duplicate members, if there is one.",
        },
        by: Means::Seal,
        forge: good_last,
    },
];

/// Both at once, so that a service that looks at neither `exp` nor `aud` is the only other one that takes it: that is told
/// under its own name.
const WRONG: [(&str, &str); 2] = [("exp", "1"), ("aud", r#""https://elsewhere.example""#)];

fn good_first(shop: &Workshop) -> Vec<Variant> {
    let claims = WRONG
        .into_iter()
        .fold(shop.claims(), |claims, (name, wrong)| {
            claims.and(name, wrong)
        });
    let token = shop.sealed(&claims);
    Variant::sealed("`exp` and `aud` twice, the good ones first", token)
        .into_iter()
        .collect()
}

fn good_last(shop: &Workshop) -> Vec<Variant> {
    let claims = WRONG
        .into_iter()
        .fold(shop.claims(), |claims, (name, wrong)| {
            claims.before(name, wrong)
        });
    let token = shop.sealed(&claims);
    Variant::sealed("`exp` and `aud` twice, the good ones last", token)
        .into_iter()
        .collect()
}
