//! One record, as each grant of `client_credentials` waits for it.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use anyhow::Result;
use keywright_domain::keys::MacKey;
use keywright_domain::ledger::{Entry, Jti};
use keywright_domain::ports::Ledger;
use keywright_store::Store;
use tokio::task::JoinSet;

use super::data::{NOW, class, random};
use crate::store::meter::{Meter, median};

const ROUNDS: usize = 3;

pub async fn measure(store: &Arc<Store>) -> Result<()> {
    let next = Arc::new(AtomicU64::new(0));
    for (at_once, times) in [(1, 300), (8, 3_000), (64, 20_000)] {
        let mut rounds = Vec::new();
        for _ in 0..ROUNDS {
            let meter = Meter::start()?;
            let mut workers = JoinSet::new();
            for _ in 0..at_once {
                workers.spawn(work(Arc::clone(store), Arc::clone(&next), times / at_once));
            }
            let mut latencies = Vec::new();
            while let Some(done) = workers.join_next().await {
                latencies.extend(done??);
            }
            rounds.push(meter.stop(latencies)?);
        }
        let middle = median(&mut rounds);
        println!(
            "  a durable record, {at_once:>2} at once: {:>6.1} µs of CPU in this process, {:>6.0} per second, p50 {:.2} ms, p99 {:.2} ms",
            middle.micros,
            middle.rate,
            middle.p50.as_secs_f64() * 1e3,
            middle.p99.as_secs_f64() * 1e3
        );
    }
    Ok(())
}

async fn work(
    store: Arc<Store>,
    next: Arc<AtomicU64>,
    times: u64,
) -> Result<Vec<std::time::Duration>> {
    let key = MacKey::new(1, &[6; 32]);
    let mut latencies = Vec::new();
    for _ in 0..times {
        let began = Instant::now();
        let jti = Jti::new(NOW, random(next.fetch_add(1, Ordering::Relaxed)));
        store
            .record_token(&Entry::new(jti, class(0)?, None, &key))
            .await?;
        latencies.push(began.elapsed());
    }
    Ok(latencies)
}
