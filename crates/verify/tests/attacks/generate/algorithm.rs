//! The algorithm that a token names, against the one that its key has.

use aws_lc_rs::signature;

use super::Family;
use crate::catalogue::Case;
use crate::forge::{Members, claims, good, header, quote, token, with_header};
use crate::keys::{ASYMMETRIC, Signer};

pub fn write(cases: &mut Vec<Case>) {
    unsigned(cases);
    algorithm_of_another_type(cases);
    unknown_algorithms(cases);
    swapped_algorithms(cases);
}

/// RFC 8725 §3.2, in every spelling, with every way to leave the signature out.
fn unsigned(cases: &mut Vec<Case>) {
    let mut family = Family::new(cases, "signature", "alg-none").why(
        "CVE-2022-23540, RFC 8725 §2.1",
        "an unsigned token proves nothing, however its algorithm is spelt",
    );
    let spellings = [
        ("none", "algorithm_none"),
        ("None", "algorithm_none"),
        ("NONE", "algorithm_none"),
        ("nOnE", "algorithm_none"),
        ("noNe", "algorithm_none"),
        ("n\\u006fne", "algorithm_none"),
        ("none ", "algorithm_unknown"),
        (" none", "algorithm_unknown"),
        ("none\\u0000", "algorithm_unknown"),
        ("nonе", "algorithm_unknown"),
    ];
    for (at, (spelling, reason)) in spellings.into_iter().enumerate() {
        let json = header("EdDSA")
            .with("alg", &format!("\"{spelling}\""))
            .json();
        let kept = with_header(&json);
        let input = &kept[..kept.rfind('.').unwrap()];
        family.refuse(
            format!("spelling {at} {spelling:?} with a signature"),
            reason,
            kept.clone(),
        );
        family.refuse(
            format!("spelling {at} {spelling:?} with an empty signature"),
            "not_compact_jws",
            format!("{input}."),
        );
        family.refuse(
            format!("spelling {at} {spelling:?} without a signature"),
            "not_compact_jws",
            input.to_owned(),
        );
    }
    let bare = Members::new(&[("alg", r#""none""#), ("typ", r#""at+jwt""#)]).json();
    family.refuse(
        "no kid, one byte of signature",
        "algorithm_none",
        token(bare, claims().json(), &Signer::Fixed(vec![0])),
    );
}

fn algorithm_of_another_type(cases: &mut Vec<Case>) {
    let mut family = Family::new(cases, "signature", "alg-type")
        .why("RFC 7515 §4.1.1", "alg is a string and must be there");
    family.refuse(
        "missing",
        "algorithm_missing",
        with_header(header("EdDSA").without("alg").json()),
    );
    family.refuse(
        "empty",
        "algorithm_unknown",
        with_header(header("EdDSA").with("alg", r#""""#).json()),
    );
    for value in [
        "null",
        "0",
        "true",
        "false",
        r#"["EdDSA"]"#,
        r#"["none","EdDSA"]"#,
        r#"{"alg":"EdDSA"}"#,
    ] {
        family.refuse(
            value,
            "header_malformed",
            with_header(header("EdDSA").with("alg", value).json()),
        );
    }
}

fn unknown_algorithms(cases: &mut Vec<Case>) {
    let mut family = Family::new(cases, "signature", "alg-unknown").why(
        "RFC 7515 §4.1.1",
        "algorithm names are case-sensitive, and only the issuer's are taken",
    );
    let names = [
        "es256",
        "Es256",
        "rs256",
        "ps256",
        "hs256",
        "eddsa",
        "EDDSA",
        "ed25519",
        "ES256K",
        "ES512",
        "RS1",
        "HS1",
        "RS384",
        "PS384",
        "RS512",
        "PS512",
        "Ed448",
        "ESP256",
        "RSA-OAEP",
        "dir",
        "A128KW",
        "ES256 ",
        " ES256",
        "ES-256",
        "SHA256",
        "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256",
    ];
    for (at, name) in names.into_iter().enumerate() {
        family.refuse(
            format!("name {at} {name:?}"),
            "algorithm_unknown",
            with_header(header("EdDSA").with("alg", &quote(name)).json()),
        );
    }
}

/// The key decides about the algorithm, never the token.
fn swapped_algorithms(cases: &mut Vec<Case>) {
    let mut family = Family::new(cases, "signature", "alg-swap").why(
        "RFC 8725 §3.1",
        "each key is used with exactly one algorithm",
    );
    let pairs = || {
        ASYMMETRIC
            .into_iter()
            .flat_map(|from| ASYMMETRIC.map(|to| (from, to)))
            .filter(|(from, to)| from != to)
    };
    for (real, claimed) in pairs() {
        let json = header(real).with("alg", &quote(claimed)).json();
        family.refuse(
            format!("{real} key and signature declared {claimed}"),
            "wrong_algorithm",
            token(json, claims().json(), &Signer::of(real)),
        );
    }
    for (real, claimed) in pairs() {
        let forged = token(header(claimed).json(), claims().json(), &Signer::of(real));
        family.refuse(
            format!("{real} signature under the kid of {claimed}"),
            "signature_invalid",
            forged,
        );
    }
    let both_ways = [
        (
            "rs256-1",
            "RS256",
            &signature::RSA_PSS_SHA256 as &'static dyn signature::RsaEncoding,
        ),
        ("ps256-1", "PS256", &signature::RSA_PKCS1_SHA256),
    ];
    for (key, claimed, padding) in both_ways {
        let forged = token(
            header(claimed).json(),
            claims().json(),
            &Signer::rsa(key, padding),
        );
        family.refuse(
            format!("the other padding with the key of {claimed}"),
            "signature_invalid",
            forged,
        );
    }
    family = family.at("es256-only");
    for other in ["ES384", "RS256", "PS256", "EdDSA"] {
        family.refuse(
            format!("{other} where ES256 alone is allowed"),
            "wrong_algorithm",
            good(other),
        );
    }
}
