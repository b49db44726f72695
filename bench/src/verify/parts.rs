//! Where the time beside the signature goes: the parts of a verification, each alone.

use std::hint::black_box;
use std::str;
use std::time::Instant;

use anyhow::Result;
use keywright_jwt::{Algorithm, ClaimIndex, Compact};
use keywright_verify::{Clock, SystemClock};

use super::median;
use super::tokens::Issued;

pub struct Part {
    pub name: &'static str,
    pub nanos: f64,
}

pub fn measure(rounds: usize) -> Result<Vec<Part>> {
    let issued = Issued::new(Algorithm::Es256)?;
    let compact = Compact::split(&issued.tokens[0])?;
    let (mut buffer, mut index) = (Vec::new(), ClaimIndex::default());
    compact.decode_payload(&mut buffer)?;
    let payload = buffer.clone();
    let mut text = String::from_utf8(payload.clone())?;
    Ok(vec![
        part("signature decoded", rounds, || {
            black_box(&compact).with_signature(|signature| {
                black_box(signature);
            })?;
            Ok(())
        })?,
        part("payload decoded", rounds, || {
            buffer.clear();
            Ok(black_box(&compact).decode_payload(&mut buffer)?)
        })?,
        part("payload checked to be UTF-8", rounds, || {
            black_box(str::from_utf8(black_box(&payload))?);
            Ok(())
        })?,
        part("claims read", rounds, || {
            Ok(index.read_again(black_box(&mut text))?)
        })?,
        part("clock read", rounds, || {
            black_box(SystemClock.now());
            Ok(())
        })?,
    ])
}

fn part(name: &'static str, rounds: usize, mut work: impl FnMut() -> Result<()>) -> Result<Part> {
    const BATCH: usize = 2_000;
    let mut samples = Vec::with_capacity(rounds);
    for _ in 0..rounds {
        let start = Instant::now();
        for _ in 0..BATCH {
            work()?;
        }
        #[expect(clippy::cast_precision_loss, reason = "a few thousand")]
        samples.push(start.elapsed().as_secs_f64() * 1e9 / BATCH as f64);
    }
    Ok(Part {
        name,
        nanos: median(samples),
    })
}
