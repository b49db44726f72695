//! Keys that an issuer's set may hold by mistake, each with a token that anybody can make once it is taken.

use aws_lc_rs::digest;
use num_bigint::BigUint;
use serde_json::{Value, json};

use super::Family;
use crate::catalogue::Case;
use crate::forge::{Members, claims, header, quote, token};
use crate::keys::{Signer, encode, modulus, public, short_modulus};

/// The eight points of small order on Ed25519, and the other spellings of those that have one.
const SMALL_ORDER: [&str; 10] = [
    "0100000000000000000000000000000000000000000000000000000000000000",
    "0000000000000000000000000000000000000000000000000000000000000000",
    "0000000000000000000000000000000000000000000000000000000000000080",
    "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
    "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa",
    "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
    "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85",
    "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "0100000000000000000000000000000000000000000000000000000000000080",
];

/// The set's entries besides the healthy key: each must be left out.
pub fn jwks() -> Vec<Value> {
    let named = |kid: &str, members: Value| {
        let mut jwk = members;
        jwk["kid"] = kid.into();
        jwk
    };
    let n = encode(&modulus("attacker-rsa"));
    let huge = encode(&[&[0xff], &[0x55; 2047][..]].concat());
    let attacker: Value = serde_json::from_str(&public("attacker-es256").jwk).unwrap();
    let with = |name: &str, value: Value| {
        let mut jwk = attacker.clone();
        jwk[name] = value;
        jwk
    };
    let mut jwks = vec![
        named(
            "rsa-1024",
            json!({"kty":"RSA","alg":"RS256","n":encode(&short_modulus()),"e":"AQAB"}),
        ),
        named(
            "rsa-16384",
            json!({"kty":"RSA","alg":"RS256","n":huge,"e":"AQAB"}),
        ),
        named("rsa-e1", json!({"kty":"RSA","alg":"RS256","n":n,"e":"AQ"})),
        named("rsa-e3", json!({"kty":"RSA","alg":"RS256","n":n,"e":"Aw"})),
        named(
            "rsa-even-e",
            json!({"kty":"RSA","alg":"RS256","n":n,"e":"AQAA"}),
        ),
        named("rsa-huge-e", json!({"kty":"RSA","alg":"RS256","n":n,"e":n})),
        named("p256-off-curve", with("y", encode(&[1; 32]).into())),
        named(
            "p256-zero",
            json!({"kty":"EC","crv":"P-256","x":encode(&[0; 32]),"y":encode(&[0; 32])}),
        ),
        named("p256-as-p384", with("crv", "P-384".into())),
        named("p256-for-rs256", with("alg", "RS256".into())),
        named("p256-to-encrypt", with("use", "enc".into())),
        named("p256-to-derive", with("key_ops", json!(["deriveKey"]))),
        named("p256-with-private-part", with("d", encode(&[1; 32]).into())),
        named(
            "shared-secret",
            json!({"kty":"oct","alg":"HS256","k":encode(&[7; 32])}),
        ),
        named("empty-secret", json!({"kty":"oct","alg":"HS256","k":""})),
    ];
    for (at, point) in SMALL_ORDER.iter().enumerate() {
        jwks.push(named(
            &format!("small-order-{at}"),
            json!({"kty":"OKP","crv":"Ed25519","alg":"EdDSA","x":encode(&hex(point))}),
        ));
    }
    jwks
}

pub fn write(cases: &mut Vec<Case>) {
    let mut family = Family::new(cases, "signature", "weak-key")
        .why(
            "RFC 8725 §3.5, RFC 7518 §3.3",
            "a key that protects nothing is left out of the set, so its name is unknown",
        )
        .at("weak-keys");
    rsa(&mut family);
    for kid in [
        "p256-off-curve",
        "p256-zero",
        "p256-as-p384",
        "p256-for-rs256",
        "p256-to-encrypt",
        "p256-to-derive",
        "p256-with-private-part",
    ] {
        let signer = Signer::ecdsa(
            "attacker-es256",
            &aws_lc_rs::signature::ECDSA_P256_SHA256_FIXED_SIGNING,
        );
        family.refuse(
            kid,
            "unknown_key",
            token(named("ES256", kid), claims().json(), &signer),
        );
    }
    for (kid, secret) in [("shared-secret", &[7; 32][..]), ("empty-secret", b"")] {
        family.refuse(
            kid,
            "unknown_key",
            token(
                named("HS256", kid),
                claims().json(),
                &Signer::hmac("HS256", secret),
            ),
        );
    }
    for (at, point) in SMALL_ORDER.iter().enumerate() {
        let kid = format!("small-order-{at}");
        // With such a key, S = 0 and R = its multiple by the hash verify for one message in eight or more. R repeats the key.
        let forged = Signer::Fixed([hex(point), vec![0; 32]].concat());
        family.refuse(
            &kid,
            "unknown_key",
            token(named("EdDSA", &kid), claims().json(), &forged),
        );
    }
}

fn rsa(family: &mut Family<'_>) {
    let block = |json: &str| {
        padded(
            format!(
                "{}.{}",
                encode(json.as_bytes()),
                encode(claims().json().as_bytes())
            )
            .as_bytes(),
        )
    };
    let json = named("RS256", "rsa-e1");
    // x^1 = x: the padded hash is its own signature.
    family.refuse(
        "exponent 1",
        "unknown_key",
        token(&json, claims().json(), &Signer::Fixed(block(&json))),
    );
    let json = named("RS256", "rsa-e3");
    family.refuse(
        "exponent 3 and a rounded cube root",
        "unknown_key",
        token(
            &json,
            claims().json(),
            &Signer::Fixed(cube_root(&block(&json))),
        ),
    );
    for kid in ["rsa-1024", "rsa-16384", "rsa-even-e", "rsa-huge-e"] {
        let signer = Signer::rsa("attacker-rsa", &aws_lc_rs::signature::RSA_PKCS1_SHA256);
        family.refuse(
            kid,
            "unknown_key",
            token(named("RS256", kid), claims().json(), &signer),
        );
    }
}

fn named(algorithm: &str, kid: &str) -> String {
    let base: Members = header("EdDSA")
        .with("alg", &quote(algorithm))
        .with("kid", &quote(kid));
    base.json()
}

/// EMSA-PKCS1-v1_5 of a message for 2048 bits (RFC 8017 §9.2).
fn padded(message: &[u8]) -> Vec<u8> {
    let info = [
        0x30, 0x31, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01,
        0x05, 0x00, 0x04, 0x20,
    ];
    let hash = digest::digest(&digest::SHA256, message);
    let fill = 256 - 3 - info.len() - hash.as_ref().len();
    [
        &[0, 1],
        vec![0xff; fill].as_slice(),
        &[0],
        &info,
        hash.as_ref(),
    ]
    .concat()
}

/// Bleichenbacher's forgery of 2006: short padding, the hash in front, and a cube root that leaves its error in the bytes
/// behind, where a careless verifier does not look.
fn cube_root(block: &[u8]) -> Vec<u8> {
    let end_of_fill = 2 + block[2..].iter().take_while(|byte| **byte == 0xff).count();
    let tail = &block[end_of_fill..];
    let mut short = [
        &[0, 1, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff],
        tail,
    ]
    .concat();
    short.resize(block.len(), 0xff);
    let root = BigUint::from_bytes_be(&short).cbrt().to_bytes_be();
    [vec![0; block.len() - root.len()], root].concat()
}

fn hex(text: &str) -> Vec<u8> {
    (0..text.len())
        .step_by(2)
        .map(|at| u8::from_str_radix(&text[at..at + 2], 16).unwrap())
        .collect()
}
