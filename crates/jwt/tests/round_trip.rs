//! Every algorithm signs what it verifies, and verifies nothing else.

use keywright_jwt::{
    Algorithm, Compact, Jwk, KeyError, PrivateKey, SignError, SigningKey, VerifyingKey,
    decode_unverified,
};

fn verifies(key: &VerifyingKey, token: &str) -> bool {
    let Ok(compact) = Compact::split(token) else {
        return false;
    };
    compact.decode_signature().is_ok_and(|signature| {
        key.verify(compact.signing_input(), signature.as_bytes())
            .is_ok()
    })
}

#[test]
fn every_algorithm_verifies_its_own_signature_and_no_changed_byte() {
    for algorithm in Algorithm::ALL {
        let (key, _) = SigningKey::generate(algorithm).unwrap();
        let token = key.sign("at+jwt", br#"{"sub":"alice"}"#).unwrap();
        assert!(verifies(&key.verifying_key(), &token), "{algorithm}");
        for at in (0..token.len()).filter(|at| token.as_bytes()[*at] != b'.') {
            let mut changed = token.clone().into_bytes();
            changed[at] = if changed[at] == b'A' { b'B' } else { b'A' };
            let changed = String::from_utf8(changed).unwrap();
            assert!(
                !verifies(&key.verifying_key(), &changed),
                "{algorithm}: byte {at} is not covered"
            );
        }
    }
}

#[test]
fn a_key_restored_from_its_private_bytes_is_the_same_key() {
    for algorithm in Algorithm::ALL {
        let (key, private) = SigningKey::generate(algorithm).unwrap();
        let restored = SigningKey::from_private(
            algorithm,
            &PrivateKey::from_bytes(private.as_bytes().to_vec()),
        )
        .unwrap();
        assert_eq!(restored.kid(), key.kid());
        assert!(
            verifies(&key.verifying_key(), &restored.sign("JWT", b"{}").unwrap()),
            "{algorithm}"
        );
    }
}

#[test]
fn a_published_key_verifies_after_a_trip_through_json() {
    for algorithm in Algorithm::ALL
        .into_iter()
        .filter(|algorithm| !algorithm.is_symmetric())
    {
        let (key, _) = SigningKey::generate(algorithm).unwrap();
        let published = serde_json::to_vec(&key.public_jwk().unwrap()).unwrap();
        let jwk = Jwk::parse(&published).unwrap();
        assert_eq!(jwk.kid(), Some(key.kid()));
        assert_eq!(jwk.thumbprint(), key.kid());
        let verifying = VerifyingKey::from_jwk(&jwk, algorithm).unwrap();
        assert!(
            verifies(&verifying, &key.sign("at+jwt", b"{}").unwrap()),
            "{algorithm}"
        );
    }
}

#[test]
fn no_key_verifies_for_another_algorithm() {
    let keys: Vec<_> = Algorithm::ALL
        .into_iter()
        .map(|algorithm| SigningKey::generate(algorithm).unwrap().0)
        .collect();
    for (signer, verifier) in keys
        .iter()
        .flat_map(|signer| keys.iter().map(move |verifier| (signer, verifier)))
    {
        if signer.algorithm() != verifier.algorithm() {
            let token = signer.sign("at+jwt", b"{}").unwrap();
            assert!(
                !verifies(&verifier.verifying_key(), &token),
                "{} by {}",
                signer.algorithm(),
                verifier.algorithm()
            );
        }
    }
}

#[test]
fn a_published_key_serves_no_algorithm_but_its_own() {
    for own in Algorithm::ALL
        .into_iter()
        .filter(|algorithm| !algorithm.is_symmetric())
    {
        let jwk = SigningKey::generate(own).unwrap().0.public_jwk().unwrap();
        for other in Algorithm::ALL.into_iter().filter(|other| *other != own) {
            assert_eq!(
                VerifyingKey::from_jwk(&jwk, other).err(),
                Some(KeyError::WrongUse(other)),
                "{own} as {other}"
            );
        }
    }
}

#[test]
fn a_symmetric_key_has_no_public_half() {
    assert!(
        SigningKey::generate(Algorithm::Hs256)
            .unwrap()
            .0
            .public_jwk()
            .is_none()
    );
}

#[test]
fn secrets_shorter_than_the_hash_are_refused() {
    for (algorithm, needed) in [
        (Algorithm::Hs256, 32),
        (Algorithm::Hs384, 48),
        (Algorithm::Hs512, 64),
    ] {
        let short = vec![7; needed - 1];
        let refusal = KeyError::ShortSecret {
            algorithm,
            needed,
            actual: needed - 1,
        };
        assert_eq!(
            VerifyingKey::from_secret(algorithm, &short).err(),
            Some(refusal.clone())
        );
        assert_eq!(
            SigningKey::from_private(algorithm, &PrivateKey::from_bytes(short)).err(),
            Some(refusal)
        );
        assert!(VerifyingKey::from_secret(algorithm, &vec![7; needed]).is_ok());
    }
}

#[test]
fn a_private_key_of_another_kind_is_refused() {
    for own in Algorithm::ALL
        .into_iter()
        .filter(|algorithm| !algorithm.is_symmetric())
    {
        let (_, private) = SigningKey::generate(own).unwrap();
        let family =
            |algorithm: Algorithm| algorithm.as_str().trim_start_matches(['R', 'P']).to_owned();
        for other in Algorithm::ALL
            .into_iter()
            .filter(|other| !other.is_symmetric() && family(*other) != family(own))
        {
            assert!(
                SigningKey::from_private(other, &private).is_err(),
                "{own} taken for {other}"
            );
        }
    }
}

#[test]
fn debug_output_shows_no_key_material() {
    let (key, private) = SigningKey::generate(Algorithm::Hs256).unwrap();
    assert_eq!(format!("{private:?}"), "PrivateKey(…)");
    assert_eq!(
        format!("{key:?}"),
        format!("SigningKey {{ alg: Hs256, kid: {:?}, .. }}", key.kid())
    );
    assert_eq!(
        format!("{:?}", key.verifying_key()),
        "VerifyingKey { alg: Hs256, .. }"
    );
}

#[test]
fn a_type_that_would_need_escaping_is_refused() {
    let (key, _) = SigningKey::generate(Algorithm::Es256).unwrap();
    for typ in ["", "a b", "a\"b", "a\\b", "jwt\n", "é"] {
        assert!(key.sign(typ, b"{}").is_err(), "{typ:?}");
    }
    assert!(key.sign("dpop+jwt", b"{}").is_ok());
}

#[test]
fn signatures_and_drawn_secrets_are_as_long_as_their_algorithm_says() {
    for (algorithm, len) in [
        (Algorithm::Hs256, 32),
        (Algorithm::Hs384, 48),
        (Algorithm::Hs512, 64),
        (Algorithm::Rs256, 256),
        (Algorithm::Ps256, 256),
        (Algorithm::Es256, 64),
        (Algorithm::Es384, 96),
        (Algorithm::EdDsa, 64),
    ] {
        let (key, private) = SigningKey::generate(algorithm).unwrap();
        assert_eq!(key.verifying_key().signature_len(), len, "{algorithm}");
        if algorithm.is_symmetric() {
            assert_eq!(private.as_bytes().len(), len, "{algorithm}");
        }
    }
}

#[test]
fn every_token_says_its_algorithm_its_type_and_its_key() {
    let (key, _) = SigningKey::generate(Algorithm::EdDsa).unwrap();
    let longest = "t".repeat(127);
    for typ in ["at+jwt", "JWT", "example+jwt", &longest] {
        let token = key.sign(typ, br#"{"sub":"alice"}"#).unwrap();
        let read = decode_unverified(&token).unwrap();
        let header = serde_json::json!({ "alg": "EdDSA", "typ": typ, "kid": key.kid() });
        assert_eq!(read.header, header);
        assert_eq!(read.claims, serde_json::json!({ "sub": "alice" }));
        assert_eq!(read.signature_len, 64);
    }
}

#[test]
fn a_type_that_json_would_have_to_escape_is_not_signed() {
    let (key, _) = SigningKey::generate(Algorithm::EdDsa).unwrap();
    for typ in ["", "a\"b", "a b", "ü", &"t".repeat(128)] {
        let refused = key.sign(typ, b"{}");
        assert!(matches!(refused, Err(SignError::MalformedType)), "{typ}");
    }
}
