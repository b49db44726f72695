//! No token, or one where none belongs.

use super::{Attack, Means, Variant};
use crate::api::target::Presented;
use crate::api::workshop::Workshop;
use crate::card::{Card, Severity};

pub const MISSING: Card = Card {
    name: "missing-token",
    title: "Nothing is served without a token",
    severity: Severity::Critical,
    why: "A check that runs only when a token is there protects against nobody.",
    source: "RFC 6750 §3.1",
    fix: "Refuse in one place in front of all handlers, and let only listed resources be public.",
};

pub const ATTACKS: &[Attack] = &[
    Attack {
        card: MISSING,
        by: Means::Forgery,
        forge: missing,
    },
    Attack {
        card: Card {
            name: "token-in-url",
            title: "A token in the URL is not taken",
            severity: Severity::Note,
            why: "URLs end up in logs, histories and Referer headers, and tokens with them.",
            source: "RFC 9700 §4.3.2, RFC 6750 §5.3",
            fix: "Read tokens from the Authorization header alone.",
        },
        by: Means::Forgery,
        forge: in_url,
    },
];

fn missing(_: &Workshop) -> Vec<Variant> {
    [
        ("no Authorization header", Presented::Nothing),
        (
            "an empty Bearer",
            Presented::Authorization("Bearer".to_owned()),
        ),
        ("the word null", Presented::Bearer(b"null".to_vec())),
        (
            "the word undefined",
            Presented::Bearer(b"undefined".to_vec()),
        ),
        (
            "Basic credentials",
            Presented::Authorization("Basic YWRtaW46YWRtaW4=".to_owned()),
        ),
    ]
    .map(|(what, presented)| Variant {
        what: what.to_owned(),
        presented,
    })
    .into()
}

fn in_url(shop: &Workshop) -> Vec<Variant> {
    vec![Variant {
        what: "the good token as ?access_token=".to_owned(),
        presented: Presented::Query(shop.genuine.token()),
    }]
}
