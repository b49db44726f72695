//! What a token permits.

use super::{Attack, Means, Variant};
use crate::api::workshop::Workshop;
use crate::card::{Card, Severity};
use crate::token::quote;

const SCOPE: Card = Card {
    name: "insufficient-scope",
    title: "A token without the scope is refused",
    severity: Severity::High,
    why: "Any token of the issuer for this audience does everything here, whatever was granted to it.",
    source: "RFC 6750 §3.1, RFC 9068 §4, CWE-862",
    fix: "Demand the scope of each resource by whole words, and answer 403 insufficient_scope.",
};

pub const ATTACKS: &[Attack] = &[Attack {
    card: SCOPE,
    by: Means::Seal,
    forge: narrower,
}];

fn narrower(shop: &Workshop) -> Vec<Variant> {
    let ours = shop.genuine.text("scope");
    if ours.is_empty() {
        return Vec::new();
    }
    let longer: Vec<_> = ours.split(' ').map(|word| format!("{word}x")).collect();
    let shorter: Vec<_> = ours
        .split(' ')
        .filter_map(|word| word.get(..word.len() - 1))
        .collect();
    let scopes = [
        ("an empty scope", quote("")),
        ("a scope that nobody knows", quote("drill:nothing")),
        ("scopes that are a letter longer", quote(&longer.join(" "))),
        (
            "scopes that are a letter shorter",
            quote(&shorter.join(" ")),
        ),
    ];
    let claims = shop.claims().without("roles");
    let mut variants: Vec<_> = scopes
        .into_iter()
        .filter_map(|(what, scope)| {
            Variant::sealed(what, shop.sealed(&claims.clone().with("scope", scope)))
        })
        .collect();
    variants.extend(Variant::sealed(
        "no scope",
        shop.sealed(&claims.without("scope")),
    ));
    variants
}
