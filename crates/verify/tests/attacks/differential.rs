//! The same tokens through keywright-verify and through jsonwebtoken: both accept or both refuse.
//!
//! Where we alone refuse, the refusal is one of [`STRICTER`], with the reason; where we alone accept, the edit is one of
//! [`MORE_LENIENT`]. Both lists are minimal: a test fails when an entry is not needed any more.

mod edits;
mod mutations;

use std::collections::BTreeSet;

use jsonwebtoken::{DecodingKey, Validation, decode};
use keywright_verify::Verifier;
use serde_json::Value;

use crate::catalogue;
use crate::forge::{AUDIENCE, ISSUER, Members, claims, header, token};
use crate::keys::{ASYMMETRIC, HS256_SECRET, Signer};
use crate::settings::Settings;

/// Refusal codes of ours for tokens that jsonwebtoken takes.
const STRICTER: &[(&str, &str)] = &[
    (
        "claims_malformed",
        "RFC 7519 §4: no claim twice; dates are integers below 2^53; claims have their registered types",
    ),
    (
        "header_compressed",
        "RFC 7516 §4.1.3: zip belongs to encryption",
    ),
    ("header_critical", "RFC 7797 §6: b64 without crit"),
    (
        "header_embedded_key",
        "RFC 8725 §3.10: a key in the header is refused even where nobody uses it",
    ),
    (
        "header_encrypted",
        "RFC 7516 §4.1.2: enc belongs to encryption",
    ),
    (
        "header_malformed",
        "RFC 7515 §4: no member twice, known or unknown; every value is JSON that all readers agree on",
    ),
    (
        "header_nested",
        "RFC 7519 §5.2: cty announces another token",
    ),
    ("issued_in_future", "one of the two clocks is wrong"),
    (
        "missing_claim",
        "RFC 9068 §2.2: sub, client_id, jti and iat are there and not empty",
    ),
    (
        "proof_required",
        "RFC 9449 §7.1: a bound token is no bearer token",
    ),
    (
        "unknown_key",
        "kid selects the key; jsonwebtoken is handed one",
    ),
    (
        "wrong_type",
        "RFC 9068 §4: typ is checked, and events make no access token",
    ),
];

/// Edits that jsonwebtoken alone refuses, by how they begin.
const MORE_LENIENT: &[(&str, &str)] = &[
    (
        "claims nbf=-1",
        "RFC 7519 §2: a NumericDate before 1970 is one, and has passed",
    ),
    (
        "header alg=\"Ed25519\"",
        "RFC 9864: the name of EdDSA with that curve",
    ),
    (
        "header nonce",
        "a member that is not used here is not looked at (RFC 7515 §4)",
    ),
    ("header url", "the same"),
    (
        "header x5t",
        "the same, with x5t#S256: no certificate is ever looked for",
    ),
];

/// 2100: jsonwebtoken reads the machine's clock, so what is alive lives long and what is dead died long ago.
const FAR: &str = "4102444800";

/// The issuer's key for one algorithm, on both sides.
struct Pair {
    algorithm: &'static str,
    signer: Signer,
    ours: Verifier,
    key: DecodingKey,
    validation: Validation,
}

#[derive(Debug, PartialEq)]
enum Difference {
    WeRefuse(&'static str),
    TheyRefuse(String),
}

impl Pair {
    fn all() -> Vec<Self> {
        let settings = Settings::load();
        ASYMMETRIC
            .into_iter()
            .chain(["HS256"])
            .map(|algorithm| Self::new(&settings, algorithm))
            .collect()
    }

    fn new(settings: &Settings, algorithm: &'static str) -> Self {
        let (name, key) = if algorithm == "HS256" {
            ("hs256", DecodingKey::from_secret(HS256_SECRET))
        } else {
            let keys = settings.key_sets["issuer"]["keys"].as_array().unwrap();
            let jwk = keys.iter().find(|jwk| jwk["alg"] == algorithm).unwrap();
            (
                "asymmetric",
                DecodingKey::from_jwk(&serde_json::from_value(jwk.clone()).unwrap()).unwrap(),
            )
        };
        let mut validation = Validation::new(algorithm.parse().unwrap());
        validation.set_issuer(&[ISSUER]);
        validation.set_audience(&[AUDIENCE]);
        validation.set_required_spec_claims(&["exp", "iss", "aud", "sub"]);
        validation.validate_nbf = true;
        Self {
            algorithm,
            signer: Signer::of(algorithm),
            ours: settings.build(name),
            key,
            validation,
        }
    }

    fn header(&self) -> Members {
        if self.algorithm == "HS256" {
            return Members::new(&[
                ("alg", r#""HS256""#),
                ("typ", r#""at+jwt""#),
                ("kid", r#""shared""#),
            ]);
        }
        header(self.algorithm)
    }

    fn claims() -> Members {
        claims().with("exp", FAR)
    }

    fn token(&self, header: &Members, claims: &Members) -> String {
        token(header.json(), claims.json(), &self.signer)
    }

    fn compare(&self, token: &str) -> Option<Difference> {
        let theirs = decode::<Value>(token, &self.key, &self.validation);
        match (self.ours.verify(token), theirs) {
            (Ok(_), Ok(_)) | (Err(_), Err(_)) => None,
            (Err(refusal), Ok(_)) => Some(Difference::WeRefuse(refusal.code())),
            (Ok(_), Err(error)) => Some(Difference::TheyRefuse(error.to_string())),
        }
    }
}

#[test]
fn good_tokens_are_good_to_both() {
    for pair in Pair::all() {
        let token = pair.token(&pair.header(), &Pair::claims());
        assert!(pair.ours.verify(&token).is_ok(), "{}", pair.algorithm);
        assert_eq!(pair.compare(&token), None, "{}", pair.algorithm);
    }
}

#[test]
fn every_edit_is_judged_alike_or_the_difference_is_explained() {
    let (mut stricter, mut lenient) = (BTreeSet::new(), BTreeSet::new());
    // What is read is the same for every algorithm; RSA would only take its time.
    let pairs: Vec<_> = Pair::all()
        .into_iter()
        .filter(|pair| !pair.signer.is_rsa())
        .collect();
    for edit in edits::all() {
        for pair in &pairs {
            let (header, claims) = edit.apply(pair.header(), Pair::claims());
            match pair.compare(&pair.token(&header, &claims)) {
                Some(Difference::WeRefuse(code)) => {
                    stricter.insert(code.to_owned());
                }
                Some(Difference::TheyRefuse(_)) => {
                    lenient.insert(explained(&edit.to_string()));
                }
                None => {}
            }
        }
    }
    let listed = |list: &[(&str, &str)]| {
        list.iter()
            .map(|(name, _)| (*name).to_owned())
            .collect::<BTreeSet<_>>()
    };
    assert_eq!(stricter, listed(STRICTER));
    assert_eq!(lenient, listed(MORE_LENIENT));
}

/// The entry of the list that an edit falls under, or the edit itself.
fn explained(edit: &str) -> String {
    let entry = MORE_LENIENT
        .iter()
        .find(|(start, _)| edit.starts_with(start));
    entry.map_or(edit, |(start, _)| start).to_owned()
}

/// Dates aside: the catalogue is judged at its own moment, and jsonwebtoken asks the machine's clock.
#[test]
fn nothing_in_the_catalogue_is_accepted_by_us_alone() {
    let pairs = Pair::all();
    let settings = Settings::load();
    let ours = ["asymmetric", "hs256", "no-leeway", "no-size-limit"];
    for case in catalogue::load()
        .iter()
        .filter(|case| ours.contains(&case.verifier.as_str()))
    {
        let text = case.token.text();
        if settings.build(&case.verifier).verify(&text).is_err() {
            continue;
        }
        let taken = pairs.iter().any(|pair| {
            let mut undated = pair.validation.clone();
            (undated.validate_exp, undated.validate_nbf) = (false, false);
            decode::<Value>(&text, &pair.key, &undated).is_ok()
        });
        let explained = case.id == "good-algorithm/Ed25519-by-its-RFC-9864-name";
        assert_eq!(taken, !explained, "{}", case.id);
    }
}
