use aws_lc_rs::signature;

use super::Family;
use crate::catalogue::Case;
use crate::forge::{Members, claims, good, header, quote, signed, token, with_header};
use crate::keys::{ASYMMETRIC, HS256_SECRET, Signer, encode, kid_of, modulus};

pub fn write(cases: &mut Vec<Case>) {
    unsigned(cases);
    algorithm_of_another_type(cases);
    unknown_algorithms(cases);
    swapped_algorithms(cases);
    ecdsa(cases);
    rsa(cases);
    ed25519(cases);
    hmac(cases);
    borrowed(cases);
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

/// Signatures that a verifier accepts when it forgets the range check of r and s, or takes another encoding.
fn ecdsa(cases: &mut Vec<Case>) {
    let mut family = Family::new(cases, "signature", "ecdsa").why(
        "CVE-2022-21449, RFC 7518 §3.4",
        "r and s lie between 1 and n-1, each in exactly the length of the curve",
    );
    for (algorithm, order) in [
        ("ES256", P256_ORDER.to_vec()),
        ("ES384", P384_ORDER.to_vec()),
    ] {
        let len = order.len();
        let (zero, mut one) = (vec![0; len], vec![0; len]);
        one[len - 1] = 1;
        let mut order_and_one = order.clone();
        order_and_one[len - 1] += 1;
        let ones = vec![0xff; len];
        let numbers = [
            ("0", &zero),
            ("1", &one),
            ("n", &order),
            ("n+1", &order_and_one),
            ("2^k-1", &ones),
        ];
        for (r_name, r) in numbers {
            for (s_name, s) in numbers {
                let fixed = Signer::Fixed([r.as_slice(), s].concat());
                family.refuse(
                    format!(
                        "{algorithm} r={} s={}",
                        r_name.replace('+', " plus "),
                        s_name.replace('+', " plus ")
                    ),
                    "signature_invalid",
                    token(header(algorithm).json(), claims().json(), &fixed),
                );
            }
        }
    }
    ecdsa_encodings(&mut family);
}

fn ecdsa_encodings(family: &mut Family<'_>) {
    let input = format!(
        "{}.{}",
        encode(header("ES256").json().as_bytes()),
        encode(claims().json().as_bytes())
    );
    let raw = Signer::of("ES256").sign(input.as_bytes());
    let (r, s) = raw.split_at(32);
    let shapes: [(&str, Vec<u8>); 9] = [
        ("63 bytes", raw[..63].to_vec()),
        ("65 bytes, zero behind", [&raw[..], &[0]].concat()),
        ("65 bytes, zero in front", [&[0], &raw[..]].concat()),
        (
            "66 bytes, zeros in front of r and s",
            [&[0], r, &[0], s].concat(),
        ),
        ("r alone", r.to_vec()),
        ("s and r exchanged", [s, r].concat()),
        ("twice", [&raw[..], &raw[..]].concat()),
        (
            "96 bytes, as for P-384",
            [&[0; 16], r, &[0; 16], s].concat(),
        ),
        ("one byte", vec![1]),
    ];
    for (title, bytes) in shapes {
        family.refuse(
            title,
            "signature_invalid",
            format!("{input}.{}", encode(&bytes)),
        );
    }
    let der = Signer::ecdsa("es256-1", &signature::ECDSA_P256_SHA256_ASN1_SIGNING);
    family.refuse(
        "DER in place of r and s",
        "signature_invalid",
        token(header("ES256").json(), claims().json(), &der),
    );
    let der = Signer::ecdsa("es384-1", &signature::ECDSA_P384_SHA384_ASN1_SIGNING);
    family.refuse(
        "DER in place of r and s, P-384",
        "signature_invalid",
        token(header("ES384").json(), claims().json(), &der),
    );
    let der_zero = Signer::Fixed(vec![0x30, 6, 2, 1, 0, 2, 1, 0]);
    family.refuse(
        "DER of two zeros",
        "signature_invalid",
        token(header("ES256").json(), claims().json(), &der_zero),
    );
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

const P256_ORDER: [u8; 32] = [
    0xff, 0xff, 0xff, 0xff, 0x00, 0x00, 0x00, 0x00, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
    0xbc, 0xe6, 0xfa, 0xad, 0xa7, 0x17, 0x9e, 0x84, 0xf3, 0xb9, 0xca, 0xc2, 0xfc, 0x63, 0x25, 0x51,
];

const P384_ORDER: [u8; 48] = [
    0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
    0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xc7, 0x63, 0x4d, 0x81, 0xf4, 0x37, 0x2d, 0xdf,
    0x58, 0x1a, 0x0d, 0xb2, 0x48, 0xb0, 0xa7, 0x7a, 0xec, 0xec, 0x19, 0x6a, 0xcc, 0xc5, 0x29, 0x73,
];

/// 2^252 + 27742317777372353535851937790883648493, little-endian.
const ED25519_ORDER: [u8; 32] = [
    0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58, 0xd6, 0x9c, 0xf7, 0xa2, 0xde, 0xf9, 0xde, 0x14,
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x10,
];
