//! Keys come from documents that others control; each is checked before anything is verified with it.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use keywright_jwt::{
    Algorithm, Jwk, JwkError, JwkSet, JwkSetError, KeyError, SigningKey, VerifyingKey,
};
use serde_json::{Value, json};

fn jwk(algorithm: Algorithm) -> Value {
    serde_json::to_value(
        SigningKey::generate(algorithm)
            .unwrap()
            .0
            .public_jwk()
            .unwrap(),
    )
    .unwrap()
}

fn with(mut jwk: Value, name: &str, value: Value) -> Result<Jwk, JwkError> {
    jwk[name] = value;
    Jwk::parse(jwk.to_string().as_bytes())
}

fn without(mut jwk: Value, name: &str) -> Result<Jwk, JwkError> {
    jwk.as_object_mut().unwrap().remove(name);
    Jwk::parse(jwk.to_string().as_bytes())
}

fn encoded(bytes: &[u8]) -> Value {
    Value::from(base64_simd::URL_SAFE_NO_PAD.encode_to_string(bytes))
}

#[test]
fn every_private_member_makes_a_key_unfit() {
    for algorithm in [Algorithm::Rs256, Algorithm::Es256, Algorithm::EdDsa] {
        for name in ["d", "p", "q", "dp", "dq", "qi", "k", "oth"] {
            assert_eq!(
                with(jwk(algorithm), name, json!("AQAB")),
                Err(JwkError::Private),
                "{algorithm} with {name}"
            );
        }
    }
}

#[test]
fn every_defining_member_is_needed() {
    for (algorithm, names) in [
        (Algorithm::Rs256, &["n", "e"][..]),
        (Algorithm::Es256, &["x", "y"]),
        (Algorithm::EdDsa, &["x"]),
    ] {
        for name in names {
            assert_eq!(
                without(jwk(algorithm), name),
                Err(JwkError::Missing(name)),
                "{algorithm}"
            );
        }
        assert_eq!(
            without(jwk(algorithm), "kty"),
            Err(JwkError::Missing("kty"))
        );
    }
}

#[test]
fn coordinates_have_the_length_of_the_field() {
    for bytes in [&[1_u8; 31][..], &[1; 33], &[], &[1; 48]] {
        assert_eq!(
            with(jwk(Algorithm::Es256), "x", encoded(bytes)),
            Err(JwkError::Malformed("x"))
        );
        assert_eq!(
            with(jwk(Algorithm::Es256), "y", encoded(bytes)),
            Err(JwkError::Malformed("y"))
        );
        assert_eq!(
            with(jwk(Algorithm::EdDsa), "x", encoded(bytes)),
            Err(JwkError::Malformed("x"))
        );
    }
}

#[test]
fn a_point_off_the_curve_is_no_key() {
    for (algorithm, length) in [(Algorithm::Es256, 32), (Algorithm::Es384, 48)] {
        for bytes in [vec![0; length], vec![1; length], vec![0xff; length]] {
            let off_curve = with(jwk(algorithm), "y", encoded(&bytes)).unwrap();
            assert_eq!(
                VerifyingKey::from_jwk(&off_curve, algorithm).err(),
                Some(KeyError::Malformed(algorithm))
            );
        }
    }
}

#[test]
fn weak_or_absurd_rsa_keys_are_refused() {
    let modulus = |bytes: usize| encoded(&[&[0x80][..], &vec![1; bytes - 1]].concat());
    for bytes in [1, 64, 128, 255, 1025, 2048] {
        assert_eq!(
            with(jwk(Algorithm::Rs256), "n", modulus(bytes)),
            Err(JwkError::Malformed("n")),
            "{bytes} bytes"
        );
    }
    let leading_zero = encoded(&[&[0, 0x80][..], &[1; 255]].concat());
    assert_eq!(
        with(jwk(Algorithm::Rs256), "n", leading_zero),
        Err(JwkError::Malformed("n"))
    );
    // As many bytes as are needed, and one bit less.
    let short = encoded(&[&[0x7f][..], &[1; 255]].concat());
    assert_eq!(
        with(jwk(Algorithm::Rs256), "n", short),
        Err(JwkError::Malformed("n"))
    );
    let exponents: [&[u8]; 11] = [
        &[],
        &[0],
        &[1],
        &[3],
        &[0xff, 0xff],
        &[1, 0, 0],
        &[1, 0, 2],
        &[0x80, 0, 0, 0],
        &[0, 1, 0, 1],
        &[1, 0, 0, 0, 1],
        &[0xff; 256],
    ];
    for exponent in exponents {
        assert_eq!(
            with(jwk(Algorithm::Rs256), "e", encoded(exponent)),
            Err(JwkError::Malformed("e")),
            "{exponent:?}"
        );
    }
    let largest = encoded(&[0xff; 4]);
    assert!(with(jwk(Algorithm::Rs256), "e", largest).is_ok());
}

#[test]
fn members_in_another_spelling_are_refused() {
    for text in ["AQAB=", "AQ AB", "AQAB\n", "AQAC+", "AR", "!"] {
        assert_eq!(
            with(jwk(Algorithm::Rs256), "e", json!(text)),
            Err(JwkError::Malformed("e")),
            "{text:?}"
        );
    }
}

#[test]
fn a_key_for_another_purpose_is_refused() {
    let es256 = || jwk(Algorithm::Es256);
    assert_eq!(
        with(es256(), "use", json!("enc")),
        Err(JwkError::UnsupportedUse)
    );
    assert_eq!(
        with(es256(), "key_ops", json!(["sign"])),
        Err(JwkError::UnsupportedUse)
    );
    assert_eq!(
        with(es256(), "key_ops", json!([])),
        Err(JwkError::UnsupportedUse)
    );
    assert!(with(es256(), "key_ops", json!(["sign", "verify"])).is_ok());
    for algorithm in ["RS256", "HS256", "ES384", "ECDH-ES", "none", ""] {
        assert_eq!(
            with(es256(), "alg", json!(algorithm)),
            Err(JwkError::UnsupportedUse),
            "{algorithm}"
        );
    }
    for (name, value) in [
        ("crv", "P-521"),
        ("crv", "secp256k1"),
        ("kty", "oct"),
        ("kty", "ec"),
        ("kty", "OKP"),
    ] {
        assert_eq!(
            with(es256(), name, json!(value)),
            Err(JwkError::UnsupportedType),
            "{name} {value}"
        );
    }
}

#[test]
fn a_key_without_an_algorithm_may_verify_what_its_type_allows() {
    let open = |algorithm| {
        without(jwk(algorithm), "alg")
            .unwrap()
            .usable_algorithms()
            .collect::<Vec<_>>()
    };
    assert_eq!(open(Algorithm::Ps256), [Algorithm::Rs256, Algorithm::Ps256]);
    assert_eq!(open(Algorithm::Es384), [Algorithm::Es384]);
    let pinned = Jwk::parse(jwk(Algorithm::Ps256).to_string().as_bytes()).unwrap();
    assert_eq!(
        pinned.usable_algorithms().collect::<Vec<_>>(),
        [Algorithm::Ps256]
    );
}

#[test]
fn a_set_keeps_what_is_usable() {
    let (good, other) = (jwk(Algorithm::Es256), jwk(Algorithm::EdDsa));
    let mut encryption = jwk(Algorithm::Rs256);
    encryption["use"] = json!("enc");
    let set = json!({"keys": [{"kty": "XYZ"}, good, {}, {"kty": "EC", "crv": "P-256", "x": "AA", "y": "AA"}, encryption, other], "more": 1});
    let set = JwkSet::parse(set.to_string().as_bytes()).unwrap();
    assert_eq!(
        set.keys
            .iter()
            .map(|key| key.kid().unwrap())
            .collect::<Vec<_>>(),
        [&good["kid"], &other["kid"]]
    );
    assert!(set.find(good["kid"].as_str().unwrap()).is_some());
    assert!(set.find("another").is_none());
}

#[test]
fn a_set_survives_the_trip_through_its_own_json() {
    let keys = [Algorithm::Rs256, Algorithm::Es384, Algorithm::EdDsa].map(jwk);
    let set = JwkSet::parse(json!({ "keys": keys }).to_string().as_bytes()).unwrap();
    assert_eq!(JwkSet::parse(set.to_json().as_bytes()), Ok(set));
}

#[test]
fn a_set_that_could_mean_two_things_is_refused_whole() {
    let mut second = jwk(Algorithm::EdDsa);
    second["kid"] = json!("k");
    let mut first = jwk(Algorithm::Es256);
    first["kid"] = json!("k");
    let set = json!({ "keys": [first, second] }).to_string();
    assert_eq!(
        JwkSet::parse(set.as_bytes()),
        Err(JwkSetError::DuplicateKid("k".to_owned()))
    );
    assert!(matches!(
        JwkSet::parse(br#"{"keys":[],"keys":[]}"#),
        Err(JwkSetError::Json(_))
    ));
    assert!(matches!(
        JwkSet::parse(br#"{"keys":[{"kty":"EC","kty":"RSA"}]}"#),
        Err(JwkSetError::Json(_))
    ));
}

#[test]
fn what_is_no_key_set_is_refused() {
    for body in [
        "",
        "<html></html>",
        "[]",
        "{\"keys\":{}}",
        "{\"keys\":[1]}",
        "{\"keys\":null}",
        "{\"keys\":[]",
        "null",
    ] {
        assert!(
            matches!(JwkSet::parse(body.as_bytes()), Err(JwkSetError::Json(_))),
            "{body:?}"
        );
    }
    assert_eq!(
        JwkSet::parse(br#"{"error":"not found"}"#),
        Err(JwkSetError::NoKeys)
    );
}

#[test]
fn a_set_is_bounded_in_keys_and_bytes() {
    let many = |count: usize| format!("{{\"keys\":[{}]}}", vec!["{}"; count].join(","));
    assert!(JwkSet::parse(many(256).as_bytes()).is_ok());
    assert_eq!(
        JwkSet::parse(many(257).as_bytes()),
        Err(JwkSetError::TooLarge)
    );
    assert_eq!(
        JwkSet::parse(many(10_000).as_bytes()),
        Err(JwkSetError::TooLarge)
    );
    assert_eq!(
        JwkSet::parse(format!("{{\"keys\":[]{}}}", " ".repeat(600_000)).as_bytes()),
        Err(JwkSetError::TooLarge)
    );
}

#[test]
fn debug_output_of_a_key_is_short() {
    let key = Jwk::parse(jwk(Algorithm::Rs256).to_string().as_bytes()).unwrap();
    assert!(format!("{key:?}").len() < 150);
}

#[test]
fn a_key_has_a_longest_text() {
    let padded = |length: usize| {
        let mut text = jwk(Algorithm::Es256).to_string();
        text.extend(std::iter::repeat_n(' ', length - text.len()));
        Jwk::parse(text.as_bytes())
    };
    const LONGEST: usize = 64 * 1024;
    assert!(padded(LONGEST).is_ok());
    assert_eq!(padded(LONGEST + 1), Err(JwkError::TooLarge));
    assert_eq!(padded(2 * LONGEST), Err(JwkError::TooLarge));
}

#[test]
fn a_set_has_a_longest_text() {
    let padded = |length: usize| {
        let mut text = r#"{"keys":[]}"#.to_owned();
        text.extend(std::iter::repeat_n(' ', length - text.len()));
        JwkSet::parse(text.as_bytes())
    };
    const LONGEST: usize = 512 * 1024;
    assert!(padded(LONGEST).is_ok());
    assert_eq!(padded(LONGEST + 1), Err(JwkSetError::TooLarge));
}
