use std::collections::BTreeSet;
use std::sync::Arc;

use keywright_jwt::{Algorithm, Compact, SigningKey};
use serde_json::json;

use super::*;
use crate::api::{NotSealed, Seal};
use crate::token::Genuine;

struct Key(SigningKey);

impl Seal for Key {
    fn sign(&self, _: &str, typ: &str, payload: &[u8]) -> Result<String, NotSealed> {
        let signed = self.0.sign(typ, payload);
        signed.map_err(|error| NotSealed(error.to_string()))
    }
}

fn shop(algorithm: Algorithm) -> Workshop {
    let (key, _) = SigningKey::generate(algorithm).unwrap();
    let claims = |jti: &str| {
        json!({ "iss": "https://id.example", "aud": "https://api.example", "sub": "ann", "client_id": "web", "jti": jti,
            "iat": 1_800_000_000, "exp": 1_800_000_300, "scope": "read:orders" })
    };
    let token = |jti: &str| {
        key.sign("at+jwt", claims(jti).to_string().as_bytes())
            .unwrap()
    };
    let genuine = |jti| Genuine::parse(&token(jti)).unwrap();
    let jwks = [serde_json::to_value(key.public_jwk().unwrap()).unwrap()];
    let (one, other) = (genuine("one"), genuine("other"));
    let seal: Arc<dyn Seal> = Arc::new(Key(key));
    Workshop::new(one, Some(other), &jwks, Some(seal), 1_800_000_010).unwrap()
}

fn all() -> impl Iterator<Item = &'static Attack> {
    ATTACKS.iter().copied().flatten()
}

#[test]
fn names_are_unique_and_every_attack_says_why_and_how_to_fix_it() {
    let names: BTreeSet<_> = all().map(|attack| attack.card.name).collect();
    assert_eq!(names.len(), all().count());
    for Attack { card, .. } in all() {
        let all_said = [card.title, card.why, card.source, card.fix];
        assert!(all_said.iter().all(|text| text.len() > 7), "{}", card.name);
    }
}

#[test]
fn every_attack_has_something_to_send_and_never_the_good_token() {
    for algorithm in [Algorithm::Es256, Algorithm::EdDsa] {
        let shop = shop(algorithm);
        let good = shop.genuine.token();
        for attack in all() {
            let variants = (attack.forge)(&shop);
            let applies =
                attack.card.name != "blank-ecdsa-signature" || algorithm == Algorithm::Es256;
            assert_eq!(!variants.is_empty(), applies, "{}", attack.card.name);
            for variant in variants {
                let Presented::Bearer(token) = &variant.presented else {
                    continue;
                };
                assert_ne!(
                    token,
                    good.as_bytes(),
                    "{}: {}",
                    attack.card.name,
                    variant.what
                );
            }
        }
    }
}

/// Otherwise an attack that needs the issuer's signature would be refused for the lack of one.
#[test]
fn what_needs_a_seal_is_signed_by_the_issuer_and_what_does_not_is_not() {
    let shop = shop(Algorithm::Es256);
    let jwk = keywright_jwt::Jwk::parse(shop.keys[0].jwk.to_string().as_bytes()).unwrap();
    let key = keywright_jwt::VerifyingKey::from_jwk(&jwk, Algorithm::Es256).unwrap();
    let is_signed = |token: &[u8]| {
        let text = std::str::from_utf8(token).ok()?;
        let compact = Compact::split(text).ok()?;
        let signature = compact.decode_signature().ok()?;
        key.verify(compact.signing_input(), signature.as_bytes())
            .ok()
    };
    for attack in all() {
        for variant in (attack.forge)(&shop) {
            if let Presented::Bearer(token) = &variant.presented {
                let signed = is_signed(token).is_some();
                assert_eq!(
                    signed,
                    attack.by == Means::Seal,
                    "{}: {}",
                    attack.card.name,
                    variant.what
                );
            }
        }
    }
}

#[test]
fn an_issuer_that_lends_no_key_leaves_every_forgery() {
    let mut shop = shop(Algorithm::Es256);
    shop.seal = None;
    for attack in all() {
        let is_empty = (attack.forge)(&shop).is_empty();
        assert_eq!(is_empty, attack.by == Means::Seal, "{}", attack.card.name);
    }
}
