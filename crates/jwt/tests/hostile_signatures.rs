//! Signatures that broken verifiers have accepted.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use base64_simd::URL_SAFE_NO_PAD;
use keywright_jwt::{Algorithm, Compact, CompactError, Jwk, JwkError, SigningKey, VerifyingKey};

const MESSAGE: &[u8] = b"eyJhbGciOiJFUzI1NiJ9.e30";

const P256_ORDER: &str = "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551";
const P384_ORDER: &str = "ffffffffffffffffffffffffffffffffffffffffffffffffc7634d81f4372ddf581a0db248b0a77aecec196accc52973";

/// L = 2^252 + 27742317777372353535851937790883648493, little-endian.
const ED25519_ORDER: [u8; 32] = [
    0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58, 0xd6, 0x9c, 0xf7, 0xa2, 0xde, 0xf9, 0xde, 0x14,
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x10,
];

fn fresh(algorithm: Algorithm) -> (SigningKey, VerifyingKey) {
    let key = SigningKey::generate(algorithm).unwrap().0;
    let verifying = key.verifying_key();
    (key, verifying)
}

fn from_hex(text: &str) -> Vec<u8> {
    (0..text.len())
        .step_by(2)
        .map(|at| u8::from_str_radix(&text[at..at + 2], 16).unwrap())
        .collect()
}

/// `number` plus a small `offset`, big-endian.
fn shifted(number: &[u8], offset: i16) -> Vec<u8> {
    let mut shifted = number.to_vec();
    let mut carry = offset;
    for digit in shifted.iter_mut().rev() {
        let total = i16::from(*digit) + carry;
        *digit = total.rem_euclid(256) as u8;
        carry = total.div_euclid(256);
    }
    shifted
}

#[test]
fn ecdsa_signatures_of_trivial_numbers_are_refused() {
    for (algorithm, order) in [
        (Algorithm::Es256, P256_ORDER),
        (Algorithm::Es384, P384_ORDER),
    ] {
        let (_, key) = fresh(algorithm);
        let order = from_hex(order);
        let zero = vec![0; order.len()];
        let trivial: Vec<Vec<u8>> = vec![
            zero.clone(),
            shifted(&zero, 1),
            shifted(&order, -1),
            order.clone(),
            shifted(&order, 1),
            vec![0xff; order.len()],
        ];
        for (r, s) in trivial
            .iter()
            .flat_map(|r| trivial.iter().map(move |s| (r, s)))
        {
            assert!(
                key.verify(MESSAGE, &[&r[..], s].concat()).is_err(),
                "{algorithm}: r={r:?} s={s:?}"
            );
        }
    }
}

#[test]
fn ecdsa_signatures_have_one_length() {
    for algorithm in [Algorithm::Es256, Algorithm::Es384] {
        let (signer, key) = fresh(algorithm);
        let signature = signer.signature(MESSAGE).unwrap();
        assert!(key.verify(MESSAGE, &signature).is_ok());
        let (r, s) = signature.split_at(signature.len() / 2);
        let variants = [
            signature[1..].to_vec(),
            signature[..signature.len() - 1].to_vec(),
            [&[0][..], &signature].concat(),
            [&signature[..], &[0]].concat(),
            [&[0][..], r, &[0], s].concat(),
            der(r, s),
            Vec::new(),
        ];
        for variant in variants {
            assert!(
                key.verify(MESSAGE, &variant).is_err(),
                "{algorithm}: {} bytes",
                variant.len()
            );
        }
    }
}

/// The ASN.1 form of an ECDSA signature, which JWS does not use.
fn der(r: &[u8], s: &[u8]) -> Vec<u8> {
    let integer = |number: &[u8]| [&[2, number.len() as u8 + 1, 0][..], number].concat();
    let body = [integer(r), integer(s)].concat();
    [&[0x30, body.len() as u8][..], &body].concat()
}

#[test]
fn rsa_signatures_of_trivial_numbers_are_refused() {
    for algorithm in [Algorithm::Rs256, Algorithm::Ps256] {
        let (signer, key) = fresh(algorithm);
        let jwk = serde_json::to_value(signer.public_jwk().unwrap()).unwrap();
        let modulus = URL_SAFE_NO_PAD
            .decode_to_vec(jwk["n"].as_str().unwrap())
            .unwrap();
        let zero = vec![0; modulus.len()];
        let signature = signer.signature(MESSAGE).unwrap();
        assert!(key.verify(MESSAGE, &signature).is_ok());
        let trivial = [
            zero.clone(),
            shifted(&zero, 1),
            shifted(&modulus, -1),
            modulus.clone(),
            shifted(&modulus, 1),
            vec![0xff; modulus.len()],
            [&[0][..], &signature].concat(),
            signature[1..].to_vec(),
            Vec::new(),
        ];
        for forged in trivial {
            assert!(
                key.verify(MESSAGE, &forged).is_err(),
                "{algorithm}: {} bytes",
                forged.len()
            );
        }
    }
}

#[test]
fn the_two_rsa_paddings_are_not_interchangeable() {
    let (_, private) = SigningKey::generate(Algorithm::Rs256).unwrap();
    let keys = [Algorithm::Rs256, Algorithm::Ps256]
        .map(|algorithm| SigningKey::from_private(algorithm, &private).unwrap());
    for (signer, verifier) in [(&keys[0], &keys[1]), (&keys[1], &keys[0])] {
        let signature = signer.signature(MESSAGE).unwrap();
        assert!(signer.verifying_key().verify(MESSAGE, &signature).is_ok());
        assert!(
            verifier
                .verifying_key()
                .verify(MESSAGE, &signature)
                .is_err()
        );
    }
}

#[test]
fn ed25519_has_one_signature_per_message() {
    let (signer, key) = fresh(Algorithm::EdDsa);
    let signature = signer.signature(MESSAGE).unwrap();
    assert!(key.verify(MESSAGE, &signature).is_ok());
    // S + L is the same scalar in another spelling (RFC 8032 §5.1.7 demands S < L).
    let mut stretched = signature.clone();
    let mut carry = 0_u16;
    for (digit, order) in stretched[32..].iter_mut().zip(ED25519_ORDER) {
        let total = u16::from(*digit) + u16::from(order) + carry;
        *digit = (total & 0xff) as u8;
        carry = total >> 8;
    }
    assert_eq!(carry, 0);
    assert!(key.verify(MESSAGE, &stretched).is_err());
    assert!(key.verify(MESSAGE, &[0; 64]).is_err());
}

#[test]
fn an_ed25519_key_of_small_order_is_refused() {
    // Under the identity as public key, R = S·B makes any S a signature of everything; S = 0 gives R = identity.
    let mut identity = [0; 32];
    identity[0] = 1;
    for sign in [0, 0x80] {
        identity[31] = sign;
        let jwk = format!(
            r#"{{"kty":"OKP","crv":"Ed25519","x":"{}"}}"#,
            URL_SAFE_NO_PAD.encode_to_string(identity)
        );
        assert_eq!(Jwk::parse(jwk.as_bytes()), Err(JwkError::Malformed("x")));
    }
}

#[test]
fn an_hmac_is_whole_or_nothing() {
    for algorithm in [Algorithm::Hs256, Algorithm::Hs384, Algorithm::Hs512] {
        let (signer, key) = fresh(algorithm);
        let tag = signer.signature(MESSAGE).unwrap();
        assert!(key.verify(MESSAGE, &tag).is_ok());
        for length in 0..tag.len() {
            assert!(
                key.verify(MESSAGE, &tag[..length]).is_err(),
                "{algorithm}: {length} bytes"
            );
        }
        assert!(key.verify(MESSAGE, &[&tag[..], &[0]].concat()).is_err());
    }
}

#[test]
fn each_part_has_one_spelling() {
    let decode = |part: &str| {
        Compact::split(&format!("{part}.{part}.{part}")).map(|compact| {
            let mut payload = Vec::new();
            [
                compact.decode_header().err(),
                compact.decode_payload(&mut payload).err(),
                compact.decode_signature().err(),
            ]
        })
    };
    assert_eq!(decode("AA"), Ok([None, None, None]));
    // Trailing bits, impossible lengths, padding, the other alphabet, white space, and bytes outside ASCII.
    for part in [
        "AB", "A", "AAAAA", "AA==", "AA=", "A+", "A/", "A A", " AA", "AA\n", "AA\t", "A\u{e9}",
        "AA\0",
    ] {
        let refused = decode(part).unwrap();
        assert!(
            refused
                .iter()
                .all(|error| matches!(error, Some(CompactError::Encoding(_)))),
            "{part:?}: {refused:?}"
        );
    }
}

#[test]
fn a_signature_longer_than_any_key_is_not_decoded() {
    let decode = |length: usize| {
        let token = format!(
            "AA.AA.{}",
            URL_SAFE_NO_PAD.encode_to_string(vec![0; length])
        );
        Compact::split(&token)
            .unwrap()
            .decode_signature()
            .map(|signature| signature.as_bytes().len())
    };
    assert_eq!(decode(1024), Ok(1024));
    assert_eq!(decode(1025), Err(CompactError::SignatureTooLong));
    assert_eq!(decode(1 << 20), Err(CompactError::SignatureTooLong));
}
