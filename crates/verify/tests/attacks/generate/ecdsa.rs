//! Signatures that a verifier accepts when it forgets the range check of r and s, or takes another encoding.

use aws_lc_rs::signature;

use super::Family;
use crate::catalogue::Case;
use crate::forge::{claims, header, token};
use crate::keys::{Signer, encode};

pub fn write(cases: &mut Vec<Case>) {
    ecdsa(cases);
}

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

const P256_ORDER: [u8; 32] = [
    0xff, 0xff, 0xff, 0xff, 0x00, 0x00, 0x00, 0x00, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
    0xbc, 0xe6, 0xfa, 0xad, 0xa7, 0x17, 0x9e, 0x84, 0xf3, 0xb9, 0xca, 0xc2, 0xfc, 0x63, 0x25, 0x51,
];

const P384_ORDER: [u8; 48] = [
    0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
    0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xc7, 0x63, 0x4d, 0x81, 0xf4, 0x37, 0x2d, 0xdf,
    0x58, 0x1a, 0x0d, 0xb2, 0x48, 0xb0, 0xa7, 0x7a, 0xec, 0xec, 0x19, 0x6a, 0xcc, 0xc5, 0x29, 0x73,
];
