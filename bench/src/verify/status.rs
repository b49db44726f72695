//! What it costs to ask whether a token has been revoked, in a list of a million.

use std::hint::black_box;
use std::time::Instant;

use anyhow::{Context, Result};
use base64_simd::URL_SAFE_NO_PAD;
use keywright_jwt::{Algorithm, ClaimIndex, SigningKey};
use keywright_verify::{JwkSet, KeySlot, Revocation, Status, StatusLists};
use serde_json::json;

use super::hits::nanos_since;
use super::median;
use super::tokens::{ISSUER, payload};

/// Bits per entry times entries, in bytes: a list of Keywright's.
const LIST_BYTES: usize = (2 << 20) / 8;
const NOW: i64 = 1_700_000_000;

/// Nanoseconds per token, of many that lie all over the list. The address of the list is compared each time.
pub fn lookup(rounds: usize) -> Result<f64> {
    let lists = full_list()?;
    let mut tokens = (0..1_024).map(claims_at).collect::<Result<Vec<_>>>()?;
    let indexes: Vec<_> = tokens
        .iter_mut()
        .map(ClaimIndex::read)
        .collect::<Result<_, _>>()?;
    let claims: Vec<_> = indexes
        .iter()
        .zip(&tokens)
        .map(|(index, text)| index.claims(text))
        .collect();
    let batch = 100 * claims.len();
    let samples = (0..rounds).map(|_| {
        let start = Instant::now();
        for claims in claims.iter().cycle().take(batch) {
            assert_eq!(
                black_box(lists.status(black_box(claims), NOW)),
                Status::Valid
            );
        }
        nanos_since(start, batch)
    });
    Ok(median(samples.collect()))
}

fn full_list() -> Result<StatusLists> {
    let (key, _) = SigningKey::generate(Algorithm::EdDsa)?;
    let jwk = key.public_jwk().context("an asymmetric key")?;
    let lists = StatusLists::new(ISSUER, KeySlot::new(JwkSet { keys: vec![jwk] })?, 600);
    let lst = miniz_oxide::deflate::compress_to_vec_zlib(&vec![0; LIST_BYTES], 6);
    let lst = URL_SAFE_NO_PAD.encode_to_string(lst);
    let uri = format!("{ISSUER}/s/1");
    let claims = json!({"sub": uri, "iat": NOW, "ttl": 30, "status_list": {"bits": 2, "lst": lst}});
    let token = key.sign("statuslist+jwt", claims.to_string().as_bytes())?;
    lists.take(&uri, &token, NOW)?;
    Ok(lists)
}

/// The claims of a token whose entry is anywhere: 7,919 steps through the list in no order that a prefetcher foresees.
fn claims_at(number: usize) -> Result<String> {
    let index = (number * 7_919 * 131) % (1 << 20);
    let text = String::from_utf8(payload(number)?)?;
    Ok(text.replace("4711", &index.to_string()))
}
