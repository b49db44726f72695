//! Signatures that are none, or another's.

use keywright_jwt::Algorithm;

use super::{Attack, Means, Variant};
use crate::api::workshop::Workshop;
use crate::card::{Card, Severity};
use crate::token::{encode, quote};

pub const ATTACKS: &[Attack] = &[
    Attack {
        card: Card {
            name: "signature-not-checked",
            title: "The signature is checked",
            severity: Severity::Critical,
            why: "Whoever can write JSON can be anybody: the claims are the attacker's own words.",
            source: "RFC 7515 §5.2, RFC 8725 §2.1, CVE-2015-9235",
            fix: "Call the verifying function of your JWT library (not decode), with the issuer's key set.",
        },
        by: Means::Forgery,
        forge: unchecked,
    },
    Attack {
        card: Card {
            name: "blank-ecdsa-signature",
            title: "ECDSA signatures of trivial numbers are refused",
            severity: Severity::Critical,
            why: "With r = s = 0 a careless implementation finds its equation fulfilled for every message.",
            source: "CVE-2022-21449, RFC 7518 §3.4",
            fix: "Update the runtime or library that verifies ECDSA.",
        },
        by: Means::Forgery,
        forge: blank,
    },
    Attack {
        card: Card {
            name: "signature-of-another-token",
            title: "A signature counts for its own token alone",
            severity: Severity::Critical,
            why: "If parts of two valid tokens make a third, claims can be chosen from any token ever seen.",
            source: "RFC 7515 §5.2",
            fix: "Verify the signature over the header and payload exactly as they were sent.",
        },
        by: Means::Forgery,
        forge: foreign,
    },
    Attack {
        card: Card {
            name: "stranger-key",
            title: "Only the issuer's keys are trusted",
            severity: Severity::Critical,
            why: "A token that any key may have signed was signed by the attacker.",
            source: "RFC 8725 §3.1",
            fix: "Select the key by `kid` from the issuer's key set, and refuse when there is none of that name.",
        },
        by: Means::Forgery,
        forge: stranger,
    },
];

fn unchecked(shop: &Workshop) -> Vec<Variant> {
    let genuine = &shop.genuine;
    let somebody = encode(shop.claims().with("sub", r#""somebody-else""#).json());
    let later = encode(
        shop.claims()
            .with("exp", (shop.now + 3600).to_string())
            .json(),
    );
    let (head, signature) = (genuine.head(), genuine.signature());
    let mut changed = genuine.signature_bytes();
    let mut variants = vec![
        Variant::token(
            "another `sub` under the old signature",
            format!("{head}.{somebody}.{signature}"),
        ),
        Variant::token(
            "a later `exp` under the old signature",
            format!("{head}.{later}.{signature}"),
        ),
        Variant::token("no signature", format!("{}.", genuine.input())),
        Variant::token("no signature and no dot", genuine.input()),
        Variant::token(
            "a signature of zeros",
            genuine.signed_by(&vec![0; changed.len()]),
        ),
        Variant::token(
            "half the signature",
            genuine.signed_by(&changed[..changed.len() / 2]),
        ),
        Variant::token(
            "the word signature",
            format!("{}.c2lnbmF0dXJl", genuine.input()),
        ),
    ];
    if let Some(first) = changed.first_mut() {
        *first ^= 1;
        variants.push(Variant::token(
            "one bit of the signature changed",
            genuine.signed_by(&changed),
        ));
    }
    variants
}

fn blank(shop: &Workshop) -> Vec<Variant> {
    let half = match shop.genuine.algorithm {
        Algorithm::Es256 => 32,
        Algorithm::Es384 => 48,
        Algorithm::Hs256
        | Algorithm::Hs384
        | Algorithm::Hs512
        | Algorithm::Rs256
        | Algorithm::Ps256
        | Algorithm::EdDsa => return Vec::new(),
    };
    let number = |value: u8| [vec![0; half - 1], vec![value]].concat();
    let der_of_zeros = vec![0x30, 6, 2, 1, 0, 2, 1, 0];
    let pairs = [(0, 0), (0, 1), (1, 0), (1, 1)];
    let mut variants: Vec<_> = pairs
        .iter()
        .map(|(r, s)| {
            let signature = [number(*r), number(*s)].concat();
            Variant::token(
                format!("r = {r}, s = {s}"),
                shop.genuine.signed_by(&signature),
            )
        })
        .collect();
    variants.push(Variant::token(
        "r = s = 0 as DER",
        shop.genuine.signed_by(&der_of_zeros),
    ));
    variants
}

fn foreign(shop: &Workshop) -> Vec<Variant> {
    let Some(other) = &shop.other else {
        return Vec::new();
    };
    let mixed = |a: &crate::token::Genuine, b: &crate::token::Genuine| {
        format!("{}.{}.{}", a.head(), a.payload(), b.signature())
    };
    vec![
        Variant::token(
            "the signature of another token",
            mixed(&shop.genuine, other),
        ),
        Variant::token("the payload of another token", mixed(other, &shop.genuine)),
    ]
}

fn stranger(shop: &Workshop) -> Vec<Variant> {
    let (key, claims) = (&shop.stranger, shop.claims());
    let header = shop.header().with("alg", quote(key.algorithm().as_str()));
    vec![
        Variant::token(
            "signed by a stranger under the issuer's `kid`",
            key.sign(&header, &claims),
        ),
        Variant::token(
            "signed by a stranger under its own `kid`",
            key.sign(&header.clone().with("kid", quote(key.kid())), &claims),
        ),
        Variant::token(
            "signed by a stranger without `kid`",
            key.sign(&header.without("kid"), &claims),
        ),
    ]
}
