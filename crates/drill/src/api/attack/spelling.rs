//! The same token, spelt in another way. It proves no weakness by itself; it gets past whoever compares texts.

use super::{Attack, Means, Variant};
use crate::api::workshop::Workshop;
use crate::card::{Card, Severity};

pub const ATTACKS: &[Attack] = &[Attack {
    card: Card {
        name: "second-spelling",
        title: "A token has one spelling",
        severity: Severity::Note,
        why: "Where one token has several texts, deny lists, caches and logs that compare texts miss it.",
        source: "RFC 7515 §2, RFC 4648 §3.5, CVE-2022-39227",
        fix: "Use a library that refuses padding, foreign characters and loose last bits of base64url.",
    },
    by: Means::Forgery,
    forge: spellings,
}];

fn spellings(shop: &Workshop) -> Vec<Variant> {
    let genuine = &shop.genuine;
    let (token, input, signature) = (genuine.token(), genuine.input(), genuine.signature());
    let (head, payload) = (genuine.head(), genuine.payload());
    let json =
        format!(r#"{{"protected":"{head}","payload":"{payload}","signature":"{signature}"}}"#);
    let polyglot = format!(
        r#"{{"{token}":"","protected":"{head}","payload":"{payload}","signature":"{signature}"}}"#
    );
    let mut variants = vec![
        Variant::token("padded signature", format!("{token}==")),
        Variant::token("padded header", format!("{head}=.{payload}.{signature}")),
        Variant::token("a dot at the end", format!("{token}.")),
        Variant::token("a fourth part", format!("{token}.e30")),
        Variant::token("a blank inside", format!("{head} .{payload}.{signature}")),
        Variant::token("JSON serialisation", json),
        Variant::token("JSON around a compact token", polyglot),
        Variant::token(
            "a character outside of base64url behind the signature",
            format!("{token}!"),
        ),
    ];
    variants.extend(loose_bits(&input, signature));
    variants
}

/// The last character of 64 bytes holds two bits that mean nothing; so do others of no multiple of three.
fn loose_bits(input: &str, signature: &str) -> Option<Variant> {
    const ALPHABET: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    if signature.len().is_multiple_of(4) {
        return None;
    }
    let (rest, last) = signature.split_at_checked(signature.len().checked_sub(1)?)?;
    let value = ALPHABET
        .iter()
        .position(|letter| last.as_bytes() == [*letter])?;
    let loose = char::from(ALPHABET[value ^ 1]);
    Some(Variant::token(
        "loose bits behind the signature",
        format!("{input}.{rest}{loose}"),
    ))
}
