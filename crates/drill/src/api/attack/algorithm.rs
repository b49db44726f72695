//! The header chooses the algorithm.

use keywright_jwt::Algorithm;

use super::{Attack, Means, Variant};
use crate::api::workshop::Workshop;
use crate::card::{Card, Severity};
use crate::token::{Members, Stranger, encode, quote, signing_input};

pub const ATTACKS: &[Attack] = &[
    Attack {
        card: Card {
            name: "alg-none",
            title: "Unsigned tokens are refused, however `none` is spelt",
            severity: Severity::Critical,
            why: "A token of algorithm `none` is a wish. Filters that compare one spelling let the others through.",
            source: "CVE-2015-9235, CVE-2022-23540, RFC 8725 §2.1, §3.2",
            fix: "Give the library the list of algorithms that you expect, such as [\"ES256\"].",
        },
        by: Means::Forgery,
        forge: none,
    },
    Attack {
        card: Card {
            name: "alg-missing",
            title: "A header without a usable `alg` is refused",
            severity: Severity::Critical,
            why: "A default that steps in for a missing algorithm is chosen by whoever left it out.",
            source: "RFC 7515 §4.1.1, RFC 8725 §3.1",
            fix: "Give the library the list of algorithms that you expect.",
        },
        by: Means::Forgery,
        forge: missing,
    },
    Attack {
        card: Card {
            name: "alg-swapped",
            title: "A key verifies with its own algorithm alone",
            severity: Severity::Critical,
            why: "What is a harmless number to one algorithm may be a key to another.",
            source: "RFC 8725 §3.1, CVE-2023-48223",
            fix: "Pin each key to the `alg` of its JWK, and your verifier to one algorithm.",
        },
        by: Means::Forgery,
        forge: swapped,
    },
];

const SPELLINGS: [&str; 8] = ["none", "None", "NONE", "nOnE", "none ", "", "null", "plain"];

fn none(shop: &Workshop) -> Vec<Variant> {
    let mut variants = Vec::new();
    for spelling in SPELLINGS {
        for (with_kid, header) in [
            ("", shop.header()),
            (", no kid", shop.header().without("kid")),
        ] {
            let header = header.with("alg", quote(spelling));
            let input = signing_input(header.json(), shop.claims().json());
            let kept = shop.genuine.signature();
            variants.extend([
                Variant::token(
                    format!("alg {spelling:?}{with_kid}, empty signature"),
                    format!("{input}."),
                ),
                Variant::token(
                    format!("alg {spelling:?}{with_kid}, no signature"),
                    input.clone(),
                ),
                Variant::token(
                    format!("alg {spelling:?}{with_kid}, old signature"),
                    format!("{input}.{kept}"),
                ),
            ]);
        }
    }
    variants
}

fn missing(shop: &Workshop) -> Vec<Variant> {
    let headers: [(&str, Members); 6] = [
        ("absent", shop.header().without("alg")),
        ("null", shop.header().with("alg", "null")),
        ("a number", shop.header().with("alg", "0")),
        (
            "an array of the right one",
            shop.header().with(
                "alg",
                format!("[{}]", quote(shop.genuine.algorithm.as_str())),
            ),
        ),
        (
            "lower case",
            shop.header().with(
                "alg",
                quote(&shop.genuine.algorithm.as_str().to_lowercase()),
            ),
        ),
        ("unknown", shop.header().with("alg", r#""XS256""#)),
    ];
    let mut variants = Vec::new();
    for (what, header) in headers {
        let input = signing_input(header.json(), shop.claims().json());
        let kept = shop.genuine.signature();
        let own = shop.stranger.sign(&header, &shop.claims());
        variants.extend([
            Variant::token(
                format!("alg {what}, old signature"),
                format!("{input}.{kept}"),
            ),
            Variant::token(format!("alg {what}, empty signature"), format!("{input}.")),
            Variant::token(format!("alg {what}, a stranger's signature"), own),
        ]);
    }
    variants
}

/// Signed by an own key of every other algorithm under the issuer's `kid`; and the old signature under another name.
fn swapped(shop: &Workshop) -> Vec<Variant> {
    let others = Algorithm::ALL.into_iter();
    let others = others.filter(|algorithm| *algorithm != shop.genuine.algorithm);
    let mut variants = Vec::new();
    for algorithm in others {
        let header = shop.header().with("alg", quote(algorithm.as_str()));
        let kept = format!(
            "{}.{}.{}",
            encode(header.json()),
            shop.genuine.payload(),
            shop.genuine.signature()
        );
        variants.push(Variant::token(
            format!("the old signature as {algorithm}"),
            kept,
        ));
        // RSA keys take long to make, and add nothing to what the others show.
        let is_rsa = matches!(algorithm, Algorithm::Rs256 | Algorithm::Ps256);
        if let Some(key) = (!is_rsa).then(|| Stranger::of(algorithm).ok()).flatten() {
            let token = key.sign(&header, &shop.claims());
            variants.push(Variant::token(
                format!("a stranger's {algorithm} under the issuer's `kid`"),
                token,
            ));
        }
    }
    variants
}
