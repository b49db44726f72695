//! Who issued a token, and for whom.

use super::{Attack, Means, Variant};
use crate::api::workshop::Workshop;
use crate::card::{Card, Severity};
use crate::token::quote;

const AUDIENCE: Card = Card {
    name: "wrong-audience",
    title: "A token for another API is refused",
    severity: Severity::Critical,
    why: "Every service that a user visits could use the user's token here: the weakest of them decides.",
    source: "RFC 7519 §4.1.3, RFC 8725 §3.9, RFC 9068 §4, CVE-2020-26160",
    fix: "Give the library your audience, compare it whole, and refuse tokens without one.",
};

pub const ATTACKS: &[Attack] = &[
    Attack {
        card: AUDIENCE,
        by: Means::Seal,
        forge: audience,
    },
    Attack {
        card: Card {
            name: "wrong-issuer",
            title: "A token of another issuer is refused",
            severity: Severity::High,
            why: "Where several issuers or tenants share keys or a key store, one of them could speak for all.",
            source: "RFC 7519 §4.1.1, RFC 8725 §3.8, RFC 9068 §4",
            fix: "Give the library the issuer's URL and compare it letter by letter.",
        },
        by: Means::Seal,
        forge: issuer,
    },
    Attack {
        card: Card {
            name: "bound-token-as-bearer",
            title: "A token that is bound to a key is not taken without the proof",
            severity: Severity::High,
            why: "Binding protects a stolen token only where somebody asks for the proof.",
            source: "RFC 9449 §7.1, RFC 8705 §3",
            fix: "Refuse tokens with `cnf` unless you check the DPoP proof or the client certificate.",
        },
        by: Means::Seal,
        forge: bound,
    },
];

fn audience(shop: &Workshop) -> Vec<Variant> {
    let ours = shop.genuine.text("aud").to_owned();
    let texts = [
        "https://elsewhere.example".to_owned(),
        String::new(),
        format!("{ours}/"),
        format!("{ours}.evil.example"),
        ours.chars().take(ours.chars().count() / 2).collect(),
        ours.to_uppercase(),
        "*".to_owned(),
        "null".to_owned(),
    ];
    let texts = texts
        .iter()
        .filter(|text| **text != ours)
        .map(|text| quote(text));
    let others = [
        "[]",
        "null",
        "{}",
        "0",
        "true",
        r#"["https://elsewhere.example"]"#,
        r#"[""]"#,
    ];
    let values = texts.chain(others.map(str::to_owned));
    let mut variants: Vec<_> = values
        .filter_map(|value| {
            let token = shop.sealed(&shop.claims().with("aud", value.clone()));
            Variant::sealed(format!("`aud` is {value}"), token)
        })
        .collect();
    let none = shop.sealed(&shop.claims().without("aud"));
    variants.extend(Variant::sealed("no `aud`", none));
    variants
}

fn issuer(shop: &Workshop) -> Vec<Variant> {
    let ours = shop.genuine.text("iss").to_owned();
    let texts = [
        "https://evil.example".to_owned(),
        String::new(),
        format!("{ours}/"),
        format!("{ours}.evil.example"),
        format!("{ours}/tenant"),
        ours.to_uppercase(),
        ours.chars().take(ours.chars().count() / 2).collect(),
    ];
    let texts = texts.iter().map(|text| quote(text));
    let ours = quote(&ours);
    let others = [
        "null".to_owned(),
        "0".to_owned(),
        format!("[{ours}]"),
        format!("[\"https://evil.example\",{ours}]"),
    ];
    let mut variants: Vec<_> = texts
        .chain(others)
        .filter_map(|value| {
            let token = shop.sealed(&shop.claims().with("iss", value.clone()));
            Variant::sealed(format!("`iss` is {value}"), token)
        })
        .collect();
    let none = shop.sealed(&shop.claims().without("iss"));
    variants.extend(Variant::sealed("no `iss`", none));
    variants
}

fn bound(shop: &Workshop) -> Vec<Variant> {
    let thumbprint = quote("0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I");
    ["jkt", "x5t#S256"]
        .into_iter()
        .filter_map(|member| {
            let claims = shop
                .claims()
                .with("cnf", format!("{{{}:{thumbprint}}}", quote(member)));
            Variant::sealed(
                format!("bound by `{member}`, without a proof"),
                shop.sealed(&claims),
            )
        })
        .collect()
}
