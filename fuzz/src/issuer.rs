//! An issuer that signs whatever the fuzzer invents, so that the readers behind the signature check are reached.

use std::cell::RefCell;

use aws_lc_rs::hmac;
use base64_simd::URL_SAFE_NO_PAD;
use keywright_verify::{Algorithm, KeySlot, Verifier, VerifierBuilder};

pub const ISSUER: &str = "https://id.example";
pub const AUDIENCE: &str = "https://orders.example";
pub const NOW: i64 = 1_800_000_000;

const SECRET: &[u8] = b"a secret of at least 32 bytes, shared with the fuzzer";

thread_local! {
    static SEASONED: RefCell<Option<Verifier>> = const { RefCell::new(None) };
}

pub fn sign(header: &[u8], payload: &[u8]) -> String {
    let encode = |bytes: &[u8]| URL_SAFE_NO_PAD.encode_to_string(bytes);
    let input = format!("{}.{}", encode(header), encode(payload));
    let key = hmac::Key::new(hmac::HMAC_SHA256, SECRET);
    let tag = hmac::sign(&key, input.as_bytes());
    format!("{input}.{}", encode(tag.as_ref()))
}

pub fn keys() -> KeySlot {
    KeySlot::from_secret(Algorithm::Hs256, SECRET).expect("the secret is long enough")
}

pub fn builder() -> VerifierBuilder {
    Verifier::builder(ISSUER, keys())
        .audience(AUDIENCE)
        .clock(|| NOW)
}

/// A verifier that has seen nothing yet.
pub fn fresh() -> Verifier {
    builder().build().expect("issuer and audience are named")
}

/// The answer to a token: its claims, or the code of the refusal. A verifier that has seen every token before and one
/// that has seen none must give the same.
pub fn judge(token: &str) -> Result<String, &'static str> {
    let answer = |verifier: &Verifier| match verifier.verify(token) {
        Ok(verified) => Ok(verified.claims().json().to_owned()),
        Err(refusal) => Err(refusal.code()),
    };
    let first = answer(&fresh());
    let seasoned = SEASONED.with_borrow_mut(|verifier| answer(verifier.get_or_insert_with(fresh)));
    assert_eq!(
        first.is_ok(),
        seasoned.is_ok(),
        "the answer depends on tokens seen before"
    );
    first
}
