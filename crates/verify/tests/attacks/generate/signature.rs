use aws_lc_rs::signature;

use super::Family;
use crate::catalogue::Case;
use crate::forge::{Members, claims, good, header, quote, signed, token};
use crate::keys::{HS256_SECRET, Signer, encode, kid_of, modulus};

pub fn write(cases: &mut Vec<Case>) {
    rsa(cases);
    ed25519(cases);
    hmac(cases);
    borrowed(cases);
}

fn rsa(cases: &mut Vec<Case>) {
    let mut family = Family::new(cases, "signature", "rsa").why(
        "RFC 8017 §8",
        "a signature is as long as the modulus, below it, and padded exactly",
    );
    for (algorithm, key) in [("RS256", "rs256-1"), ("PS256", "ps256-1")] {
        let n = modulus(key);
        let (mut one, mut below) = (vec![0; 256], n.clone());
        one[255] = 1;
        below[255] -= 1;
        let input = format!(
            "{}.{}",
            encode(header(algorithm).json().as_bytes()),
            encode(claims().json().as_bytes())
        );
        let real = Signer::of(algorithm).sign(input.as_bytes());
        let shapes: [(&str, Vec<u8>); 9] = [
            ("0", vec![0; 256]),
            ("1", one),
            ("n-1", below),
            ("n", n.clone()),
            ("all ones", vec![0xff; 256]),
            ("last byte missing", real[..255].to_vec()),
            ("zero in front", [&[0], &real[..]].concat()),
            ("zero behind", [&real[..], &[0]].concat()),
            ("one byte", vec![0]),
        ];
        for (title, bytes) in shapes {
            family.refuse(
                format!("{algorithm} {title}"),
                "signature_invalid",
                format!("{input}.{}", encode(&bytes)),
            );
        }
    }
    let hashes: [(&str, &str, &'static dyn signature::RsaEncoding); 4] = [
        ("RS256", "SHA-384", &signature::RSA_PKCS1_SHA384),
        ("RS256", "SHA-512", &signature::RSA_PKCS1_SHA512),
        ("PS256", "SHA-384", &signature::RSA_PSS_SHA384),
        ("PS256", "SHA-512", &signature::RSA_PSS_SHA512),
    ];
    for (algorithm, hash, padding) in hashes {
        let forged = token(
            header(algorithm).json(),
            claims().json(),
            &Signer::rsa(kid_of(algorithm), padding),
        );
        family.refuse(
            format!("{algorithm} with {hash} inside"),
            "signature_invalid",
            forged,
        );
    }
}

fn ed25519(cases: &mut Vec<Case>) {
    let mut family = Family::new(cases, "signature", "ed25519").why(
        "RFC 8032 §5.1.7, §8.4",
        "S is below the order, R is a point, and there is one signature per message and key",
    );
    let input = format!(
        "{}.{}",
        encode(header("EdDSA").json().as_bytes()),
        encode(claims().json().as_bytes())
    );
    let real = Signer::of("EdDSA").sign(input.as_bytes());
    let (r, s) = real.split_at(32);
    let mut identity = [0; 32];
    identity[0] = 1;
    let mut flipped = real.clone();
    flipped[31] ^= 0x80;
    let shapes: [(&str, Vec<u8>); 10] = [
        ("S plus the order", [r, &add_order(s)[..]].concat()),
        ("S is the order", [r, &ED25519_ORDER].concat()),
        ("all zeros", vec![0; 64]),
        (
            "R is the identity, S is 0",
            [&identity[..], &[0; 32]].concat(),
        ),
        ("R is no point", [&[0xff; 32][..], s].concat()),
        ("sign of R flipped", flipped),
        ("R and S exchanged", [s, r].concat()),
        ("63 bytes", real[..63].to_vec()),
        ("65 bytes", [&real[..], &[0]].concat()),
        ("114 bytes, as for Ed448", [&real[..], &[0; 50]].concat()),
    ];
    for (title, bytes) in shapes {
        family.refuse(
            title,
            "signature_invalid",
            format!("{input}.{}", encode(&bytes)),
        );
    }
}

fn hmac(cases: &mut Vec<Case>) {
    let mut family = Family::new(cases, "signature", "hmac")
        .why("RFC 7518 §3.2", "the secret, all of it, and the whole tag")
        .at("hs256");
    let header = r#"{"alg":"HS256","typ":"at+jwt"}"#;
    let secrets: [(&str, &[u8]); 7] = [
        ("empty", b""),
        ("one NUL", b"\0"),
        ("guessed", b"secret"),
        ("the text null", b"null"),
        ("32 NULs", &[0; 32]),
        ("a prefix of the real one", &HS256_SECRET[..32]),
        (
            "the real one and a NUL line",
            &[HS256_SECRET, b"\0\n"].concat(),
        ),
    ];
    for (title, secret) in secrets {
        family.refuse(
            format!("secret: {title}"),
            "signature_invalid",
            token(header, claims().json(), &Signer::hmac("HS256", secret)),
        );
    }
    let input = format!(
        "{}.{}",
        encode(header.as_bytes()),
        encode(claims().json().as_bytes())
    );
    let real = Signer::of("HS256").sign(input.as_bytes());
    let shapes = [
        ("tag of 16 bytes", real[..16].to_vec()),
        ("tag of one byte", real[..1].to_vec()),
        ("tag of 33 bytes", [&real[..], &[0]].concat()),
        ("tag of zeros", vec![0; 32]),
        (
            "tag in hexadecimal",
            real.iter()
                .map(|byte| format!("{byte:02x}"))
                .collect::<String>()
                .into_bytes(),
        ),
    ];
    for (title, bytes) in shapes {
        family.refuse(
            title,
            "signature_invalid",
            format!("{input}.{}", encode(&bytes)),
        );
    }
    for other in ["HS384", "HS512"] {
        let json = Members::new(&[("alg", &quote(other)), ("typ", r#""at+jwt""#)]).json();
        family.refuse(
            format!("{other} with the same secret"),
            "wrong_algorithm",
            token(json, claims().json(), &Signer::hmac(other, HS256_SECRET)),
        );
    }
    family.refuse(
        "ES256 where a secret is shared",
        "wrong_algorithm",
        good("ES256"),
    );
}

fn borrowed(cases: &mut Vec<Case>) {
    let mut family = Family::new(cases, "signature", "borrowed").why(
        "RFC 7515 §5.2",
        "a signature covers the header and the payload that it came with, and no others",
    );
    let (theirs, ours) = (good("EdDSA"), claims().with("sub", r#""admin""#).json());
    let (input, signature) = theirs.rsplit_once('.').unwrap();
    let (head, payload) = input.split_once('.').unwrap();
    family.refuse(
        "other payload",
        "signature_invalid",
        format!("{head}.{}.{signature}", encode(ours.as_bytes())),
    );
    let other_head = encode(header("EdDSA").and("x", "1").json().as_bytes());
    family.refuse(
        "other header",
        "signature_invalid",
        format!("{other_head}.{payload}.{signature}"),
    );
    family.refuse(
        "of the payload alone",
        "signature_invalid",
        format!(
            "{input}.{}",
            encode(&Signer::of("EdDSA").sign(payload.as_bytes()))
        ),
    );
    let decoded = Signer::of("EdDSA").sign(claims().json().as_bytes());
    family.refuse(
        "of the decoded payload",
        "signature_invalid",
        format!("{input}.{}", encode(&decoded)),
    );
    family.refuse(
        "stranger's key under the issuer's kid",
        "signature_invalid",
        signed(head, payload, &Signer::ed25519("attacker-ed25519")),
    );
    let both = claims().with("exp", "1").json();
    family.refuse(
        "expired and forged: forged is what counts (CVE-2024-51744)",
        "signature_invalid",
        signed(
            head,
            &encode(both.as_bytes()),
            &Signer::ed25519("attacker-ed25519"),
        ),
    );
    let wrong_everything = claims()
        .with("iss", r#""https://evil.example""#)
        .with("aud", r#""other""#)
        .without("exp")
        .json();
    family.refuse(
        "no claim is looked at before the signature",
        "signature_invalid",
        signed(
            head,
            &encode(wrong_everything.as_bytes()),
            &Signer::Fixed(vec![7; 64]),
        ),
    );
    family.refuse(
        "payload that is no JSON is not parsed before the signature",
        "signature_invalid",
        signed(head, &encode(&[0xff; 99]), &Signer::Fixed(vec![7; 64])),
    );
}

fn add_order(s: &[u8]) -> Vec<u8> {
    let mut carry = 0;
    let bytes = s.iter().zip(ED25519_ORDER).map(|(digit, order)| {
        let sum = u16::from(*digit) + u16::from(order) + carry;
        carry = sum >> 8;
        (sum & 0xff) as u8
    });
    bytes.collect()
}

/// 2^252 + 27742317777372353535851937790883648493, little-endian.
const ED25519_ORDER: [u8; 32] = [
    0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58, 0xd6, 0x9c, 0xf7, 0xa2, 0xde, 0xf9, 0xde, 0x14,
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x10,
];
