//! What is no token at all: it must be refused like any other, quickly and without a fault.

use super::{Attack, Means, Variant};
use crate::api::workshop::Workshop;
use crate::card::{Card, Severity};
use crate::token::{encode, quote};

pub const ATTACKS: &[Attack] = &[
    Attack {
        card: Card {
            name: "garbage-token",
            title: "What is no token is refused",
            severity: Severity::Critical,
            why: "A reader that takes anything for a token reads nothing.",
            source: "RFC 7519 §7.2, RFC 8725 §3.11",
            fix: "Refuse whatever the library reports as an error, whatever error it is.",
        },
        by: Means::Forgery,
        forge: garbage,
    },
    Attack {
        card: Card {
            name: "oversize-token",
            title: "A token of absurd size is refused",
            severity: Severity::High,
            why: "Work that grows with what a stranger sends makes one request as costly as a thousand.",
            source: "CVE-2025-30204, RFC 8725 §3.4",
            fix: "Refuse tokens above 16 KiB before looking at them, and bound header sizes in the HTTP server.",
        },
        by: Means::Forgery,
        forge: oversize,
    },
];

/// Judged over all attacks together.
pub const FAULTS: Card = Card {
    name: "refusal-is-a-fault",
    title: "A bad token is answered in time, and as the caller's mistake",
    severity: Severity::Medium,
    why: "A 5xx or a hanging request means that the refusal was an accident: it hides attacks among outages, and the next \
          malformed token may get further.",
    source: "RFC 6750 §3.1",
    fix: "Catch every error of the JWT library and answer 401 with a WWW-Authenticate challenge.",
};

fn garbage(shop: &Workshop) -> Vec<Variant> {
    let (payload, signature) = (shop.genuine.payload(), shop.genuine.signature());
    let deep = format!("{}{}", r#"{"x":"#.repeat(2000), "}".repeat(2000));
    let head = shop.header().json();
    let alg = quote(shop.genuine.algorithm.as_str());
    let headers: [(&str, Vec<u8>); 12] = [
        ("an array", b"[]".to_vec()),
        ("null", b"null".to_vec()),
        ("a number", b"1e400".to_vec()),
        ("a text", b"\"alg\"".to_vec()),
        ("empty", Vec::new()),
        ("cut off", head.as_bytes()[..head.len() / 2].to_vec()),
        ("with a byte order mark", format!("\u{feff}{head}").into()),
        ("with bytes behind it", format!("{head}{{}}").into()),
        (
            "not UTF-8",
            vec![b'{', b'"', 0xff, 0xfe, b'"', b':', b'1', b'}'],
        ),
        ("2,000 levels deep", deep.into()),
        (
            "with `alg` twice",
            shop.header().and("alg", alg).json().into(),
        ),
        (
            "with a `kid` of 3,000 letters",
            shop.header()
                .with("kid", quote(&"k".repeat(3000)))
                .json()
                .into(),
        ),
    ];
    let mut variants: Vec<_> = headers
        .into_iter()
        .map(|(what, header)| {
            let token = format!("{}.{payload}.{signature}", encode(header));
            Variant::token(format!("a header that is {what}"), token)
        })
        .collect();
    let texts: [(&str, Vec<u8>); 10] = [
        ("two dots", b"..".to_vec()),
        ("three letters", b"a.b.c".to_vec()),
        ("one word", b"drill".to_vec()),
        ("only the header", shop.genuine.head().into()),
        ("a thousand dots", vec![b'.'; 1000]),
        ("an encrypted token", b"eyJhbGciOiJkaXIiLCJlbmMiOiJBMTI4R0NNIn0..AAAAAAAAAAAAAAAA.AAAA.AAAAAAAAAAAAAAAAAAAAAA".to_vec()),
        ("bytes that are not ASCII", "é.ü.ß".into()),
        ("markup", b"<script>alert(1)</script>".to_vec()),
        ("SQL", b"' OR 1=1 --".to_vec()),
        ("percent signs", b"%00%0d%0a".to_vec()),
    ];
    variants.extend(
        texts
            .into_iter()
            .map(|(what, text)| Variant::token(what, text)),
    );
    variants
}

fn oversize(shop: &Workshop) -> Vec<Variant> {
    let genuine = &shop.genuine;
    let filled = |bytes: usize| {
        let claims = shop.claims().and("filler", quote(&"x".repeat(bytes)));
        format!(
            "{}.{}.{}",
            genuine.head(),
            encode(claims.json()),
            genuine.signature()
        )
    };
    vec![
        Variant::token("6 KB of claims", filled(6 * 1024)),
        Variant::token("60 KB of claims", filled(60 * 1024)),
        Variant::token("1 MB of claims", filled(1024 * 1024)),
        Variant::token("100,000 dots", vec![b'.'; 100_000]),
    ]
}
