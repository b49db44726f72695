//! Which key a token is checked with, and what happens when keys change.
use crate::support::{AUDIENCE, ISSUER, Issuer, NOW, code, good};
use keywright_jwt::{Algorithm, JwkSet, SigningKey, VerifyingKey};
use keywright_verify::{KeySetRefused, KeySlot, Verifier};
use serde_json::json;

fn verifier(slot: &KeySlot) -> Verifier {
    Verifier::builder(ISSUER, slot.clone())
        .audience(AUDIENCE)
        .clock(|| NOW)
        .build()
        .expect("a verifier")
}

/// Signs a token whose header the test writes itself.
fn token_with_header(key: &SigningKey, header: &str) -> String {
    let encode = |part: &[u8]| base64_simd::URL_SAFE_NO_PAD.encode_to_string(part);
    let signed = key
        .sign("at+jwt", good().to_string().as_bytes())
        .expect("a signature");
    let payload = signed.split('.').nth(1).expect("a payload");
    let input = format!("{}.{payload}", encode(header.as_bytes()));
    format!(
        "{input}.{}",
        encode(&key.signature(input.as_bytes()).expect("a signature"))
    )
}

#[test]
fn keys_can_be_exchanged_under_a_running_verifier() {
    let (old, new) = (Issuer::new(Algorithm::Es256), Issuer::new(Algorithm::EdDsa));
    let slot = old.slot();
    let verifier = verifier(&slot);
    assert_eq!(code(verifier.verify(&old.token(&good()))), "accepted");
    assert_eq!(code(verifier.verify(&new.token(&good()))), "unknown_key");
    slot.replace(JwkSet {
        keys: [old.jwks().keys, new.jwks().keys].concat(),
    })
    .expect("usable keys");
    assert_eq!(code(verifier.verify(&old.token(&good()))), "accepted");
    assert_eq!(code(verifier.verify(&new.token(&good()))), "accepted");
    slot.replace(new.jwks()).expect("usable keys");
    // The header of the old key had been recognised: what was learned goes with the key.
    assert_eq!(code(verifier.verify(&old.token(&good()))), "unknown_key");
    slot.clear();
    assert_eq!(
        code(verifier.verify(&new.token(&good()))),
        "keys_unavailable"
    );
}

#[test]
fn a_revoked_key_counts_no_more_whatever_sets_still_name_it() {
    let (old, new) = (Issuer::new(Algorithm::Es256), Issuer::new(Algorithm::EdDsa));
    let both = JwkSet {
        keys: [old.jwks().keys, new.jwks().keys].concat(),
    };
    let slot = KeySlot::new(both.clone()).expect("usable keys");
    let verifier = Verifier::builder(ISSUER, slot.clone())
        .audience(AUDIENCE)
        .clock(|| NOW)
        .cache(1 << 20)
        .build()
        .expect("a verifier");
    let (by_old, by_new) = (old.token(&good()), new.token(&good()));
    assert_eq!(code(verifier.verify(&by_old)), "accepted");
    assert!(slot.revoked().is_empty());
    slot.revoke(old.key.kid());
    assert_eq!(slot.revoked(), [old.key.kid()]);
    assert_eq!(code(verifier.verify(&by_old)), "key_revoked");
    slot.replace(both).expect("one key is left");
    assert_eq!(code(verifier.verify(&by_old)), "key_revoked");
    assert_eq!(code(verifier.verify(&by_new)), "accepted");
    let none_left = slot.replace(old.jwks());
    assert_eq!(none_left, Err(KeySetRefused::NoUsableKey));
    assert_eq!(slot.kids(), [new.key.kid()]);
}

#[test]
fn a_set_without_a_usable_key_changes_nothing() {
    let issuer = Issuer::new(Algorithm::Es256);
    let slot = issuer.slot();
    assert_eq!(
        slot.replace(JwkSet::default()),
        Err(KeySetRefused::NoUsableKey)
    );
    assert_eq!(slot.kids(), [issuer.key.kid()]);
    assert_eq!(
        code(verifier(&slot).verify(&issuer.token(&good()))),
        "accepted"
    );
}

#[test]
fn symmetric_and_asymmetric_keys_do_not_mix() {
    let (public, secret) = (Issuer::new(Algorithm::Es256), Issuer::new(Algorithm::Hs256));
    let both =
        [&public, &secret].map(|issuer| (issuer.key.kid().to_owned(), issuer.key.verifying_key()));
    assert_eq!(
        KeySlot::from_keys(both).err(),
        Some(KeySetRefused::MixedFamilies)
    );
}

#[test]
fn two_keys_of_one_name_are_refused() {
    let keys = [Algorithm::Es256, Algorithm::EdDsa]
        .map(|algorithm| ("k".to_owned(), Issuer::new(algorithm).key.verifying_key()));
    assert_eq!(
        KeySlot::from_keys(keys).err(),
        Some(KeySetRefused::DuplicateKid("k".to_owned()))
    );
}

#[test]
fn a_token_without_a_key_name_is_taken_only_where_there_is_no_choice() {
    let (first, second) = (Issuer::new(Algorithm::Es256), Issuer::new(Algorithm::Es256));
    let nameless = token_with_header(&first.key, r#"{"alg":"ES256","typ":"at+jwt"}"#);
    assert_eq!(code(first.verifier().verify(&nameless)), "accepted");
    let slot = KeySlot::new(JwkSet {
        keys: [first.jwks().keys, second.jwks().keys].concat(),
    })
    .expect("usable keys");
    assert_eq!(code(verifier(&slot).verify(&nameless)), "ambiguous_key");
}

#[test]
fn the_header_cannot_choose_the_algorithm() {
    let issuer = Issuer::new(Algorithm::Rs256);
    for algorithm in ["PS256", "ES256", "HS256", "EdDSA"] {
        let header =
            json!({"alg": algorithm, "typ": "at+jwt", "kid": issuer.key.kid()}).to_string();
        assert_eq!(
            code(
                issuer
                    .verifier()
                    .verify(&token_with_header(&issuer.key, &header))
            ),
            "wrong_algorithm"
        );
        let nameless = json!({"alg": algorithm, "typ": "at+jwt"}).to_string();
        assert_eq!(
            code(
                issuer
                    .verifier()
                    .verify(&token_with_header(&issuer.key, &nameless))
            ),
            "wrong_algorithm"
        );
    }
}

#[test]
fn a_strange_key_name_is_just_an_unknown_one() {
    let issuer = Issuer::new(Algorithm::Es256);
    let names = [
        "",
        "../../../../dev/null",
        "' OR 1=1 --",
        "$(id)",
        "a\u{0}b",
        "a\r\nX: y",
        "null",
    ];
    for kid in names {
        let header = json!({"alg": "ES256", "typ": "at+jwt", "kid": kid}).to_string();
        assert_eq!(
            code(
                issuer
                    .verifier()
                    .verify(&token_with_header(&issuer.key, &header))
            ),
            "unknown_key",
            "{kid:?}"
        );
    }
    let huge = json!({"alg": "ES256", "typ": "at+jwt", "kid": "k".repeat(65_536)}).to_string();
    assert_eq!(
        code(
            issuer
                .verifier()
                .verify(&token_with_header(&issuer.key, &huge))
        ),
        "token_too_large"
    );
}

#[test]
fn a_header_is_recognised_again_however_it_is_written() {
    let issuer = Issuer::new(Algorithm::EdDsa);
    let verifier = issuer.verifier();
    for spaces in 0..10 {
        let header = format!(
            r#"{{"alg":"EdDSA",{}"typ":"at+jwt","kid":"{}"}}"#,
            " ".repeat(spaces),
            issuer.key.kid()
        );
        for _ in 0..3 {
            assert_eq!(
                code(verifier.verify(&token_with_header(&issuer.key, &header))),
                "accepted"
            );
        }
    }
}

#[test]
fn a_known_header_does_not_help_a_forged_signature() {
    let (issuer, thief) = (Issuer::new(Algorithm::EdDsa), Issuer::new(Algorithm::EdDsa));
    let verifier = issuer.verifier();
    let good_token = issuer.token(&good());
    assert_eq!(code(verifier.verify(&good_token)), "accepted");
    let header = json!({"alg": "EdDSA", "typ": "at+jwt", "kid": issuer.key.kid()});
    let header = format!(
        r#"{{"alg":"EdDSA","typ":"at+jwt","kid":{}}}"#,
        header["kid"]
    );
    let forged = token_with_header(&thief.key, &header);
    assert_eq!(forged.split('.').next(), good_token.split('.').next());
    assert_eq!(code(verifier.verify(&forged)), "signature_invalid");
}

#[test]
fn a_shared_secret_goes_by_any_name() {
    let secret = [7; 32];
    let slot = KeySlot::from_secret(Algorithm::Hs256, &secret).expect("a usable secret");
    let issuer = Issuer {
        key: SigningKey::from_private(
            Algorithm::Hs256,
            &keywright_jwt::PrivateKey::from_bytes(secret.to_vec()),
        )
        .expect("a key"),
    };
    assert_eq!(
        code(verifier(&slot).verify(&issuer.token(&good()))),
        "accepted"
    );
    assert!(KeySlot::from_secret(Algorithm::Hs256, &[7; 31]).is_err());
    assert!(KeySlot::from_secret(Algorithm::Es256, &secret).is_err());
}

#[test]
fn a_public_key_is_never_an_hmac_secret() {
    for algorithm in [Algorithm::Rs256, Algorithm::Es256, Algorithm::EdDsa] {
        let issuer = Issuer::new(algorithm);
        let jwk = issuer.jwks().keys.remove(0);
        for secret in spellings_of(&jwk) {
            if VerifyingKey::from_secret(Algorithm::Hs256, &secret).is_err() {
                continue;
            }
            let private = keywright_jwt::PrivateKey::from_bytes(secret);
            let forger = SigningKey::from_private(Algorithm::Hs256, &private).expect("an HMAC key");
            for header in [
                json!({"alg": "HS256", "typ": "at+jwt", "kid": issuer.key.kid()}),
                json!({"alg": "HS256", "typ": "at+jwt"}),
            ] {
                let forged = token_with_header(&forger, &header.to_string());
                assert_eq!(
                    code(issuer.verifier().verify(&forged)),
                    "wrong_algorithm",
                    "{algorithm}"
                );
            }
        }
    }
}

/// A public key in the forms that servers have been caught using as an HMAC secret.
fn spellings_of(jwk: &keywright_jwt::Jwk) -> Vec<Vec<u8>> {
    let json = serde_json::to_string(jwk).expect("JSON");
    let members: serde_json::Value = serde_json::from_str(&json).expect("JSON");
    let raw = members
        .as_object()
        .into_iter()
        .flatten()
        .filter_map(|(_, value)| value.as_str());
    let mut spellings: Vec<Vec<u8>> = raw
        .filter_map(|text| base64_simd::URL_SAFE_NO_PAD.decode_to_vec(text).ok())
        .collect();
    let der = spellings.concat();
    let body = base64_simd::STANDARD.encode_to_string(&der);
    for pem in [
        format!("-----BEGIN PUBLIC KEY-----\n{body}\n-----END PUBLIC KEY-----\n"),
        format!("-----BEGIN PUBLIC KEY-----\n{body}\n-----END PUBLIC KEY-----"),
        format!("\n-----BEGIN RSA PUBLIC KEY-----\r\n{body}\r\n-----END RSA PUBLIC KEY-----\r\n"),
        format!("\u{feff}-----BEGIN PUBLIC KEY-----\n{body}\n-----END PUBLIC KEY-----\n"),
        format!("ssh-ed25519 {body}"),
    ] {
        spellings.push(pem.into_bytes());
    }
    spellings.extend([json.into_bytes(), der]);
    spellings
}
